// Who may ask Gong what, and how fast: key, host, address list, limits, scopes.
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Answer, SandboxRequest } from '../exchange.ts';
import { createDailyQuota, createTokenBucket } from '../rate-limit.ts';
import type { SandboxSettings } from '../settings.ts';

export interface GongKey {
  readonly accessKey: string;
  readonly accessKeySecret: string;
}

/** An error as Gong words it. */
export function refuse(status: number, error: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers, json: { errors: [error] } };
}

export function createGongAccess(
  key: GongKey,
  settings: SandboxSettings,
  clock: Clock,
): (request: SandboxRequest) => Answer | undefined {
  const isWithinSecond = createTokenBucket(clock);
  const waitForDay = createDailyQuota(clock);
  const expected = `Basic ${Buffer.from(`${key.accessKey}:${key.accessKeySecret}`).toString('base64')}`;
  return (request) => {
    const authorization = request.headers.authorization;
    if (authorization === undefined) return unauthorized('Missing mandatory header "Authorization"');
    if (settings.wrongHost || !isSame(authorization, expected))
      return unauthorized('Validate credentials failed. Please check your credentials and try again.');
    if (settings.ipRefused) return refuse(403, 'Access denied: the address is not on the list of trusted addresses.');
    if (!isWithinSecond(settings.gongRequestsPerSecond))
      return refuse(429, 'Too many requests: the limit of requests per second is exceeded.', { 'retry-after': '1' });
    const waitMs = waitForDay(settings.gongRequestsPerDay, settings.gongQuotaPauseSeconds * 1000);
    if (waitMs > 0)
      return refuse(429, 'Too many requests: the limit of requests per day is exceeded.', {
        'retry-after': String(Math.ceil(waitMs / 1000)),
      });
    return undefined;
  };
}

/** The answer to a key without `scope`, or undefined when it has it. */
export function refuseScope(settings: SandboxSettings, scope: string): Answer | undefined {
  if (settings.scopes === 'all' || settings.scopes.includes(scope)) return undefined;
  return refuse(401, `You don't have permission to use '${scope}' in your app.`);
}

function unauthorized(error: string): Answer {
  return refuse(401, error, { 'www-authenticate': 'Basic realm="Gong.io API"' });
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
