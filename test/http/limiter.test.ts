import { expect, test } from 'vitest';
import { createLimiter } from '../../src/http/limiter.ts';
import { createVirtualClock } from '../../src/sandbox/clock.ts';

const start = Date.parse('2026-03-02T23:59:50Z');

function limiterOf(options: { perSecond?: number; perDay?: number; usedToday?: number } = {}) {
  const clock = createVirtualClock(start);
  const limiter = createLimiter({
    service: 'Gong',
    requestsPerSecond: options.perSecond ?? 2,
    requestsPerDay: options.perDay ?? 1000,
    usedToday: options.usedToday ?? 0,
    clock,
  });
  return { clock, limiter };
}

test('G22 however many ask at once, no second holds more than two', async () => {
  const { clock, limiter } = limiterOf();
  const times: number[] = [];
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      await limiter.take();
      times.push(clock.now());
    }),
  );
  for (const at of times)
    expect(times.filter((other) => other >= at && other <= at + 1000).length).toBeLessThanOrEqual(2);
});

test('a pause holds everybody back, also those who already wait', async () => {
  const { clock, limiter } = limiterOf();
  await limiter.take();
  const waiting = limiter.take();
  limiter.pauseFor(7000);
  await waiting;
  expect(clock.now() - start).toBeGreaterThanOrEqual(7000);
});

test.each<[string, [atMs: number, pauseMs: number][], number]>([
  [
    'a shorter one that is asked for later',
    [
      [0, 7000],
      [0, 100],
    ],
    7000,
  ],
  [
    'a shorter one that ends at the same time',
    [
      [0, 7000],
      [6000, 1000],
    ],
    7000,
  ],
  [
    'one that ends a millisecond later',
    [
      [0, 7000],
      [6000, 1001],
    ],
    7001,
  ],
  [
    'a longer one',
    [
      [0, 100],
      [0, 7000],
    ],
    7000,
  ],
  [
    'none at all',
    [
      [0, 7000],
      [0, 0],
    ],
    7000,
  ],
  [
    'one that is over',
    [
      [0, 100],
      [3000, 7000],
    ],
    10_000,
  ],
])('of several pauses the one that ends last counts: %s', async (_, pauses, ends) => {
  const { clock, limiter } = limiterOf();
  for (const [at, ms] of pauses) {
    clock.set(start + at);
    limiter.pauseFor(ms);
  }
  await limiter.take();
  expect(clock.now() - start).toBe(ends);
});

test('a pause that is over holds nobody back', async () => {
  const { clock, limiter } = limiterOf();
  limiter.pauseFor(100);
  clock.advance(100);
  await limiter.take();
  expect(clock.now() - start).toBe(100);
});

test('the day’s allowance ends with a quota error that names the next UTC day, and is whole again then', async () => {
  const { clock, limiter } = limiterOf({ perDay: 3, usedToday: 2 });
  await limiter.take();
  await expect(limiter.take()).rejects.toMatchObject({ area: 'quota', resumeAt: Date.parse('2026-03-03T00:00:00Z') });
  clock.advance(20_000);
  await limiter.take();
  expect(limiter.usage()).toEqual({ day: '2026-03-03', today: 1, total: 2 });
});

test('an abort ends the waiting', async () => {
  const { limiter } = limiterOf();
  const controller = new AbortController();
  await limiter.take();
  limiter.pauseFor(60_000);
  const waiting = limiter.take(controller.signal);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
