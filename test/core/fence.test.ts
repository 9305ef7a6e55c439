// Who has been overtaken by another process stores nothing more; who sends a batch again gets the answer of the first time.
import { describe, expect, test } from 'vitest';
import type { Batch, CommittedStream } from '../../src/core/destination.ts';
import { createFence, nextState, type StoredState } from '../../src/core/fence.ts';

const state = (seq: number, batchId = `b${seq}`): StoredState => ({ seq, batchId, streams: { calls: { n: seq } } });
const counts: CommittedStream[] = [
  { stream: 'calls', staged: 1, written: 1, superseded: 0, rejected: 0, nulled: 0, rounded: 0 },
];
const busy = expect.objectContaining({
  area: 'busy',
  message: expect.stringContaining('to shown.duckdb in the meantime'),
});

describe('a fence', () => {
  test('tells the caller the stored state, and nothing of how it is kept', () => {
    expect(createFence('shown.duckdb').begin(state(3))).toEqual({ seq: 3, streams: { calls: { n: 3 } } });
    expect(createFence('shown.duckdb').begin(undefined)).toBeUndefined();
  });

  test.each<[string, StoredState | undefined, StoredState | undefined]>([
    ['a state that came', undefined, state(1)],
    ['a later state', state(3), state(4)],
    ['an earlier state, as a restored file has it', state(3), state(2)],
    ['no state', state(3), undefined],
  ])('refuses %s instead of the one that was read', (_, read, found) => {
    const fence = createFence('shown.duckdb');
    fence.begin(read);
    fence.check(read);
    expect(() => fence.check(found)).toThrow(busy);
    // Nor at the second try.
    expect(() => fence.check(found)).toThrow(busy);
    fence.check(read);
  });

  test('takes the first look for what was read, when nobody read', () => {
    for (const first of [undefined, state(2)]) {
      const fence = createFence('shown.duckdb');
      fence.check(first);
      fence.check(first);
      expect(() => fence.check(state(7))).toThrow(busy);
    }
  });

  test('goes on from its own commit, and from a later look', () => {
    const fence = createFence('shown.duckdb');
    fence.begin(undefined);
    fence.pass(state(1), counts);
    fence.check(state(1));
    expect(() => fence.check(undefined)).toThrow(busy);
    fence.begin(state(5));
    fence.check(state(5));
  });

  test('answers again for its last batch, and for no other', () => {
    const fence = createFence('shown.duckdb');
    expect(fence.answerTo('b1')).toBeUndefined();
    fence.pass(state(1), counts);
    expect(fence.answerTo('b1')).toBe(counts);
    fence.pass(state(2), []);
    expect(fence.answerTo('b1')).toBeUndefined();
    expect(fence.answerTo('b2')).toEqual([]);
  });
});

test('the next state has the next number, the name of its batch, and the states of the batch over those before', () => {
  const batch: Batch = { id: 'of the loader', streams: [], states: { runs: { n: 1 }, calls: null } };
  expect(nextState(undefined, batch, 'x')).toEqual({ seq: 1, batchId: 'x', streams: { runs: { n: 1 } } });
  expect(nextState(state(4), batch, 'x')).toEqual({ seq: 5, batchId: 'x', streams: { runs: { n: 1 } } });
});
