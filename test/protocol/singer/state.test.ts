// The state that Singer hosts hand back.
import { describe, expect, test } from 'vitest';
import { singer } from '../../../src/protocol/singer/dialect.ts';

const parse = (text: string) => singer.parseState(text, 'state.json');
const calls = new Map([['calls', { v: 1 }]]);

describe('a state file', () => {
  test.each([
    '{}',
    'null',
    '{"bookmarks":null}',
    '{"bookmarks":{}}',
    '{"bookmarks":{"calls":null}}',
    '{"currently_syncing":null}',
    '{"type":"STATE","value":null}',
  ])('%j means from the start', (text) => {
    expect(parse(text).streams.size).toBe(0);
  });

  test.each([
    ['a value', '{"bookmarks":{"calls":{"v":1}}}'],
    ['a whole message', '{"type":"STATE","value":{"bookmarks":{"calls":{"v":1}}}}'],
    ['one with a mark of byte order', '\uFEFF{"bookmarks":{"calls":{"v":1}}}'],
  ])('may be %s', (_, text) => {
    expect(parse(text)).toEqual({ streams: calls, others: {} });
  });

  test('keeps what belongs to others, but not which stream was under way', () => {
    const text = '{"bookmarks":{"calls":{"v":1}},"currently_syncing":"calls","activate_versions":{"calls":7}}';
    expect(parse(text)).toEqual({ streams: calls, others: { activate_versions: { calls: 7 } } });
  });

  test.each([
    ['', 'it is empty'],
    [' \n', 'it is empty'],
    ['\uFEFF', 'it is empty'],
    ['{', 'it is not JSON'],
    ['{"bookmarks":{}}\n{"bookmarks":{}}\n', 'it is not JSON'],
    ['[]', 'it is not an object'],
    ['"x"', 'it is not an object'],
    ['{"bookmarks":[1]}', 'its bookmarks are not an object'],
    ['{"bookmarks":{"calls":"2026-01-01"}}', 'it has a bookmark that is no object'],
    // As `meltano state get` prints it, and a file of settings.
    ['{"singer_state":{"bookmarks":{"calls":{"v":1}}}}', 'it has no bookmarks'],
    ['{"gong_access_key":"canary"}', 'it has no bookmarks'],
  ])('%j is broken, and never means from the start', (text, why) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        area: 'config',
        message: expect.stringMatching(`^The state file state.json cannot be used: ${why}`),
        hint: expect.stringContaining('asks for paid runs again'),
      }),
    );
  });
});
