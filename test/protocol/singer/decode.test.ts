// Singer lines to what the loader does: routing by bytes, schemas, states in their own bytes, and what is refused.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { Decoded } from '../../../src/protocol/dialect.ts';
import { createSingerDecoder, type DecoderOptions } from '../../../src/protocol/singer/decode.ts';

const defaults: DecoderOptions = {
  loadMethod: 'upsert',
  hasDefaultSchema: false,
  addRecordMetadata: false,
  isStrict: true,
  hardDelete: false,
  obeysActivations: true,
  now: () => 1_760_000_000_000,
};

const schema = (properties: JsonObject = { id: { type: 'string' } }, more: JsonObject = {}): JsonObject => ({
  type: 'SCHEMA',
  stream: 'deals',
  schema: { type: 'object', properties },
  key_properties: ['id'],
  ...more,
});

/** The last of what the lines ask for. */
function decode(lines: readonly (JsonObject | string)[], options: Partial<DecoderOptions> = {}): Decoded {
  const decoder = createSingerDecoder({ ...defaults, ...options });
  const decoded = lines.map((line) =>
    decoder.decode(Buffer.from(typeof line === 'string' ? line : JSON.stringify(line))),
  );
  const last = decoded.at(-1);
  if (last === undefined) throw new Error('no line');
  return last;
}

function recordOf(line: JsonObject | string, options?: Partial<DecoderOptions>) {
  const decoded = decode([schema(), line], options);
  if (decoded.kind !== 'record') throw new Error(`a ${decoded.kind}`);
  return { ...decoded, text: Buffer.from(decoded.data).toString() };
}

describe('records', () => {
  test('go to the stream that their schema declared, byte for byte', () => {
    const { stream, text, emittedAt, meta } = recordOf(
      '{"type":"RECORD","stream":"deals","record":{"id":"1","n":90071992547409931},"time_extracted":"2026-01-03T00:00:00.123456+02:00"}',
    );
    expect(stream?.stream.name).toBe('deals');
    expect(text).toBe('{"id":"1","n":90071992547409931}');
    expect(emittedAt).toBe(Date.parse('2026-01-02T22:00:00.123Z'));
    expect(meta).toBeUndefined();
  });

  test('may write their type in any case, and the time without a zone', () => {
    expect(
      recordOf({ type: 'record', stream: 'deals', record: { id: '1' }, time_extracted: '2026-01-03T00:00:00' }),
    ).toMatchObject({ text: '{"id":"1"}', emittedAt: Date.parse('2026-01-03T00:00:00Z') });
  });

  test('carry when they were taken in and their version, if somebody asks for columns of them', () => {
    const line = { type: 'RECORD', stream: 'deals', record: { id: '1' }, version: 1_760_000_000_001 };
    const received = defaults.now();
    expect(JSON.parse(recordOf(line, { addRecordMetadata: true }).meta ?? '')).toEqual({
      received_at: received,
      has_time: false,
      version: 1_760_000_000_001,
    });
    expect(JSON.parse(recordOf({ ...line, version: 'x"}' }, { addRecordMetadata: true }).meta ?? '')).toMatchObject({
      version: null,
    });
  });

  test('before their schema are refused', () => {
    expect(decode([{ type: 'RECORD', stream: 'deals', record: {} }])).toMatchObject({ kind: 'refused' });
    expect(decode([schema(), { type: 'RECORD', stream: 'other', record: {} }])).toMatchObject({ kind: 'refused' });
  });

  test('with fields that their schema does not have: each is told once', () => {
    const told: string[] = [];
    const onUndeclared = (stream: string, property: string) => void told.push(`${stream}.${property}`);
    const record = (fields: JsonObject) => ({ type: 'RECORD', stream: 'deals', record: { id: '1', ...fields } });
    const extra = record({ colour: 'red', _sdc_sequence: 1 });
    const last = decode([schema(), record({}), extra, extra, record({ size: 2 })], { onUndeclared });
    expect(told).toEqual(['deals.colour', 'deals.size']);
    expect(last.kind).toBe('record');
  });
});

describe('schemas', () => {
  test('are news once, and again when they change', () => {
    const decoder = createSingerDecoder(defaults);
    const kinds = [
      schema(),
      schema(),
      schema({ id: { type: 'string' }, name: { type: 'string' } }),
      schema({ id: { type: 'string' }, name: { type: 'string' } }),
      schema({ id: { type: 'string' }, name: { type: 'string' } }, { key_properties: ['name'] }),
    ].map((message) => decoder.decode(Buffer.from(JSON.stringify(message))).kind);
    expect(kinds).toEqual(['schema', 'ignored', 'schema', 'ignored', 'schema']);
  });

  test('of a changed stream are the ones that its later records belong to', () => {
    const decoder = createSingerDecoder(defaults);
    const say = (message: JsonObject) => decoder.decode(Buffer.from(JSON.stringify(message)));
    const record = { type: 'RECORD', stream: 'deals', record: { id: '1' } };
    say(schema());
    const before = say(record);
    say(schema({ id: { type: 'string' }, name: { type: 'string' } }));
    const after = say(record);
    const fields = (decoded: Decoded) =>
      decoded.kind === 'record' ? Object.keys((decoded.stream?.stream.jsonSchema['properties'] ?? {}) as object) : [];
    expect([fields(before), fields(after)]).toEqual([['id'], ['id', 'name']]);
  });

  test.each([
    ['no stream', schema({}, { stream: null })],
    ['no properties', schema({})],
    ['no schema', schema({}, { schema: null })],
    ['a key that is no property', schema({ name: { type: 'string' } })],
  ])('with %s are refused', (_, message) => {
    expect(decode([message])).toMatchObject({ kind: 'refused', hint: expect.stringContaining('schema') });
  });
});

describe('states', () => {
  const printed = (line: string) => {
    const decoded = decode([line]);
    return decoded.kind === 'state' ? decoded.acknowledge({ records: 5, rejected: 0 }).toString() : decoded.kind;
  };

  test('come back as they were written, digits and spaces included', () => {
    expect(printed('{"type": "STATE", "value": {"bookmarks": {"a": 90071992547409931, "b": 1.50}}}')).toBe(
      '{"bookmarks": {"a": 90071992547409931, "b": 1.50}}\n',
    );
    expect(printed('{"value":{"a":1},"type":"state"}')).toBe('{"a":1}\n');
  });

  test('that say nothing are never printed: a host would forget what it knows', () => {
    expect(printed('{"type":"STATE","value":{}}')).toBe('ignored');
    expect(printed('{"type":"STATE","value":null}')).toBe('ignored');
    expect(printed('{"type":"STATE"}')).toBe('malformed');
  });
});

test.each([
  ['BATCH', 'refused'],
  ['batch', 'refused'],
  ['ACTIVATE_VERSION', 'activation'],
  ['activate_version', 'activation'],
  ['PING', 'unknown'],
])('a message of type %s is %s', (type, kind) => {
  expect(decode([schema(), { type, stream: 'deals', version: 1 }])).toMatchObject({ kind });
});
