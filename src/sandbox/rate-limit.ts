// A token bucket and a daily counter on the sandbox's clock.
import type { Clock } from '../core/clock.ts';

/** Asked once a request: true when it is within `perSecond` (the bucket holds one second's worth). */
export function createTokenBucket(clock: Clock): (perSecond: number) => boolean {
  let tokens = Number.POSITIVE_INFINITY;
  let lastMs = clock.monotonic();
  return (perSecond) => {
    if (perSecond === Number.POSITIVE_INFINITY) return true;
    const now = clock.monotonic();
    tokens = Math.min(perSecond, tokens + ((now - lastMs) / 1000) * perSecond);
    lastMs = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/**
 * Asked once a request: milliseconds to wait, or 0 when it counts among the day's `perDay`. A spent day is good again after
 * `pauseMs`; a day that is not spent begins anew after 24 hours.
 */
export function createDailyQuota(clock: Clock): (perDay: number, pauseMs: number) => number {
  let used = 0;
  let freshAtMs = Number.NEGATIVE_INFINITY;
  let spent = false;
  return (perDay, pauseMs) => {
    const now = clock.now();
    if (now >= freshAtMs) {
      used = 0;
      spent = false;
      freshAtMs = now + 86_400_000;
    }
    if (used >= perDay) {
      if (!spent) freshAtMs = now + pauseMs;
      spent = true;
      return Math.max(1, freshAtMs - now);
    }
    used += 1;
    return 0;
  };
}
