import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextPollDelay } from '../../src/semarize/poll-delay.ts';

function delays(count: number, asked?: number): number[] {
  const found: number[] = [];
  for (let n = 0; n < count; n++) found.push(nextPollDelay(found.at(-1), n === 0 ? asked : undefined));
  return found;
}

test('the first look comes after a second, the gaps grow, and none is longer than a quarter of a minute', () => {
  const gaps = delays(12);
  expect(gaps[0]).toBe(1000);
  for (let n = 1; n < gaps.length; n++) expect(gaps[n]).toBeGreaterThanOrEqual(gaps[n - 1] ?? 0);
  expect(gaps.at(-1)).toBe(15_000);
  // Ten minutes of a run that never ends cost few requests.
  const polls = delays(100).reduce((sum, gap) => (sum.ms + gap > 600_000 ? sum : { ms: sum.ms + gap, n: sum.n + 1 }), {
    ms: 0,
    n: 0,
  });
  expect(polls.n).toBeLessThan(50);
});

test('what the server asks for is a floor, never cut', () => {
  expect(nextPollDelay(undefined, 20_000)).toBe(20_000);
  expect(nextPollDelay(undefined, 10)).toBe(1000);
  expect(nextPollDelay(15_000, 60_000)).toBe(60_000);
});

test('a long wait that was asked for once does not make the next ones longer', () => {
  expect(nextPollDelay(60_000, undefined)).toBe(15_000);
});

test('no poll ever comes within a second', () => {
  fc.assert(
    fc.property(
      fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined }),
      fc.option(fc.integer(), { nil: undefined }),
      (previous, asked) => {
        const before = previous === undefined ? undefined : Math.max(1000, previous);
        expect(nextPollDelay(before, asked)).toBeGreaterThanOrEqual(1000);
      },
    ),
  );
});
