// A memory of emitted rows that is full has forgotten some: what that may cost, and what it may not.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import type { Message } from '../../src/core/message.ts';
import type { HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import {
  fingerprintsOf,
  parseStates,
  type SourceState,
  writeCallsState,
  writeTranscriptsState,
} from '../../src/source/state.ts';
import { day, start, withCalls } from '../support/gong-faults.ts';
import type { Harness } from '../support/sync-harness.ts';

const fingerprints = fingerprintsOf({ workspace_ids: [], workspace_label: 'default' }, 'live');

/** States of a company with more calls than the memory holds, whose sweep is due. */
function fullStates(change: (state: SourceState) => void): Map<string, JsonObject> {
  const state = parseStates(new Map(), fingerprints);
  for (const listing of [state.calls, state.transcripts]) {
    for (let nth = 0; nth < 18_100; nth++) listing.seen.put(`other ${nth}`, 'x');
    expect(listing.seen.isComplete()).toBe(false);
    Object.assign(listing, { closedThrough: start - 3_600_000, deepAt: start - 3_600_000, sweptAt: start - 8 * day });
  }
  change(state);
  return new Map([
    ['calls', writeCallsState(state, fingerprints)],
    ['transcripts', writeTranscriptsState(state, fingerprints)],
  ]);
}

async function read(harness: Harness, states: Map<string, JsonObject>) {
  const records: Extract<Message, { type: 'record' }>[] = [];
  const source = harness.openSource();
  for await (const message of source.read({
    states,
    streams: ['calls', 'transcripts'],
    signal: new AbortController().signal,
  }))
    if (message.type === 'record') records.push(message);
  const rowsOf = (stream: string, id: string) =>
    records.filter((record) => record.stream === stream && record.row['call_id'] === id).map(({ row }) => row);
  return { rowsOf };
}

const id = '2000000000000000002';
const old: HandmadeCall = { id, started: start - 40 * day };

test('G2 a call that turns up 40 days late comes with its transcript, though nobody remembers which transcripts are here', async () => {
  const harness = await withCalls([old]);
  const { rowsOf } = await read(
    harness,
    fullStates(() => {}),
  );
  expect(rowsOf('calls', id)).toMatchObject([{ transcript_status: 'available' }]);
  expect(rowsOf('transcripts', id)).toHaveLength(1);
});

test('a transcript that may be forgotten is sent again: a row costs nothing, a lost one does', async () => {
  const harness = await withCalls([old]);
  const { rowsOf } = await read(
    harness,
    fullStates(({ calls }) => calls.seen.put(id, 'an older content')),
  );
  expect(rowsOf('calls', id)).toMatchObject([{ transcript_status: 'available' }]);
  expect(rowsOf('transcripts', id)).toHaveLength(1);
});

test('G18 a call that turned private loses its words also when it was forgotten that there are any', async () => {
  const harness = await withCalls([{ ...old, private: true }]);
  const { rowsOf } = await read(
    harness,
    fullStates(({ calls }) => calls.seen.put(id, 'an older content')),
  );
  expect(rowsOf('calls', id)).toMatchObject([{ transcript_status: 'private' }]);
  expect(rowsOf('transcripts', id)).toMatchObject([{ text: null, sentences: [] }]);
});
