// The retry decision, pure: what may be tried again, and after how long. Nothing else in the program repeats a request.

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly tries: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** Longest wait that is still waited; a longer one is the caller's business (checkpoint and stop). */
  readonly maxWaitMs: number;
}

export const defaultRetryPolicy: RetryPolicy = { tries: 6, baseMs: 1000, capMs: 60_000, maxWaitMs: 15 * 60_000 };

/** How one try ended, when it did not end well. */
export interface Failure {
  /** Absent when no whole answer came (connection, time-out, truncation). */
  readonly status?: number | undefined;
  /** What the other side asked to wait, milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

export type RetryDecision = { retry: true; delayMs: number } | { retry: false; waitMs?: number };

/** As many seconds as nine digits say: what is longer is a mistake, and the end of such a wait is no date any more. */
const longestMs = 999_999_999_000;

const retryableStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

export function isRetryableStatus(status: number): boolean {
  return retryableStatuses.has(status);
}

/**
 * @param attempt tries made so far, ≥ 1
 * @param random  in [0, 1)
 * The server's word is a floor under our own back-off, never cut. `waitMs` is set when it asked for more than we wait.
 */
export function decideRetry(failure: Failure, attempt: number, policy: RetryPolicy, random: number): RetryDecision {
  if (failure.status !== undefined && !isRetryableStatus(failure.status)) return { retry: false };
  const asked = failure.retryAfterMs ?? 0;
  if (asked > policy.maxWaitMs) return { retry: false, waitMs: asked };
  if (attempt >= policy.tries) return { retry: false };
  const backOff = random * Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1));
  return { retry: true, delayMs: Math.max(asked, backOff) };
}

/**
 * `Retry-After` as milliseconds from now. Seconds, or an HTTP date measured against the server's own `Date` (else against
 * `now`); a past date is 0. Anything else counts as absent. Source: RFC 9110 §10.2.3.
 */
export function parseRetryAfter(
  value: string | undefined,
  serverDate: number | undefined,
  now: number,
): number | undefined {
  if (value === undefined) return undefined;
  const trimmed = value.trim();
  if (/^\d{1,9}$/.test(trimmed)) return Number(trimmed) * 1000;
  // Only the date forms of HTTP: Date.parse alone would take "1e9" or "-5" for a year.
  if (!/^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}/.test(trimmed)) return undefined;
  // The oldest of the three forms ends with the year and means GMT too.
  const date = Date.parse(/\d{2}:\d{2}:\d{2} \d{4}$/.test(trimmed) ? `${trimmed} GMT` : trimmed);
  if (Number.isNaN(date)) return undefined;
  return Math.min(Math.max(0, date - (serverDate ?? now)), longestMs);
}
