// Lengths of time on the command line.
import { describe, expect, it } from 'vitest';
import { durationFlag } from '../../src/cli/durations.ts';

describe('a length of time', () => {
  it.each([
    ['0s', 0],
    ['45s', 45_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    [undefined, 5],
  ])('%s is %i milliseconds', (text, ms) => {
    expect(durationFlag({ wait: text }, 'wait', 5)).toBe(ms);
  });

  it.each(['', '5', 'm', '1.5h', '-1s', '1d', '9999999s'])('%j is refused', (text) => {
    expect(() => durationFlag({ wait: text }, 'wait', 5)).toThrow('--wait must be a length of time: 45s, 15m or 2h.');
  });
});
