import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfiguredCatalog } from '../../../src/core/catalog.ts';
import { splitLines } from '../../../src/jsonl/lines.ts';
import { airbyte } from '../../../src/protocol/airbyte/dialect.ts';
import type { DecodedState } from '../../../src/protocol/dialect.ts';

const chosen = (name: string, namespace?: string) => ({
  stream: { name, namespace, jsonSchema: {}, primaryKey: [], cursorField: [], syncModes: [] },
  syncMode: 'incremental' as const,
  destinationSyncMode: 'append' as const,
  primaryKey: [],
  cursorField: [],
});
const catalog: ConfiguredCatalog = [
  chosen('calls'),
  chosen('deals', 'crm'),
  chosen('users', 'a'),
  chosen('users', 'b'),
];

const decode = (text: string) => airbyte.createDecoder(catalog).decode(Buffer.from(text));
const streamOf = (parts: object) => {
  const decoded = decode(JSON.stringify({ type: 'RECORD', record: { data: {}, emitted_at: 1, ...parts } }));
  return decoded.kind === 'record' ? decoded.stream : undefined;
};

function decodeState(text: string): DecodedState {
  const decoded = decode(text);
  if (decoded.kind !== 'state') throw new Error(`a ${decoded.kind}`);
  return decoded;
}

describe('records', () => {
  it('are matched by name and namespace, where null, "" and absent are one', () => {
    expect(streamOf({ stream: 'calls' })).toBe(catalog[0]);
    expect(streamOf({ stream: 'calls', namespace: null })).toBe(catalog[0]);
    expect(streamOf({ stream: 'calls', namespace: '' })).toBe(catalog[0]);
    expect(streamOf({ stream: 'calls', namespace: 'crm' })).toBeUndefined();
    expect(streamOf({ stream: 'users', namespace: 'b' })).toBe(catalog[3]);
  });

  it('without a namespace belong to the only stream of their name', () => {
    expect(streamOf({ stream: 'deals', namespace: null })).toBe(catalog[1]);
    expect(streamOf({ stream: 'users' })).toBeUndefined();
  });

  it('stay apart when names and namespaces alternate', () => {
    const decoder = airbyte.createDecoder(catalog);
    const sent = [
      ['calls', null],
      ['users', 'a'],
      ['users', null],
      ['deals', null],
      ['users', 'b'],
      ['nobody', null],
      ['deals', 'crm'],
      ['calls', 'crm'],
    ] as const;
    const found = [...sent, ...sent].map(([name, namespace]) => {
      const record = { stream: name, data: {}, namespace };
      const decoded = decoder.decode(Buffer.from(JSON.stringify({ type: 'RECORD', record })));
      return decoded.kind === 'record' && decoded.stream ? catalog.indexOf(decoded.stream) : -1;
    });
    const expected = [0, 2, -1, 1, 3, -1, 1, -1];
    expect(found).toEqual([...expected, ...expected]);
  });

  it('lose the keys that a host or we ourselves put beside the data, and keep the rest', () => {
    const decoded = decode(
      '{"type":"RECORD","record":{"stream":"calls","data":{"_airbyte_raw_id":"x","id":12345678901234567890,"__gong_elt_seq":1,"_airbyt":2}}}',
    );
    expect(decoded.kind === 'record' && Buffer.from(decoded.data).toString()).toBe(
      '{"id":12345678901234567890,"_airbyt":2}',
    );
  });
});

describe('states', () => {
  const line =
    ' {"type":"STATE", "state":{"type":"STREAM","id":12345678901234567890,"stream":{"stream_descriptor":{"name":"calls","namespace":null},"stream_state":{"big":98765432109876543210,"text":"\\u00e9}"}},"sourceStats":{"recordCount":3.0},"unknown":[1,  2]}}';

  it('go back byte for byte, with our counts put in', () => {
    expect(decodeState(line).acknowledge({ records: 3, rejected: 0 }).toString()).toBe(
      `${line.slice(0, -2)},"destinationStats":{"recordCount":3.0}}}\n`,
    );
  });

  it('name refused records only when there are some', () => {
    expect(decodeState(line).acknowledge({ records: 2, rejected: 1 }).toString()).toContain(
      '"destinationStats":{"recordCount":2.0,"rejectedRecordCount":1.0}}}',
    );
  });

  it('get their counts in place of an empty field that the host left for them', () => {
    const sent =
      '{"type":"STATE","record":null,"state":{"destinationStats":null,"type":"STREAM","global":null,"data":null,"stream":{"stream_descriptor":{"name":"deals"},"stream_state":{"a":1}}}}';
    const decoded = decodeState(sent);
    expect(decoded.stream).toBe(catalog[1]);
    expect(decoded.acknowledge({ records: 1, rejected: 0 }).toString()).toBe(
      `${sent.replace('"destinationStats":null', '"destinationStats":{"recordCount":1.0}')}\n`,
    );
  });

  it('go back unchanged whatever is in them', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (content, extra) => {
        const sent = `{"type":"STATE","state":{"x":${extra},"type":"STREAM","stream":{"stream_descriptor":{"name":"calls"},"stream_state":{"c":${content}}}}}`;
        const back = decodeState(sent).acknowledge({ records: 0, rejected: 0 }).toString();
        expect(back.replace(',"destinationStats":{"recordCount":0.0}', '')).toBe(`${sent}\n`);
      }),
    );
  });

  it('speak for one stream, for one that was not chosen, or for all when they are global or old', () => {
    const stateOf = (state: object) => {
      const { stream, state: content } = decodeState(JSON.stringify({ type: 'STATE', state }));
      return [stream?.stream.name, content];
    };
    const descriptor = { name: 'calls' };
    expect(stateOf({ type: 'STREAM', stream: { stream_descriptor: descriptor, stream_state: { v: 1 } } })).toEqual([
      'calls',
      { v: 1 },
    ]);
    expect(stateOf({ type: 'STREAM', stream: { stream_descriptor: descriptor, stream_state: null } })).toEqual([
      'calls',
      null,
    ]);
    expect(
      stateOf({ type: 'STREAM', stream: { stream_descriptor: { name: 'nobody' }, stream_state: { v: 1 } } }),
    ).toEqual([undefined, null]);
    const foreign = { type: 'STREAM', stream: { stream_descriptor: { name: 'nobody', namespace: 'x' } } };
    expect(decodeState(JSON.stringify({ type: 'STATE', state: foreign })).unknownStream).toEqual({
      name: 'nobody',
      namespace: 'x',
    });
    expect(stateOf({ type: 'GLOBAL', global: { shared_state: { v: 1 }, stream_states: [] } })).toEqual([
      undefined,
      { shared_state: { v: 1 }, stream_states: [] },
    ]);
    expect(stateOf({ data: { v: 1 } })).toEqual([undefined, { v: 1 }]);
  });
});

describe('what a source says of itself', () => {
  const trace = (content: object) => {
    const decoded = decode(JSON.stringify({ type: 'TRACE', trace: { emitted_at: 1, ...content } }));
    return decoded.kind === 'status' ? [decoded.status, decoded.stream?.stream.name] : decoded.kind;
  };
  const statusOf = (name: string, word: string, namespace: string | null = null) =>
    trace({ type: 'STREAM_STATUS', stream_status: { stream_descriptor: { name, namespace }, status: word } });

  it.each(['STARTED', 'RUNNING', 'COMPLETE', 'INCOMPLETE'])('%s is heard of the streams of the catalog', (word) => {
    expect(statusOf('calls', word)).toEqual([word.toLowerCase(), 'calls']);
    expect(statusOf('nobody', word)).toBe('ignored');
  });

  it('an error is heard as a stream that is not complete, or as all that were not yet', () => {
    const error = (about: object | null | undefined) =>
      trace({ type: 'ERROR', error: { message: 'x', stream_descriptor: about } });
    expect(error({ name: 'calls' })).toEqual(['incomplete', 'calls']);
    expect(error(null)).toEqual(['incomplete', undefined]);
    expect(error(undefined)).toEqual(['incomplete', undefined]);
    // That stream is not ours; it says nothing of the others.
    expect(error({ name: 'nobody' })).toBe('ignored');
  });

  it('nothing else is', () => {
    expect(statusOf('calls', 'FINISHED')).toBe('ignored');
    expect(trace({ type: 'ESTIMATE', estimate: { name: 'calls', type: 'STREAM' } })).toBe('ignored');
    expect(trace({ type: 'ANALYTICS', error: { message: 'x' } })).toBe('ignored');
  });
});

describe('other lines', () => {
  it.each(['LOG', 'TRACE', 'SPEC', 'CATALOG', 'CONNECTION_STATUS', 'CONTROL'])(
    'of type %s ask nothing of a loader',
    (type) => {
      expect(decode(JSON.stringify({ type, record: null })).kind).toBe('ignored');
    },
  );

  it.each([
    ['{"a":1', 'not one JSON object'],
    ['hello', 'not one JSON object'],
    ['{}', 'a message without type'],
    ['{"type":null}', 'a message without type'],
    ['{"type":"RECORD"}', 'a RECORD without record'],
    ['{"type":"RECORD","record":null}', 'a RECORD without record'],
    ['{"type":"RECORD","record":{"data":{}}}', 'a RECORD whose stream is not a text'],
    ['{"type":"RECORD","record":{"stream":"calls","data":null}}', 'a RECORD whose data is not an object'],
    ['{"type":"STATE"}', 'a STATE without state'],
    ['{"type":"STATE","state":{"type":"STREAM","stream":{}}}', 'a STATE of no named stream'],
    [`{"a":${'['.repeat(300)}${']'.repeat(300)}}`, 'nested deeper than 256 levels'],
  ])('like %s are told apart by a reason without content', (text, reason) => {
    expect(decode(text)).toEqual({ kind: 'malformed', reason });
  });
});

// Each file of the corpus: lines as hosts and sources write them, and beside it what becomes of each.
describe('the corpus', () => {
  const folder = join(import.meta.dirname, '../../fixtures/airbyte');
  it.each(readdirSync(folder).filter((name) => name.endsWith('.jsonl')))('%s', async (name) => {
    const decoder = airbyte.createDecoder(catalog);
    const outcomes: string[] = [];
    async function* file() {
      yield readFileSync(join(folder, name));
    }
    for await (const lines of splitLines(file()))
      for (const { number, bytes, fault } of lines) {
        const decoded = decoder.decode(bytes);
        const detail =
          decoded.kind === 'record'
            ? ` ${decoded.stream ? decoded.stream.stream.name : '?'} ${decoded.emittedAt ?? '-'} ${decoded.meta ?? '-'} ${Buffer.from(decoded.data).toString()}`
            : decoded.kind === 'state'
              ? ` ${decoded.stream ? decoded.stream.stream.name : '*'} ${JSON.stringify(decoded.state)}`
              : decoded.kind === 'malformed'
                ? ` ${decoded.reason}`
                : '';
        outcomes.push(`${number} ${decoded.kind}${detail}${fault ? ` (${fault})` : ''}`);
      }
    const expected = readFileSync(join(folder, name.replace('.jsonl', '.expected.txt')), 'utf8');
    expect(`${outcomes.join('\n')}\n`).toBe(expected);
  });
});
