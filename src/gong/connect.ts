// The Gong client as the configuration wants it: one HTTP client, one limiter.
import { createHttpClient, type HttpClient, type HttpEnvironment } from '../http/client.ts';
import { createLimiter, type Limiter } from '../http/limiter.ts';
import { createGongClient, type GongClient } from './client.ts';

export interface GongSettings {
  readonly gong_base_url: string;
  readonly gong_access_key: string;
  readonly gong_access_key_secret: string;
  readonly gong_requests_per_second: number;
  readonly gong_requests_per_day: number;
}

export interface GongConnection {
  readonly client: GongClient;
  readonly http: HttpClient;
  readonly limiter: Limiter;
}

/**
 * @param insideAllowed the host was listed by the user: it may resolve to an inside address
 * @param usedToday     requests made earlier today, by other processes
 */
export function connectGong(
  settings: GongSettings,
  environment: HttpEnvironment,
  insideAllowed: boolean,
  usedToday: number,
): GongConnection {
  const limiter = createLimiter({
    service: 'Gong',
    requestsPerSecond: settings.gong_requests_per_second,
    requestsPerDay: settings.gong_requests_per_day,
    clock: environment.clock,
    usedToday,
  });
  const pair = Buffer.from(`${settings.gong_access_key}:${settings.gong_access_key_secret}`, 'utf8');
  const http = createHttpClient({
    ...environment,
    service: 'Gong',
    baseUrl: new URL(settings.gong_base_url),
    authorization: `Basic ${pair.toString('base64')}`,
    insideAllowed,
    limiter,
  });
  return { client: createGongClient(http), http, limiter };
}
