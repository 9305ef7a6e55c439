// Our messages as Singer lines.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Message } from '../../../src/core/message.ts';
import { noState } from '../../../src/protocol/dialect.ts';
import { selectEverything } from '../../../src/protocol/singer/catalog.ts';
import { singer } from '../../../src/protocol/singer/dialect.ts';
import { describeStream, streamNames } from '../../../src/source/streams.ts';

const parseState = (text: string) => singer.parseState(text, 'state.json');
const { streams } = selectEverything(streamNames.map(describeStream));

function encode(messages: readonly Message[], saved: JsonObject = {}): JsonObject[] {
  const encoder = singer.createEncoder(streams, parseState(JSON.stringify(saved)));
  const text = encoder.start() + messages.map((message) => encoder.encode(message)).join('');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JsonObject);
}

test('a schema comes with the start of its stream', () => {
  expect(encode([{ type: 'status', stream: 'calls', status: 'started' }])).toMatchObject([
    { type: 'SCHEMA', stream: 'calls', key_properties: ['call_id'], bookmark_properties: ['extracted_at'] },
  ]);
});

test('a record is one line, with the time of its extraction', () => {
  const row = { call_id: '7782342274025937895', title: 'a\nb \ud800 c' };
  const encoder = singer.createEncoder(streams, noState);
  const line = encoder.encode({ type: 'record', stream: 'calls', row, emittedAt: Date.parse('2026-03-20T08:00:00Z') });
  expect(line).toBe(
    '{"type":"RECORD","stream":"calls","record":{"call_id":"7782342274025937895","title":"a\\nb \uFFFD c"},"time_extracted":"2026-03-20T08:00:00.000Z"}\n',
  );
});

test('a record has only the fields that are selected', () => {
  const [calls] = streams;
  if (calls === undefined) throw new Error('no stream');
  const encoder = singer.createEncoder([{ ...calls, properties: new Set(['call_id']) }], noState);
  const line = encoder.encode({
    type: 'record',
    stream: 'calls',
    row: { call_id: '1', title: 'secret' },
    emittedAt: 0,
  });
  expect(JSON.parse(line)).toMatchObject({ record: { call_id: '1' } });
  expect(line).not.toContain('secret');
});

describe('a state', () => {
  const state = (stream: string, value: number): Message => ({ type: 'state', stream, state: { value } });

  test('carries the bookmarks of all streams, also of those that are not read, and what else was in it', () => {
    const saved = { bookmarks: { calls: { value: 1 }, gone: { value: 2 } }, currently_syncing: 'calls', other: [1] };
    expect(encode([state('transcripts', 3), state('calls', 4)], saved).map(({ value }) => value)).toEqual([
      { bookmarks: { calls: { value: 1 }, gone: { value: 2 } }, other: [1] },
      { bookmarks: { calls: { value: 1 }, gone: { value: 2 }, transcripts: { value: 3 } }, other: [1] },
      { bookmarks: { calls: { value: 4 }, gone: { value: 2 }, transcripts: { value: 3 } }, other: [1] },
    ]);
  });

  test('is not said at the start when there was none', () => {
    expect(encode([])).toEqual([]);
  });
});
