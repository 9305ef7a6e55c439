// The Semarize client as the configuration wants it.
import { createHttpClient, type HttpClient, type HttpEnvironment } from '../http/client.ts';
import { createLimiter } from '../http/limiter.ts';
import { createSemarizeClient, type SemarizeClient } from './client.ts';

/** Semarize publishes no quota: this only keeps a burst of polls apart. */
const requestsPerSecond = 20;

export function connectSemarize(
  settings: { readonly semarize_base_url: string; readonly semarize_api_key: string },
  environment: HttpEnvironment,
  insideAllowed: boolean,
): { client: SemarizeClient; http: HttpClient } {
  const http = createHttpClient({
    ...environment,
    service: 'Semarize',
    baseUrl: new URL(settings.semarize_base_url),
    authorization: `Bearer ${settings.semarize_api_key}`,
    insideAllowed,
    limiter: createLimiter({
      service: 'Semarize',
      requestsPerSecond,
      requestsPerDay: Number.POSITIVE_INFINITY,
      clock: environment.clock,
    }),
  });
  return { client: createSemarizeClient(http), http };
}
