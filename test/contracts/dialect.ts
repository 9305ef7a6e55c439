// What every dialect owes sources, loaders and hosts. Run against Airbyte and Singer.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stream } from '../../src/core/catalog.ts';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import type { Message } from '../../src/core/message.ts';
import { noState, type SavedState } from '../../src/protocol/dialect.ts';
import { dataText, valueText } from '../jsonl/json-text.ts';
import { isSameMeaning, withoutReserved } from '../jsonl/same-meaning.ts';
import {
  asRecord,
  asState,
  calls,
  counts,
  type DialectUnderTest,
  dataOf,
  decode,
  hear,
  keep,
  record,
  refusalOf,
  state,
  status,
  streams,
  waiting,
} from './dialect-under-test.ts';
import { row as anyRow, oddText, seed, wellFormed } from './dialect-values.ts';

/** Lines that are messages in no dialect. None of their content may stand in a reason. */
const brokenLines = [
  '',
  'INFO canary',
  '"canary"',
  '["canary"]',
  'null',
  '{}',
  '{"type":null}',
  '{"canary":1}',
  '{"type":"RECORD"',
  '{"type":"RECORD","canary":}',
  '{"type":"RECORD"} {"type":"RECORD"}',
  '{"type":"RECORD"}',
  '{"type":"STATE"}',
  `{"type":"LOG","canary":${'['.repeat(300)}${']'.repeat(300)}}`,
];

/** The same values for every dialect, and again with the seed. */
const sameSeed = { seed, numRuns: 500 };

const cases = {
  'a record comes back byte for byte, as its source wrote it': (subject: DialectUnderTest) => {
    const encoder = subject.createEncoder(streams, noState);
    const decoder = subject.createDecoder(streams);
    fc.assert(
      fc.property(anyRow, (row) => {
        const decoded = asRecord(decode(decoder, encoder.encode(record(row)).trimEnd()));
        expect(Buffer.from(decoded.data).toString()).toBe(JSON.stringify(wellFormed(row)));
        expect([decoded.stream?.stream.name, decoded.name]).toEqual(['calls', 'calls']);
      }),
      sameSeed,
    );
  },

  'a record that somebody else wrote keeps its digits': (subject: DialectUnderTest) => {
    const decoder = subject.createDecoder(streams);
    const read = (data: string) => dataOf(decode(decoder, subject.recordLine({ data })));
    for (const data of [
      '{"n":90071992547409931}',
      '{"n":-12345678901234567890123}',
      '{"n":0.8333333333333334,"m":1.50}',
      '{"n":[1e3,-0.25,100]}',
      '{ "a" : "\u00e9 é 😀" ,"b":{"c":[ ]}}',
      '{"__proto__":{"polluted":true},"constructor":1,"toString":null}',
    ])
      expect(read(data)).toBe(data);
    // A double would change it: its digits, as text.
    expect(read('{"n":0.12345678901234567890}')).toBe('{"n":"0.12345678901234567890"}');
    expect(read('{"n":1e400}')).toBe('{"n":"1e400"}');
    // Half of a pair, which strict readers refuse.
    expect(read('{"a\\ud800":"\\ud83d x \\ude00"}')).toBe('{"a\ufffd":"\ufffd x \ufffd"}');
    expect(read('{"a":"\\ud83d\\ude00"}')).toMatch(/^\{"a":"(😀|\\ud83d\\ude00)"\}$/);
  },

  'the fast way and the full parse hear the same': (subject: DialectUnderTest) => {
    const decoder = subject.createDecoder(streams);
    const meaning = (parts: Parameters<DialectUnderTest['recordLine']>[0]) => {
      const decoded = decode(decoder, subject.recordLine(parts));
      if (decoded.kind !== 'record') return { ...decoded, data: undefined };
      const text = Buffer.from(decoded.data).toString();
      expect(text).not.toContain('\n');
      return { ...decoded, data: JSON.parse(text) as JsonValue };
    };
    const stream = fc.constantFrom('"calls"', '"runs"', '"c\\u0061lls"', '"nobody"', '7', 'null');
    const emittedAt = fc.oneof(fc.constantFrom(...subject.times.map(([text]) => text)), valueText);
    fc.assert(
      fc.property(dataText, stream, fc.option(emittedAt, { nil: undefined }), (data, name, time) => {
        const parts = { data, stream: name, ...(time === undefined ? {} : { emittedAt: time }) };
        const { data: fast, ...fastly } = meaning(parts);
        // A type that is spelled with an escape is found by the full parse only.
        const { data: full, ...fully } = meaning({ ...parts, type: '"\\u0052ECORD"' });
        expect(fastly).toEqual(fully);
        if (fastly.kind === 'record') {
          expect(isSameMeaning(fast, full)).toBe(true);
          const sent = JSON.parse(data) as object;
          expect([sent, withoutReserved(sent)].some((meant) => isSameMeaning(fast, meant))).toBe(true);
        }
      }),
      { ...sameSeed, numRuns: 3000 },
    );
  },

  'the time of a record is kept to the millisecond, and is unknown when it is none': (subject: DialectUnderTest) => {
    const encoder = subject.createEncoder(streams, noState);
    const decoder = subject.createDecoder(streams);
    const times = fc.integer({ min: Date.parse('1990-01-01'), max: Date.parse('9999-12-31') });
    fc.assert(
      fc.property(times, fc.constantFrom(0, 0.25, 0.999), (ms, fraction) => {
        const line = encoder.encode({ type: 'record', stream: 'calls', row: {}, emittedAt: ms + fraction });
        expect(asRecord(decode(decoder, line.trimEnd())).emittedAt).toBe(Math.trunc(ms + fraction));
      }),
      sameSeed,
    );
    for (const [emittedAt, ms] of subject.times)
      expect(asRecord(decode(decoder, subject.recordLine({ data: '{}', emittedAt }))).emittedAt, emittedAt).toBe(ms);
    expect(asRecord(decode(decoder, subject.recordLine({ data: '{}' }))).emittedAt).toBeUndefined();
  },

  'records and states keep their order': (subject: DialectUnderTest) => {
    const step = fc.record({ isState: fc.boolean(), stream: fc.constantFrom('calls', 'runs') });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const messages = steps.flatMap(({ isState, stream }, n) => [
          isState ? state({ n }, stream) : record({ id: String(n) }, stream),
          ...(n % 3 === 0 ? [status('running')] : []),
        ]);
        const kept = new Map<string, JsonObject>();
        const heard = hear(subject, messages).flatMap((decoded) => {
          if (decoded.kind === 'record') return [`${decoded.name} ${dataOf(decoded)}`];
          if (decoded.kind !== 'state') return [];
          const changed = [...keep(subject, [decoded]).streams].filter(([name, { n }]) => kept.get(name)?.['n'] !== n);
          for (const [name, content] of changed) kept.set(name, content);
          return changed.map(([name, content]) => `state of ${name} ${JSON.stringify(content)}`);
        });
        expect(heard).toEqual(
          steps.map(({ isState, stream }, n) =>
            isState ? `state of ${stream} {"n":${n}}` : `${stream} {"id":"${n}"}`,
          ),
        );
      }),
      { ...sameSeed, numRuns: 200 },
    );
  },

  'a state comes back to the next read as the state that it was': (subject: DialectUnderTest) => {
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1, maxLength: 4 }), anyRow, (contents, other) => {
        const messages = [state(other, 'runs'), ...contents.map((content) => state(content))];
        const { streams: kept } = keep(subject, hear(subject, messages).map(asState));
        expect([...kept.keys()].sort()).toEqual(['calls', 'runs']);
        // Compared as text: an object with a key __proto__ is equal to any other.
        expect(JSON.stringify(kept.get('calls'))).toBe(JSON.stringify(wellFormed(contents.at(-1) ?? {})));
        expect(JSON.stringify(kept.get('runs'))).toBe(JSON.stringify(wellFormed(other)));
      }),
      sameSeed,
    );
  },

  'the line that acknowledges a state is what its host wants back, to the last digit': (subject: DialectUnderTest) => {
    const decoder = subject.createDecoder(streams);
    const digits = '{"big":98765432109876543210,"f":1.50,"e":"\\u00e9 é", "list":[1,  2]}';
    const line = subject.stateLine(digits);
    const own = Buffer.from(line);
    const decoded = asState(decoder.decode(own));
    // The chunk that it came in is used again.
    own.fill('x');
    const back = decoded.acknowledge(counts).toString();
    expect(back.endsWith('\n') && back.indexOf('\n') === back.length - 1).toBe(true);
    expect(back).toContain(digits);
    expect(JSON.parse(back)).toEqual(subject.acknowledgementOf(JSON.parse(line) as JsonObject, counts));
    fc.assert(
      fc.property(valueText, (content) => {
        const sent = subject.stateLine(`{"v":${content}}`);
        expect(asState(decode(decoder, sent)).acknowledge(counts).toString()).toContain(`{"v":${content}}`);
      }),
      sameSeed,
    );
  },

  'a state stands for its own stream': (subject: DialectUnderTest) => {
    expect(asState(hear(subject, [state({ v: 1 })])[0]).stream?.stream.name).toBe('calls');
  },

  'what was saved is said again before anything new': (subject: DialectUnderTest) => {
    const saved: SavedState = { streams: new Map([['gone', { v: 7 }]]), others: { activate_versions: { gone: 1 } } };
    const [first, second] = hear(subject, [state({ v: 1 })], saved).map(asState);
    if (first === undefined || second === undefined) throw new Error('one state only');
    expect(keep(subject, [first])).toEqual(saved);
    expect(keep(subject, [second])).toEqual({
      ...saved,
      streams: new Map([
        ['gone', { v: 7 }],
        ['calls', { v: 1 }],
      ]),
    });
  },

  'a first read has a state of nothing, and says none': (subject: DialectUnderTest) => {
    for (const text of subject.firstStates) {
      const saved = subject.dialect.parseState(text, 'state.json');
      expect([text, [...saved.streams], saved.others]).toEqual([text, [], {}]);
      expect(subject.createEncoder(streams, saved).start()).toBe('');
    }
  },

  'a state that is empty or cut short is an error with the next step, never a first read': (
    subject: DialectUnderTest,
  ) => {
    const states = hear(subject, [state({ v: 'canary' })]).map(asState);
    const whole = subject.stateFileOf(states.map((decoded) => decoded.acknowledge(counts).toString())).trimEnd();
    expect(subject.dialect.parseState(`\ufeff${whole}\n`, 's').streams.get('calls')).toEqual({ v: 'canary' });
    const cut = Array.from(whole, (_, length) => whole.slice(0, length));
    for (const text of [...cut, ' \n\t', '\ufeff', '\u0000\u0000', '7', 'true', '"canary"']) {
      const { message, hint } = refusalOf(() => subject.dialect.parseState(text, 'kept/state.json'));
      expect(message).toMatch(/^The state file kept\/state\.json cannot be used: it (is|has) /);
      expect(hint).toContain('on a first run leave --state out; else restore the file');
      expect(message + hint).not.toContain('canary');
    }
  },

  'every message is one well-formed line, or none, whatever is in it': (subject: DialectUnderTest) => {
    const encoder = subject.createEncoder(streams, noState);
    fc.assert(
      fc.property(oddText, (text) => {
        const messages: Message[] = [
          record({ [text]: { [text]: text } }),
          state({ [text]: text }),
          status('started'),
          waiting,
          { type: 'log', level: 'info', message: text, fields: { field: text } },
          { type: 'report', report: { [text]: text } },
        ];
        for (const message of messages) {
          const line = encoder.encode(message);
          if (line === '') continue;
          expect(line.indexOf('\n')).toBe(line.length - 1);
          expect(Buffer.from(line).toString()).toBe(line);
          const parsed = JSON.stringify(JSON.parse(line));
          expect(parsed).toBe(JSON.stringify(wellFormed(JSON.parse(line))));
          if ('stream' in message && message.type !== 'status')
            expect(parsed).toContain(JSON.stringify(text.toWellFormed()));
        }
      }),
      { ...sameSeed, numRuns: 2000 },
    );
  },

  'a log is a line that asks nothing of a loader': (subject: DialectUnderTest) => {
    const messages: Message[] = [
      { type: 'log', level: 'warn', message: 'x' },
      { type: 'report', report: { calls: 1 } },
    ];
    expect(hear(subject, messages).map(({ kind }) => kind)).toEqual(['ignored', 'ignored']);
  },

  'how a stream is doing is heard as it was said': (subject: DialectUnderTest) => {
    const messages = [...(['started', 'running', 'complete', 'incomplete'] as const).map(status), waiting];
    const heard = hear(subject, messages);
    expect(heard).toEqual(
      messages.map((message) => ({
        kind: 'status',
        status: message.status,
        stream: expect.objectContaining({ stream: expect.objectContaining({ name: message.stream }) }),
      })),
    );
  },

  'a stream that starts is declared, with its key, before its records': (subject: DialectUnderTest) => {
    const encoder = subject.createEncoder(streams, noState);
    const decoder = subject.createDecoder([]);
    const decoded = decode(decoder, encoder.encode(status('started')).trimEnd());
    if (decoded.kind !== 'schema') throw new Error(`a ${decoded.kind}`);
    expect(decoded.stream).toMatchObject({ stream: { name: 'calls' }, primaryKey: [['id']] });
    expect(asRecord(decode(decoder, encoder.encode(record({ id: '1' })).trimEnd())).stream).toBe(decoded.stream);
  },

  'the facts of the dialect are facts': (subject: DialectUnderTest) => {
    const { declaresStreams, hasWholeStates, carriesLogs, carriesStatuses, envelope } = subject.dialect;
    const encoder = subject.createEncoder(streams, noState);
    expect(encoder.encode({ type: 'log', level: 'info', message: 'x' }) !== '').toBe(carriesLogs);
    expect(encoder.encode({ type: 'report', report: {} }) !== '').toBe(carriesLogs);
    for (const value of ['running', 'complete', 'incomplete'] as const)
      expect(encoder.encode(status(value)) !== '').toBe(carriesStatuses);
    const start = decode(subject.createDecoder([]), encoder.encode(status('started')).trimEnd());
    expect(start.kind === 'schema').toBe(declaresStreams);
    const [first, second] = hear(subject, [state({ v: 1 }), state({ v: 2 }, 'runs')]).map(asState);
    expect(first?.stream === undefined).toBe(hasWholeStates);
    expect(second && keep(subject, [second]).streams.has('calls')).toBe(hasWholeStates);
    expect(subject.recordLine({ data: '{}' })).toContain(JSON.stringify(envelope.data));
  },

  'a record of a stream that nobody told of is never taken': (subject: DialectUnderTest) => {
    const decoded = decode(subject.createDecoder(streams), subject.recordLine({ stream: '"canary"', data: '{"a":1}' }));
    if (subject.dialect.declaresStreams) {
      if (decoded.kind !== 'refused') throw new Error(`a ${decoded.kind}`);
      expect(decoded.reason + decoded.hint).not.toContain('canary');
      expect(decoded.hint).not.toBe('');
    } else expect(asRecord(decoded)).toMatchObject({ stream: undefined, name: 'canary' });
  },

  'a broken line is told apart by a reason without content': (subject: DialectUnderTest) => {
    const decoder = subject.createDecoder(streams);
    for (const line of [...brokenLines, ...subject.brokenLines]) {
      const decoded = decode(decoder, line);
      if (decoded.kind !== 'malformed') throw new Error(`a ${decoded.kind}: ${line.slice(0, 80)}`);
      expect(decoded.reason).not.toBe('');
      expect(decoded.reason).not.toContain('canary');
    }
    const anything = fc.oneof(valueText, oddText, fc.string());
    fc.assert(
      fc.property(anything, (text) => {
        expect(decode(decoder, text).kind).not.toBe('record');
      }),
      sameSeed,
    );
  },

  'a message of a type that nobody knows says which': (subject: DialectUnderTest) => {
    const decoder = subject.createDecoder(streams);
    for (const type of ['PING', 'constructor', '__proto__'])
      expect(decode(decoder, JSON.stringify({ type, record: {}, stream: 'calls' }))).toEqual({ kind: 'unknown', type });
  },

  'a message that may not be left out is refused, with the next step': (subject: DialectUnderTest) => {
    expect(decode(subject.createDecoder(streams), subject.refusedLine ?? '')).toEqual({
      kind: 'refused',
      reason: expect.stringMatching(/./),
      hint: expect.stringMatching(/./),
    });
  },

  'no line changes a prototype': (subject: DialectUnderTest) => {
    const decoder = subject.createDecoder(streams);
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const data = `{"${key}":{"polluted":1},"\\u0061":1,"${key}":{"polluted":1}}`;
      decode(decoder, subject.recordLine({ stream: `"${key}"`, data }));
      decode(decoder, subject.recordLine({ data, type: '"\\u0052ECORD"' }));
      decode(decoder, subject.stateLine(data)).kind;
      for (const type of ['LOG', 'SCHEMA', 'BATCH'])
        decode(decoder, `{"type":"${type}","stream":"${key}","${key}":${data},"schema":{"properties":${data}}}`);
    }
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(Object.hasOwn(Object, 'polluted')).toBe(false);
  },

  'discovery shows each stream with its key, its cursor and its modes': (subject: DialectUnderTest) => {
    expect(subject.readDiscovered(subject.dialect.encodeCatalog(streams))).toEqual([
      { name: 'calls', key: [['id']], cursor: ['at'], isFullRefreshOffered: true },
      { name: 'runs', key: [['id'], ['title']], cursor: ['at'], isFullRefreshOffered: false },
    ]);
  },

  'a choice of what discovery showed is read back: those streams, with key, cursor and fields': (
    subject: DialectUnderTest,
  ) => {
    const chosen = { namespace: undefined, cursor: ['at'], isFull: false, fields: ['id', 'at', 'title'] };
    expect(subject.choose(streams, { names: ['calls', 'runs'] })).toEqual([
      { ...chosen, name: 'calls', key: [['id']] },
      { ...chosen, name: 'runs', key: [['id'], ['title']] },
    ]);
    expect(subject.choose(streams, { names: ['runs'] }).map(({ name }) => name)).toEqual(['runs']);
    expect(subject.choose(streams, { names: [] })).toEqual([]);
    expect(subject.choose(streams, { names: ['calls'], isFull: true })).toMatchObject([
      { name: 'calls', isFull: true },
    ]);
  },

  'another key than the stream’s own may be chosen': (subject: DialectUnderTest) => {
    expect(subject.choose(streams, { names: ['calls'], key: ['title'] })).toMatchObject([{ key: [['title']] }]);
  },

  'fields may be left out, but for key and cursor': (subject: DialectUnderTest) => {
    expect(subject.choose(streams, { names: ['calls'], without: ['id', 'at', 'title'] })).toMatchObject([
      { fields: ['id', 'at'] },
    ]);
  },

  'a key may lie deeper than the first level': (subject: DialectUnderTest) => {
    const deep: Stream = { ...calls, primaryKey: [['more', 'id']] };
    expect(subject.choose([deep], { names: ['calls'] })).toMatchObject([{ key: [['more', 'id']] }]);
  },

  'a stream may lie in a namespace': (subject: DialectUnderTest) => {
    expect(subject.choose([{ ...calls, namespace: 'crm' }], { names: ['calls'] })).toMatchObject([
      { namespace: 'crm' },
    ]);
  },

  'what is no catalog is an error, never a choice of everything': (subject: DialectUnderTest) => {
    const values: JsonValue[] = [null, {}, [], 'x', 7, { streams: null }, { streams: 'calls' }, { streams: ['calls'] }];
    for (const value of values) expect(refusalOf(() => subject.readCatalog(value)).hint).toMatch(/discover/);
  },
};

type Case = keyof typeof cases;

/** @param exceptions cases that do not hold, each with its reason: they are run all the same, and have to fail */
export function describeDialect(
  name: string,
  subject: DialectUnderTest,
  exceptions: Partial<Record<Case, string>>,
): void {
  describe(`${name} as a dialect, seed ${seed}`, () => {
    for (const [text, run] of Object.entries(cases)) {
      const reason = exceptions[text as Case];
      if (reason === undefined) test(text, () => run(subject));
      else test.fails(`not here: ${text} (${reason})`, () => run(subject));
    }
  });
}
