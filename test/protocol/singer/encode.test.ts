// Our messages as Singer lines, and the state that hosts hand back.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Message } from '../../../src/core/message.ts';
import { selectEverything } from '../../../src/protocol/singer/catalog.ts';
import { createSingerEncoder } from '../../../src/protocol/singer/encode.ts';
import { bookmarksOf, parseSingerState } from '../../../src/protocol/singer/state.ts';
import { describeStream, streamNames } from '../../../src/source/streams.ts';

const { streams } = selectEverything(streamNames.map(describeStream));

function encode(messages: readonly Message[], saved: JsonObject = {}): JsonObject[] {
  const encoder = createSingerEncoder(streams, saved);
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
  const encoder = createSingerEncoder(streams, {});
  const line = encoder.encode({ type: 'record', stream: 'calls', row, emittedAt: Date.parse('2026-03-20T08:00:00Z') });
  expect(line).toBe(
    '{"type":"RECORD","stream":"calls","record":{"call_id":"7782342274025937895","title":"a\\nb \uFFFD c"},"time_extracted":"2026-03-20T08:00:00.000Z"}\n',
  );
});

test('a record has only the fields that are selected', () => {
  const [calls] = streams;
  if (calls === undefined) throw new Error('no stream');
  const encoder = createSingerEncoder([{ ...calls, properties: new Set(['call_id']) }], {});
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

test('logs, reports and the other statuses have no words', () => {
  const quiet: Message[] = [
    { type: 'log', level: 'info', message: 'x' },
    { type: 'report', report: {} },
    { type: 'status', stream: 'calls', status: 'running' },
    { type: 'status', stream: 'calls', status: 'complete' },
  ];
  expect(encode(quiet)).toEqual([]);
});

describe('the file of the state', () => {
  test.each([undefined, '', ' \n', '{}', 'null', '{"type":"STATE","value":null}'])(
    '%j means from the start',
    (text) => {
      expect(bookmarksOf(parseSingerState(text)).size).toBe(0);
    },
  );

  test.each([
    ['a value', '{"bookmarks":{"calls":{"v":1}}}'],
    ['a whole message', '{"type":"STATE","value":{"bookmarks":{"calls":{"v":1}}}}'],
    ['one with a mark of byte order', '\uFEFF{"bookmarks":{"calls":{"v":1}}}'],
  ])('may be %s', (_, text) => {
    expect(bookmarksOf(parseSingerState(text))).toEqual(new Map([['calls', { v: 1 }]]));
  });

  test.each(['{', '[]', '"x"', '{"bookmarks":[1]}'])('%j is broken, and never means from the start', (text) => {
    expect(() => parseSingerState(text)).toThrow(expect.objectContaining({ area: 'config' }));
  });
});
