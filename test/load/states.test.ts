// Counts that go back with each state, and states that follow one another.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeStates, type StreamRef, stateName } from '../../src/core/state.ts';
import { createStateCounter, type PendingState } from '../../src/load/states.ts';

const pending = (stream: StreamRef | undefined, records: number): PendingState => ({
  stream,
  state: {},
  acknowledge: undefined,
  records,
});
const committed = (stream: string, rejected: number) => ({
  stream,
  staged: 0,
  written: 0,
  superseded: 0,
  rejected,
  nulled: 0,
  rounded: 0,
});

describe('the counts of a state', () => {
  test('are the records of its stream since its last state', () => {
    const counter = createStateCounter();
    for (const name of ['a', 'a', 'b', 'a']) counter.addRecord(name);
    expect(counter.takeRecords({ name: 'a' })).toBe(3);
    counter.addRecord('a');
    expect(counter.takeRecords({ name: 'a' })).toBe(1);
    expect(counter.takeRecords({ name: 'b' })).toBe(1);
    expect(counter.takeRecords({ name: 'c' })).toBe(0);
  });

  test('are those of all streams for a state that speaks for all', () => {
    const counter = createStateCounter();
    for (const name of ['a', 'b', 'b']) counter.addRecord(name);
    expect(counter.takeRecords(undefined)).toBe(3);
    expect(counter.takeRecords({ name: 'b' })).toBe(0);
  });

  test('tell refused records with the latest state that can have seen them, and carry the rest to the next', () => {
    const counter = createStateCounter();
    expect(
      counter.countsFor(
        [pending({ name: 'a' }, 2), pending({ name: 'a' }, 1), pending({ name: 'b' }, 4)],
        [committed('a', 2)],
      ),
    ).toEqual([
      { records: 1, rejected: 1 },
      { records: 0, rejected: 1 },
      { records: 4, rejected: 0 },
    ]);
    expect(counter.countsFor([], [committed('a', 3)])).toEqual([]);
    expect(counter.countsFor([pending({ name: 'a' }, 5)], [committed('a', 1)])).toEqual([{ records: 1, rejected: 4 }]);
  });

  test('add up to what came, whatever is refused', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.boolean(), { maxLength: 6 }), { maxLength: 8 }), (batches) => {
        const counter = createStateCounter();
        let [records, rejected] = [0, 0];
        for (const batch of batches) {
          for (const _ of batch) counter.addRecord('a');
          const state = pending({ name: 'a' }, counter.takeRecords({ name: 'a' }));
          for (const counts of counter.countsFor([state], [committed('a', batch.filter(Boolean).length)])) {
            expect(counts.records).toBeGreaterThanOrEqual(0);
            records += counts.records;
            rejected += counts.rejected;
          }
        }
        expect(rejected).toBe(batches.flat().filter(Boolean).length);
        expect(records + rejected).toBe(batches.flat().length);
      }),
    );
  });
});

test('states are stored by name, one name for all streams and one per namespace', () => {
  expect([stateName(undefined), stateName({ name: 'a' }), stateName({ name: 'a', namespace: 'n' })]).toEqual([
    '*',
    'a',
    'n.a',
  ]);
});

test('later states replace earlier ones, null forgets, and no key is special', () => {
  const before = JSON.parse('{"a":{"n":1},"b":{"n":1},"__proto__":{"n":1}}');
  const merged = mergeStates(before, JSON.parse('{"a":{"n":2},"b":null,"constructor":{"n":3}}'));
  expect(JSON.stringify(merged)).toBe('{"a":{"n":2},"__proto__":{"n":1},"constructor":{"n":3}}');
  expect(({} as Record<string, unknown>)['n']).toBeUndefined();
});
