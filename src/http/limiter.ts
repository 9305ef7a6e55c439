// One limiter per service, shared by every code path: paces requests, pauses all of them when the service asks, and counts
// them against a daily allowance.
import type { Clock } from '../core/clock.ts';
import { ConnectorError } from '../core/errors.ts';

export interface LimiterOptions {
  readonly service: string;
  readonly requestsPerSecond: number;
  readonly requestsPerDay: number;
  readonly clock: Clock;
  /** Requests already made today, by an earlier process. */
  readonly usedToday?: number;
}

export interface Limiter {
  /** Resolves when the next request may go. Throws area `quota` when today's allowance is used up. */
  take(signal?: AbortSignal): Promise<void>;
  /** Nothing goes for the next `ms` milliseconds. */
  pauseFor(ms: number): void;
  /** Requests made today (UTC), and in this process. */
  usage(): { day: string; today: number; total: number };
}

const dayMs = 86_400_000;

export function createLimiter(options: LimiterOptions): Limiter {
  const { clock } = options;
  // A little more than the even share: requests that drift together on the way must not make one too many in a second.
  const gapMs = 1020 / options.requestsPerSecond;
  let day = utcDay(clock.now());
  let today = options.usedToday ?? 0;
  let total = 0;
  // On the monotonic clock.
  let nextAt = 0;
  let pausedUntil = 0;

  return {
    async take(signal) {
      for (;;) {
        const now = clock.monotonic();
        const at = Math.max(nextAt, pausedUntil);
        if (at <= now) break;
        await clock.sleep(at - now, signal);
      }
      signal?.throwIfAborted();
      // The slot is claimed before anything is awaited, so two callers never share one.
      nextAt = Math.max(nextAt, clock.monotonic()) + gapMs;
      const current = utcDay(clock.now());
      if (current !== day) {
        day = current;
        today = 0;
      }
      if (today >= options.requestsPerDay) {
        const resumeAt = (Math.floor(clock.now() / dayMs) + 1) * dayMs;
        throw new ConnectorError(
          `The daily allowance of ${options.requestsPerDay} requests to ${options.service} is used up.`,
          {
            area: 'quota',
            resumeAt,
            hint: 'run the same command tomorrow (UTC), or raise gong_requests_per_day if the company quota has room',
          },
        );
      }
      today += 1;
      total += 1;
    },
    pauseFor(ms) {
      pausedUntil = Math.max(pausedUntil, clock.monotonic() + ms);
    },
    usage: () => ({ day, today: utcDay(clock.now()) === day ? today : 0, total }),
  };
}

function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
