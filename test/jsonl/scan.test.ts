import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfiguredCatalog } from '../../src/core/catalog.ts';
import { parseExactly, writeExactly } from '../../src/jsonl/full-parse.ts';
import { survivesDouble } from '../../src/jsonl/number-literal.ts';
import { createScanner, maxDepth, type Span, stageableData } from '../../src/jsonl/scan.ts';
import { airbyte } from '../../src/protocol/airbyte/dialect.ts';
import { recordText, valueText } from './json-text.ts';
import { isSameMeaning, withoutReserved } from './same-meaning.ts';

const catalog: ConfiguredCatalog = ['calls', 'we"ird', 'ünï'].map((name) => ({
  stream: { name, jsonSchema: {}, primaryKey: [], cursorField: [], syncModes: [] },
  syncMode: 'incremental',
  destinationSyncMode: 'append',
  primaryKey: [],
  cursorField: [],
}));
const scanner = createScanner(airbyte.envelope);
const verdictOf = (text: string) => scanner.scan(Buffer.from(text));
const at = (line: Buffer, span: Readonly<Span>) => line.toString('utf8', span.start, span.end);
const record = (data: string) => `{"type":"RECORD","record":{"stream":"calls","data":${data},"emitted_at":1}}`;

/** What JSON.parse makes of a line, or undefined where it throws. */
function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

describe('the scanner', () => {
  it('finds the parts of a record wherever they stand', () => {
    const line = Buffer.from(
      '{ "record" : {"emitted_at": 17, "meta":{"changes":[]},"data" :{"a":[1,{"stream":"no"}]}, "namespace":"n","stream":"calls"} ,"x":{"data":1},"type":"RECORD"}',
    );
    expect(scanner.scan(line)).toBe('record');
    expect(at(line, scanner.stream)).toBe('"calls"');
    expect(at(line, scanner.namespace)).toBe('"n"');
    expect(at(line, scanner.data)).toBe('{"a":[1,{"stream":"no"}]}');
    expect(at(line, scanner.emittedAt)).toBe('17');
    expect(at(line, scanner.meta)).toBe('{"changes":[]}');
  });

  it('takes null for absent', () => {
    scanner.scan(Buffer.from('{"type":"RECORD","record":{"stream":"calls","namespace":null,"data":{},"meta":null}}'));
    expect([scanner.namespace.start, scanner.meta.start, scanner.emittedAt.start]).toEqual([-1, -1, -1]);
  });

  it('reads parts that stand beside the type when the dialect has no body', () => {
    const flat = createScanner({
      type: 'RECORD',
      body: undefined,
      stream: 'stream',
      namespace: undefined,
      data: 'record',
      emittedAt: 'time_extracted',
      meta: undefined,
    });
    const line = Buffer.from(
      '{"type":"RECORD","stream":"calls","record":{"id":1},"time_extracted":"2026-01-01T00:00:00Z"}',
    );
    expect(flat.scan(line)).toBe('record');
    expect(at(line, flat.data)).toBe('{"id":1}');
    expect(at(line, flat.emittedAt)).toBe('"2026-01-01T00:00:00Z"');
  });

  it.each([
    ['half of a surrogate pair', record('{"a":"\\ud83d"}')],
    ['the second half alone', record('{"a":"\\ude00\\ud83d"}')],
    ['halves in the wrong order in a key', record('{"x":{"\\ude00":1}}')],
    ['a key that is ours', record('{"__gong_elt_seq":1}')],
    ["a key that is the host's", record('{"a":1,"_airbyte_raw_id":"x"}')],
    ['a key of ours in disguise', record('{"\\u005f_gong_elt_seq":1}')],
    ['a type in disguise', '{"type":"REC\\u004fRD","record":{"stream":"calls","data":{}}}'],
    ['an envelope key in disguise', '{"type":"RECORD","record":{"stream":"calls","d\\u0061ta":{}}}'],
    ['two types', '{"type":"LOG","type":"RECORD","record":{"stream":"calls","data":{}}}'],
    ['two data', '{"type":"RECORD","record":{"stream":"calls","data":{"a":1},"data":{"a":2}}}'],
    ['data that is a list', '{"type":"RECORD","record":{"stream":"calls","data":[]}}'],
    ['no stream', '{"type":"RECORD","record":{"data":{}}}'],
    ['no record', '{"type":"RECORD","record":null}'],
  ])('leaves %s to the full parse', (_, text) => {
    expect(verdictOf(text)).toBe('unusual');
  });

  it.each([
    ['pairs of surrogates', '{"a":"\\ud83d\\ude00","b":"\\uD83D\\uDE00"}'],
    ['emoji as bytes', '{"a":"😀"}'],
    ['fractions that a double holds', '{"a":0.8333333333333334,"b":1.50,"c":-0.0,"d":1e22,"e":0.1}'],
    ['whole numbers of any length', `{"a":9223372036854775808,"b":${'9'.repeat(60)}}`],
    ['reserved keys further down', '{"a":{"__gong_elt_seq":1,"_airbyte_x":2}}'],
    ['prototype keys', '{"__proto__":{"a":1},"constructor":2}'],
    ['NUL', '{"a":"\\u0000"}'],
  ])('lets %s through', (_, data) => {
    expect(verdictOf(record(data))).toBe('record');
  });

  it.each([
    ['d7ff', 'record'],
    ['d800', 'unusual'],
    ['dbff', 'unusual'],
    ['dc00', 'unusual'],
    ['dfff', 'unusual'],
    ['e000', 'record'],
    ['d800\\udc00', 'record'],
    ['d800\\udfff', 'record'],
    ['dbff\\udc00', 'record'],
    ['dbff\\udfff', 'record'],
    ['d800\\udbff', 'unusual'],
    ['d800\\ue000', 'unusual'],
    ['dbff\\ud7ff', 'unusual'],
    ['dc00\\ud800', 'unusual'],
    ['dc00\\udc00', 'unusual'],
    ['dfff\\udfff', 'unusual'],
    ['d800\\n', 'unusual'],
    ['dfff\\ud800\\udc00', 'unusual'],
    ['d800\\udc00\\udfff', 'unusual'],
  ])('tells halves of surrogate pairs from whole ones: \\u%s is %s', (escapes, verdict) => {
    for (const spelled of [escapes, escapes.replace(/(?<!\\)[a-f]/g, (digit) => digit.toUpperCase())]) {
      for (const data of [`{"a":"\\u${spelled}"}`, `{"a":"x\\u${spelled}y"}`, `{"a":{"x\\u${spelled}":1}}`]) {
        const line = record(data);
        expect(verdictOf(line), data).toBe(verdict);
        checkRouting(Buffer.from(line));
      }
    }
  });

  it('leaves bytes that are not UTF-8 to the full parse', () => {
    const line = Buffer.from(record('{"a":"xx"}'));
    line[line.indexOf('xx')] = 0xff;
    expect(scanner.scan(line)).toBe('unusual');
  });

  it.each([
    '',
    '   ',
    'x',
    '[]',
    '3',
    '"RECORD"',
    '{',
    '{}}',
    '{"a":1,}',
    '{"a"}',
    '{a:1}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":1e}',
    '{"a":NaN}',
    '{"a":tru}',
    '{"a":[1 2]}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"a":"\\u12',
    '{"a":[}]',
    '{} {}',
    '\ufeff{}',
    record('{"a":nul}'),
  ])('calls %j malformed', (text) => {
    expect(verdictOf(text)).toBe('malformed');
  });

  it('stops at 256 levels, however they are nested, without a deep stack of its own', () => {
    const nest = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`;
    expect(verdictOf(`{"a":${nest(maxDepth - 2)}}`)).toBe('other');
    expect(verdictOf(`{"a":${nest(maxDepth)}}`)).toBe('too_deep');
    expect(verdictOf(record(`{"a":${nest(200_000)}}`))).toBe('too_deep');
    expect(verdictOf('{"a":'.repeat(200_000))).toBe('too_deep');
    expect(verdictOf(`{"record":${'{"record":'.repeat(1_000)}`)).toBe('too_deep');
  });

  it.each([
    ['of more digits than a double has', '12345678901234567890.123456789', true],
    ['of eighteen digits', '123456789.123456789', true],
    ['of seventeen that a double has', '0.30000000000000004', false],
    ['of seventeen that it has not', '12345678.123456789', true],
    ['of sixteen that a double has', '0.1234567890123456', false],
    ['of sixteen that it has not', '9007199254740993.1', true],
    ['of many zeros', '100.50000000000000000000', false],
    ['of many zeros before its digits', '0.000000000000000000000123', false],
    ['beyond a double', '1e400', true],
    ['too small for a double', '1e-400', true],
  ])('makes a text of a fraction %s, %s, only where a double changes it: %s', (_, literal, isChanged) => {
    const line = Buffer.from(record(`{"a":{"b":[1,${literal}]},"c":${literal}}`));
    expect(scanner.scan(line)).toBe('record');
    const staged = isChanged ? `"${literal}"` : literal;
    expect(Buffer.from(stageableData(line, scanner)).toString()).toBe(`{"a":{"b":[1,${staged}]},"c":${staged}}`);
    expect(survivesDouble(literal)).toBe(!isChanged);
  });

  it('leaves a fraction outside the data alone', () => {
    const line = Buffer.from(
      '{"type":"RECORD","record":{"stream":"calls","data":{"a":1},"emitted_at":1.00000000000000000001}}',
    );
    expect(scanner.scan(line)).toBe('record');
    expect(Buffer.from(stageableData(line, scanner)).toString()).toBe('{"a":1}');
  });

  it('stages what the full parse would write', () => {
    fc.assert(
      fc.property(recordText, (text) => {
        const line = Buffer.from(text);
        if (scanner.scan(line) !== 'record') return;
        const staged = Buffer.from(stageableData(line, scanner)).toString();
        expect(writeExactly(parseExactly(staged))).toBe(writeExactly(parseExactly(at(line, scanner.data))));
      }),
      { numRuns: 3_000 },
    );
  });

  it('is not held up by a number of a million digits', () => {
    expect(verdictOf(record(`{"a":1.1${'0'.repeat(1_000_000)}1}`))).toBe('record');
    expect(scanner.inexact).toHaveLength(2);
    expect(verdictOf(record(`{"a":${'1'.repeat(1_000_000)}}`))).toBe('record');
  });

  it('accepts exactly the objects that JSON.parse accepts', () => {
    fc.assert(
      fc.property(fc.oneof(valueText, recordText), (text) => {
        expect(verdictOf(text) === 'malformed').toBe(!isObject(JSON.parse(text)));
      }),
      { numRuns: 3_000 },
    );
  });

  it('accepts exactly the objects that JSON.parse accepts, also after bytes were changed, lost and added', () => {
    const change = fc.tuple(
      fc.nat(),
      fc.constantFrom('set', 'drop', 'add'),
      // A line holds no newline.
      fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('{}[]",:\\u0e.-+'))).filter((byte) => byte !== 0x0a),
    );
    fc.assert(
      fc.property(recordText, fc.array(change, { minLength: 1, maxLength: 3 }), (text, changes) => {
        let line = Buffer.from(text);
        for (const [place, kind, byte] of changes) {
          const i = place % (line.length + 1);
          line = Buffer.concat(
            [
              line.subarray(0, i),
              kind === 'drop' ? '' : Buffer.from([byte]),
              line.subarray(kind === 'add' ? i : i + 1),
            ].map((part) => Buffer.from(part)),
          );
        }
        expect(scanner.scan(line) === 'malformed').toBe(!isObject(parse(line)));
        checkRouting(line);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('the fast way', () => {
  it('routes every record as JSON.parse would', () => {
    const seen = { record: 0, unusual: 0 };
    fc.assert(
      fc.property(recordText, (text) => {
        const line = Buffer.from(text);
        const verdict = scanner.scan(line);
        if (verdict === 'record' || verdict === 'unusual') seen[verdict] += 1;
        checkRouting(line);
      }),
      { numRuns: 10_000 },
    );
    // Otherwise the property would say nothing.
    expect(Math.min(seen.record, seen.unusual)).toBeGreaterThan(1_000);
  });
});

function checkRouting(line: Buffer) {
  const decoder = airbyte.createDecoder(catalog);
  // Twice: a name that was seen before goes another way.
  decoder.decode(line);
  const decoded = decoder.decode(line);
  const message = parse(line);
  const sent = isObject(message) ? message['record'] : undefined;
  const isRecord =
    isObject(message) &&
    message['type'] === 'RECORD' &&
    isObject(sent) &&
    typeof sent['stream'] === 'string' &&
    isObject(sent['data']);
  expect(decoded.kind === 'record').toBe(isRecord);
  if (decoded.kind !== 'record' || !isObject(sent) || !isObject(sent['data'])) return;
  const name = String(sent['stream']).toWellFormed();
  expect(decoded.name).toBe(name);
  const namespace = typeof sent['namespace'] === 'string' ? sent['namespace'] : '';
  expect(decoded.stream?.stream.name).toBe(
    namespace === '' && catalog.some(({ stream }) => stream.name === name) ? name : undefined,
  );
  const staged = Buffer.from(decoded.data).toString('utf8');
  expect(staged).not.toContain('\n');
  expect(isSameMeaning(JSON.parse(staged), withoutReserved(sent['data']))).toBe(true);
  const time = sent['emitted_at'];
  const expected =
    typeof time === 'number' && Number.isFinite(time)
      ? Math.trunc(Math.abs(time) < 1e11 ? time * 1000 : time)
      : undefined;
  expect(decoded.emittedAt).toBe(expected);
  expect(isSameMeaning(decoded.meta === undefined ? null : JSON.parse(decoded.meta), sent['meta'] ?? null)).toBe(true);
}
