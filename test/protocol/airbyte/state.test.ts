import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { ConnectorError } from '../../../src/core/errors.ts';
import { airbyte } from '../../../src/protocol/airbyte/dialect.ts';

const entry = {
  type: 'STREAM',
  stream: { stream_descriptor: { name: 'calls' }, stream_state: { v: 1, closedThrough: 5 } },
};
const calls = new Map([['calls', { v: 1, closedThrough: 5 }]]);
const parseText = (text: string) => airbyte.parseState(text, 'state.json').streams;
const parse = (value: unknown) => parseText(JSON.stringify(value));

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ConnectorError && error.area === 'config') return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a state file', () => {
  it.each([
    ['null', 'null'],
    ['{}', '{}'],
    ['[]', '[]'],
    ['an entry of nulls', '[{"type":null,"stream":null,"global":null,"data":null}]'],
    [
      'a stream that was reset',
      '[{"type":"STREAM","stream":{"stream_descriptor":{"name":"calls"},"stream_state":null}}]',
    ],
  ])('%s means from the start', (_, text) => {
    expect(parseText(text)).toEqual(new Map());
  });

  it.each([
    ['the list of a platform', [entry]],
    [
      'with the keys that hosts add',
      [{ ...entry, id: 7, global: null, global_: null, data: null, sourceStats: { recordCount: 5 } }],
    ],
    [
      'lines collected from stdout',
      [{ type: 'STATE', record: null, state: { ...entry, destinationStats: { recordCount: 1 } } }],
    ],
    ['one entry without a list', entry],
    ['a global state', [{ type: 'GLOBAL', global: { shared_state: null, stream_states: [entry.stream] } }]],
    [
      'entries for one stream, of which the last counts',
      [{ type: 'STREAM', stream: { ...entry.stream, stream_state: { v: 0 } } }, entry],
    ],
  ])('is read as %s', (_, value) => {
    expect(parse(value)).toEqual(calls);
  });

  it.each([
    ['an old form', { calls: { cursor: 1 } }],
    ['an old form in a list', [{ type: 'LEGACY', data: { calls: 1 } }]],
    ['a list of texts', ['calls']],
    [
      'a state that is a text',
      [{ type: 'STREAM', stream: { stream_descriptor: { name: 'calls' }, stream_state: 'x' } }],
    ],
    ['a state without a name', [{ type: 'STREAM', stream: { stream_state: {} } }]],
    ['a number', 3],
    ['a global state of no streams', [{ type: 'GLOBAL', global: { stream_states: 'x' } }]],
  ])('is refused as %s, with advice', (_, value) => {
    expect(messageOf(() => parse(value))).toMatch(/^The state file state.json cannot be used: .+\.$/);
  });

  it('gives the source its own words back, also when a repeated state was marked', () => {
    const encoder = airbyte.createEncoder([], systemClock);
    const message = { type: 'state', stream: 'calls', state: { v: 1, closedThrough: 5 } } as const;
    encoder.encode(message);
    const again = encoder.encode(message);
    expect(again).toContain('__gong_elt_repeat');
    expect(parseText(`[${again}]`)).toEqual(calls);
  });
});
