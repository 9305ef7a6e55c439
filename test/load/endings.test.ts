// What a load keeps in mind for its end: states that wait, and what is done to each table.
import { describe, expect, test } from 'vitest';
import type { CommittedStream } from '../../src/core/destination.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { StreamRef } from '../../src/core/state.ts';
import { createEndings } from '../../src/load/endings.ts';
import { streamOf, text } from '../contracts/batches.ts';

const whole = streamOf('whole', { id: text }, { mode: 'overwrite' });
const other = streamOf('other', { id: text }, { mode: 'overwrite' });
const plain = streamOf('plain', { id: text });
const counted = { ...streamOf('counted', { id: text }), generationId: 4, minimumGenerationId: 4 };

const state = (stream: StreamRef | undefined, n: number) => {
  const content: JsonObject = { n };
  return { stream, state: content, acknowledge: undefined, records: 0 };
};
const beside = ({ stream: { name } }: typeof whole): CommittedStream => {
  const none = { staged: 0, written: 0, superseded: 0, rejected: 0, nulled: 0, rounded: 0 };
  return { stream: name, namespace: undefined, ...none, isBeside: true };
};

function start(streams: readonly (typeof whole)[], hasWholeStates = false) {
  const endings = createEndings({ loadId: 'x', onMissingCompletion: 'keep_old', hasWholeStates });
  for (const stream of streams) endings.declare(stream);
  endings.noteCommitted(streams.filter((stream) => stream !== plain).map(beside));
  return endings;
}
const numbers = (states: readonly { state: JsonObject | null }[]) => states.map((each) => each.state?.['n']);
const kinds = (actions: readonly { kind: string; configured: typeof whole }[]) =>
  actions.map(({ kind, configured }) => `${kind} ${configured.stream.name}`);

describe('a state', () => {
  test('of a table that only this load can finish waits for the end; others do not', () => {
    const endings = start([whole, plain, counted]);
    expect(endings.hold(state({ name: 'plain' }, 1))).toBe(false);
    expect(endings.hold(state({ name: 'counted' }, 2))).toBe(false);
    expect(endings.hold(state({ name: 'whole' }, 3))).toBe(true);
    expect(endings.hold(state({ name: 'whole' }, 4))).toBe(true);
    const { states, actions } = endings.end(false);
    expect([numbers(states), kinds(actions)]).toEqual([[3, 4], ['swap whole']]);
  });

  test('of all streams waits when one of them does, and is told when all of those are replaced', () => {
    const endings = start([whole, other, plain]);
    endings.noteRecord(whole);
    expect(endings.hold(state(undefined, 1))).toBe(true);
    endings.noteRecord(other);
    // It speaks for the records of `other` only until then.
    const open = endings.end(false);
    expect([numbers(open.states), kinds(open.actions)]).toEqual([[], ['swap whole', 'discard other']]);
    expect(endings.hold(state(undefined, 2))).toBe(true);
    expect(numbers(endings.end(false).states)).toEqual([1, 2]);
  });

  test('that stands for those before it is the only one that is kept', () => {
    const endings = start([whole], true);
    for (const n of [1, 2, 3]) endings.hold(state(undefined, n));
    expect(numbers(endings.end(false).states)).toEqual([3]);
  });

  test('says nothing of a stream that is not known yet, and one of a stream that nobody knows says nothing of the others', () => {
    const endings = start([]);
    expect(endings.hold(state(undefined, 1))).toBe(false);
    endings.declare(whole);
    endings.noteCommitted([beside(whole)]);
    expect(endings.hold(state({ name: 'nobody' }, 2))).toBe(false);
    expect(endings.end(false)).toMatchObject({ states: [], kept: [{ isFailure: false }] });
  });
});

describe('a source', () => {
  test('that failed as a whole leaves what it had completed complete', () => {
    const endings = start([whole, other]);
    endings.noteStatus({ name: 'whole' }, 'complete');
    endings.noteStatus(undefined, 'incomplete');
    const { actions, kept } = endings.end(false);
    expect(kinds(actions)).toEqual(['swap whole', 'discard other']);
    expect(kept).toMatchObject([{ isFailure: true, text: expect.stringContaining('stream other') }]);
  });

  test('that says anything of one stream would have said that the others are complete', () => {
    const endings = start([whole, other]);
    endings.noteStatus({ name: 'other' }, 'started');
    endings.hold(state({ name: 'whole' }, 1));
    expect(kinds(endings.end(false).actions)).toEqual(['discard whole', 'discard other']);
  });
});

describe('a table', () => {
  test('whose rows went straight into it needs nothing at the end', () => {
    const endings = start([counted]);
    endings.noteCommitted([{ ...beside(counted), isBeside: false }]);
    expect(endings.end(false)).toEqual({ actions: [], states: [], kept: [] });
  });

  test('of a generation keeps what came for the next attempt', () => {
    const endings = start([counted]);
    endings.noteStatus({ name: 'counted' }, 'incomplete');
    expect(endings.end(false)).toMatchObject({ actions: [], kept: [{ isFailure: true }] });
  });

  test('loses older versions by the last one that was named, and none when it is replaced as a whole anyway', () => {
    const endings = start([whole, plain]);
    endings.noteActivation(plain.stream, '1', true);
    endings.noteRecord(plain);
    endings.noteActivation(plain.stream, '2', true);
    endings.noteActivation(whole.stream, '2', true);
    endings.hold(state(undefined, 1));
    expect(endings.end(false).actions).toMatchObject([
      { kind: 'swap', configured: whole },
      { kind: 'retire', configured: plain, version: '2', isHard: true },
    ]);
    expect(kinds(endings.end(true).actions)).toEqual(['discard whole']);
  });
});
