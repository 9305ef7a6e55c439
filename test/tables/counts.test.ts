// Every record that came is stored, superseded or rejected: a destination that loses count says so instead of committing.
import { describe, expect, test } from 'vitest';
import { countsOf, emptyCounts, replayedCounts } from '../../src/tables/counts.ts';
import { streamOf, text } from '../contracts/batches.ts';

const staged = {
  configured: streamOf('calls', { id: text }, { namespace: 'n' }),
  files: [],
  rows: 5,
  bytes: 0,
  longestLine: 0,
};
const none = {
  stream: 'calls',
  namespace: 'n',
  staged: 0,
  written: 0,
  superseded: 0,
  rejected: 0,
  nulled: 0,
  rounded: 0,
};

describe('the counts of a stream', () => {
  test('say what became of each record', () => {
    expect(emptyCounts(staged)).toEqual(none);
    expect(replayedCounts(staged)).toEqual({ ...none, staged: 5, superseded: 5 });
    expect(countsOf(staged, { written: 2, superseded: 2, rejected: 1 }, { nulled: 7, rounded: 3 })).toEqual({
      ...none,
      staged: 5,
      written: 2,
      superseded: 2,
      rejected: 1,
      nulled: 7,
      rounded: 3,
    });
  });

  test.each([
    { written: 2, superseded: 1, rejected: 1 },
    { written: 6, superseded: 0, rejected: 0 },
    { written: 6, superseded: -1, rejected: 0 },
    { written: 5, superseded: 1, rejected: -1 },
  ])('are refused when they do not account for all: %j', (became) => {
    expect(() => countsOf(staged, became, { nulled: 0, rounded: 0 })).toThrow(
      expect.objectContaining({ area: 'bug', message: expect.stringContaining('stream calls: 5 records came') }),
    );
  });
});
