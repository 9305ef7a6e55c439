import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConfiguredCatalog, Stream } from '../../../src/core/catalog.ts';
import { type Clock, systemClock } from '../../../src/core/clock.ts';
import { ConnectorError, type ErrorArea } from '../../../src/core/errors.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Message } from '../../../src/core/message.ts';
import { encodeCatalog } from '../../../src/protocol/airbyte/catalog.ts';
import { airbyte } from '../../../src/protocol/airbyte/dialect.ts';
import { encodeConnectionStatus, encodeError, encodeLog, encodeSpec } from '../../../src/protocol/airbyte/encode.ts';
import { findSchemaProblems } from '../json-schema-check.ts';

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/airbyte-protocol.json'), 'utf8'),
) as JsonObject;
const clock: Clock = { ...systemClock, now: () => 1_760_000_000_123.5 };
const calls: Stream = {
  name: 'calls',
  jsonSchema: { type: 'object', properties: { call_id: { type: 'string' } } },
  primaryKey: [['call_id']],
  cursorField: ['started_at'],
  syncModes: ['full_refresh', 'incremental'],
};
const catalog: ConfiguredCatalog = [
  {
    stream: calls,
    syncMode: 'incremental',
    destinationSyncMode: 'append',
    primaryKey: [['call_id']],
    cursorField: ['started_at'],
  },
];

/** The messages in what was encoded, each checked against the protocol's schema. */
function parseLines(text: string): JsonObject[] {
  if (text === '') return [];
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const message = JSON.parse(line) as JsonObject;
      expect(findSchemaProblems(schema, message)).toEqual([]);
      return message;
    });
}

function encodeAll(messages: Message[], chosen = catalog): JsonObject[] {
  const encoder = airbyte.createEncoder(chosen, clock);
  return messages.flatMap((message) => parseLines(encoder.encode(message)));
}

const record = (stream: string, row: JsonObject = { call_id: '1' }): Message => ({
  type: 'record',
  stream,
  row,
  emittedAt: 1_760_000_000_000.7,
});
const state = (stream: string, content: JsonObject): Message => ({ type: 'state', stream, state: content });

describe('Airbyte lines', () => {
  it('carry a record with its stream and whole milliseconds', () => {
    expect(encodeAll([record('calls')])).toEqual([
      { type: 'RECORD', record: { stream: 'calls', data: { call_id: '1' }, emitted_at: 1_760_000_000_000 } },
    ]);
  });

  it('repeat the namespace that a host gave a stream, everywhere', () => {
    const spaced: ConfiguredCatalog = catalog.map((configured) => ({
      ...configured,
      stream: { ...calls, namespace: 'gong' },
    }));
    const lines = encodeAll(
      [record('calls'), state('calls', { v: 1 }), { type: 'status', stream: 'calls', status: 'started' }],
      spaced,
    );
    expect(lines[0]).toMatchObject({ record: { stream: 'calls', namespace: 'gong' } });
    const descriptor = { name: 'calls', namespace: 'gong' };
    expect(lines[1]).toMatchObject({ state: { stream: { stream_descriptor: descriptor } } });
    expect(lines[2]).toMatchObject({ trace: { stream_status: { stream_descriptor: descriptor } } });
  });

  it('count the records of each stream since its own last state', () => {
    const lines = encodeAll([
      record('calls'),
      record('transcripts'),
      record('calls'),
      state('calls', { v: 1 }),
      record('transcripts'),
      state('transcripts', { v: 1 }),
      state('calls', { v: 2 }),
    ]);
    const counts = lines.flatMap(({ state: sent }) => (sent ? [(sent as JsonObject)['sourceStats']] : []));
    expect(counts).toEqual([{ recordCount: 2 }, { recordCount: 2 }, { recordCount: 0 }]);
  });

  it('write counts with the decimal point that the protocol asks for', () => {
    const encoder = airbyte.createEncoder(catalog, clock);
    encoder.encode(record('calls'));
    expect(encoder.encode(state('calls', { v: 1 }))).toBe(
      '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"calls"},"stream_state":{"v":1}},"sourceStats":{"recordCount":1.0}}}\n',
    );
  });

  it('never carry the same state twice in a row for one stream', () => {
    const lines = encodeAll([
      state('calls', { v: 1 }),
      state('calls', { v: 1 }),
      state('transcripts', { v: 1 }),
      state('calls', { v: 1 }),
      state('calls', { v: 2 }),
      state('calls', { v: 1 }),
    ]);
    const contents = lines
      .map((line) => (line['state'] as JsonObject)['stream'] as JsonObject)
      .filter((stream) => (stream['stream_descriptor'] as JsonObject)['name'] === 'calls')
      .map((stream) => JSON.stringify(stream['stream_state']));
    for (const [i, content] of contents.entries()) expect(content).not.toBe(contents[i - 1]);
    expect(contents[0]).toBe('{"v":1}');
    expect(contents.at(-1)).toBe('{"v":1}');
  });

  it('tell how a stream is doing, and until when it waits for a quota', () => {
    const lines = encodeAll([
      { type: 'status', stream: 'calls', status: 'incomplete' },
      { type: 'status', stream: 'calls', status: 'running', rateLimitedUntil: 1_760_000_100_000.2 },
    ]);
    expect(lines).toEqual([
      {
        type: 'TRACE',
        trace: {
          type: 'STREAM_STATUS',
          emitted_at: 1_760_000_000_123,
          stream_status: { stream_descriptor: { name: 'calls' }, status: 'INCOMPLETE' },
        },
      },
      {
        type: 'TRACE',
        trace: {
          type: 'STREAM_STATUS',
          emitted_at: 1_760_000_000_123,
          stream_status: {
            stream_descriptor: { name: 'calls' },
            status: 'RUNNING',
            reasons: [{ type: 'RATE_LIMITED', rate_limited: { quota_reset: 1_760_000_100_000 } }],
          },
        },
      },
    ]);
  });

  it('carry logs and the report as LOG', () => {
    const lines = encodeAll([
      { type: 'log', level: 'warn', message: 'odd', fields: { call_id: '7', status: 404, gone: undefined } },
      { type: 'report', report: { calls: { listed: 3 } } },
    ]);
    expect(lines).toEqual([
      { type: 'LOG', log: { level: 'WARN', message: 'odd call_id=7 status=404' } },
      { type: 'LOG', log: { level: 'INFO', message: 'completeness: {"calls":{"listed":3}}' } },
    ]);
  });

  it.each<[ErrorArea, string]>([
    ['config', 'config_error'],
    ['credentials', 'config_error'],
    ['destination', 'config_error'],
    ['quota', 'transient_error'],
    ['service', 'transient_error'],
    ['busy', 'transient_error'],
    ['bug', 'system_error'],
  ])('an error of area %s is a %s', (area, failureType) => {
    const [line] = parseLines(
      encodeError(new ConnectorError('What happened.', { area, hint: 'do this' }), clock, 'calls'),
    );
    expect(line).toMatchObject({
      trace: {
        type: 'ERROR',
        error: { message: 'What happened. → do this', failure_type: failureType, stream_descriptor: { name: 'calls' } },
      },
    });
  });

  it('show where a bug happened, without the text of what was thrown', () => {
    const error = new ConnectorError('unexpected', { area: 'bug', cause: new Error('Zoë said\nso') });
    const line = encodeError(error, clock);
    expect(line).toContain('encode.test.ts');
    expect(line).not.toContain('Zoë');
    expect(line).not.toContain('nso');
    expect(encodeError(new ConnectorError('x', { area: 'service', cause: new Error('y') }), clock)).not.toContain(
      'stack_trace',
    );
  });

  it('describe what there is to read', () => {
    const lookup: Stream = { ...calls, name: 'lookup', primaryKey: [], cursorField: [], syncModes: ['full_refresh'] };
    const [line] = parseLines(encodeCatalog([calls, lookup]));
    expect(line).toEqual({
      type: 'CATALOG',
      catalog: {
        streams: [
          {
            name: 'calls',
            json_schema: calls.jsonSchema,
            supported_sync_modes: ['full_refresh', 'incremental'],
            source_defined_cursor: true,
            default_cursor_field: ['started_at'],
            source_defined_primary_key: [['call_id']],
            is_resumable: true,
          },
          {
            name: 'lookup',
            json_schema: calls.jsonSchema,
            supported_sync_modes: ['full_refresh'],
            source_defined_cursor: false,
            source_defined_primary_key: [],
            is_resumable: false,
          },
        ],
      },
    });
  });

  it('answer spec and check', () => {
    expect(parseLines(encodeSpec({ connectionSpecification: { type: 'object' } }))).toHaveLength(1);
    expect(parseLines(encodeConnectionStatus(true, 'ok'))).toEqual([
      { type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED', message: 'ok' } },
    ]);
    expect(parseLines(encodeConnectionStatus(false, 'no')).at(0)).toMatchObject({
      connectionStatus: { status: 'FAILED' },
    });
    expect(parseLines(encodeLog('debug', 'x')).at(0)).toEqual({ type: 'LOG', log: { level: 'DEBUG', message: 'x' } });
  });
});
