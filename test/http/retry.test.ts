import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideRetry, defaultRetryPolicy, parseRetryAfter } from '../../src/http/retry.ts';

const now = Date.parse('2026-03-02T08:00:00Z');

describe('decideRetry', () => {
  test.each([408, 425, 429, 500, 502, 503, 504, undefined])('status %s is tried again', (status) => {
    expect(decideRetry({ status }, 1, defaultRetryPolicy, 0.5)).toMatchObject({ retry: true });
  });

  test.each([200, 301, 400, 401, 402, 403, 404, 405, 409, 413, 422, 501])('status %s is final', (status) => {
    expect(decideRetry({ status }, 1, defaultRetryPolicy, 0.5)).toEqual({ retry: false });
  });

  test('what the server asks is a floor, never cut; our own back-off stays within its cap; tries end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: defaultRetryPolicy.maxWaitMs }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, retryAfterMs, random) => {
          const decision = decideRetry({ status: 429, retryAfterMs }, attempt, defaultRetryPolicy, random);
          if (!decision.retry) throw new Error('not tried again');
          expect(decision.delayMs).toBeGreaterThanOrEqual(retryAfterMs);
          expect(decision.delayMs).toBeLessThanOrEqual(Math.max(retryAfterMs, 1000 * 2 ** (attempt - 1), 0));
        },
      ),
    );
    expect(decideRetry({ status: 500 }, 6, defaultRetryPolicy, 0)).toEqual({ retry: false });
  });

  // Asked for, in milliseconds; the nth try; a random number. Own back-off: 0.1 s, doubled at each try, at most 1 s, times the number.
  test.each<[asked: number | undefined, attempt: number, random: number, delayMs: number]>([
    [undefined, 1, 0, 0],
    [undefined, 1, 0.5, 50],
    [undefined, 2, 0.5, 100],
    [undefined, 4, 0.5, 400],
    [undefined, 5, 0.5, 500],
    [undefined, 6, 0.5, 500],
    [0, 4, 0.5, 400],
    [10, 4, 0.5, 400],
    [399, 4, 0.5, 400],
    [400, 4, 0.5, 400],
    [401, 4, 0.5, 401],
    [400, 4, 0, 400],
    [5000, 4, 0.5, 5000],
    [20_000, 4, 0.5, 20_000],
  ])('asked to wait %s ms after try %i, random %d: %d ms', (retryAfterMs, attempt, random, delayMs) => {
    const policy = { tries: 7, baseMs: 100, capMs: 1000, maxWaitMs: 20_000 };
    for (const status of [429, 503, undefined])
      expect(decideRetry({ status, retryAfterMs }, attempt, policy, random)).toEqual({ retry: true, delayMs });
  });

  test('the last try is final, the one before is not; the longest wait is waited, one millisecond more is not', () => {
    const policy = { tries: 3, baseMs: 100, capMs: 1000, maxWaitMs: 20_000 };
    expect([1, 2, 3, 4].map((attempt) => decideRetry({ status: 500 }, attempt, policy, 0).retry)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(decideRetry({ status: 429, retryAfterMs: 20_000 }, 2, policy, 0)).toEqual({ retry: true, delayMs: 20_000 });
    expect(decideRetry({ status: 429, retryAfterMs: 20_001 }, 2, policy, 0)).toEqual({ retry: false, waitMs: 20_001 });
    // What was asked for is handed back after the last try too; a wait that we would have made is not.
    expect(decideRetry({ status: 429, retryAfterMs: 20_001 }, 3, policy, 0)).toEqual({ retry: false, waitMs: 20_001 });
    expect(decideRetry({ status: 429, retryAfterMs: 20_000 }, 3, policy, 0)).toEqual({ retry: false });
  });

  test('G21 a wait beyond ours is handed back instead of being waited', () => {
    const waitMs = defaultRetryPolicy.maxWaitMs + 1000;
    expect(decideRetry({ status: 429, retryAfterMs: waitMs }, 1, defaultRetryPolicy, 0)).toEqual({
      retry: false,
      waitMs,
    });
  });
});

test.each([
  ['7', 7000],
  [' 7 ', 7000],
  ['0', 0],
  ['999999999', 999_999_999_000],
  ['9999999999', undefined],
  ['', undefined],
  ['-5', undefined],
  ['1e9', undefined],
  ['0x10', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  [undefined, undefined],
  ['Mon, 02 Mar 2026 08:00:30 GMT', 30_000],
  ['Monday, 02-Mar-26 08:00:30 GMT', 30_000],
  ['Mon Mar  2 08:00:30 2026', 30_000],
  ['Mon, 02 Mar 2026 07:00:00 GMT', 0],
  ['Fri, 01 Jan 9999 00:00:00 GMT', 999_999_999_000],
])('G20 Retry-After %j is %j ms', (value, expected) => {
  expect(parseRetryAfter(value, undefined, now)).toBe(expected);
});

test('G20 the date form without a zone means GMT, whatever zone this machine is in', () => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'Asia/Tokyo';
  try {
    expect(parseRetryAfter('Mon Mar  2 08:00:30 2026', undefined, now)).toBe(30_000);
  } finally {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  }
});

test('G20 a date is measured against the server’s own clock', () => {
  expect(parseRetryAfter('Mon, 02 Mar 2026 08:00:30 GMT', now - 60_000, now)).toBe(90_000);
});
