import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactly, writeExactly } from '../../src/jsonl/full-parse.ts';
import { valueText } from './json-text.ts';
import { isSameMeaning } from './same-meaning.ts';

const rewrite = (text: string) => writeExactly(parseExactly(text));

describe('the full parse', () => {
  it.each([
    [
      'whole numbers keep every digit',
      '[12345678901234567890123456789012,-0]',
      '[12345678901234567890123456789012,-0]',
    ],
    [
      'long fractions become strings',
      '[1.5,12345678901234567890.123456789,1e400]',
      '[1.5,"12345678901234567890.123456789","1e400"]',
    ],
    ['halves of surrogate pairs become U+FFFD', '["\\ud83d","\\ud83d\\ude00"]', '["\ufffd","😀"]'],
    ['__proto__ is a key like any other', '{"__proto__":{"a":1},"b":2}', '{"__proto__":{"a":1},"b":2}'],
    ['of two equal keys the last counts', '{"a":1,"a":{"b":1,"b":2}}', '{"a":{"b":2}}'],
    ['blanks go', ' { "a" : [ ] , "b" : { } } ', '{"a":[],"b":{}}'],
    ['a line stays one line', '"a\\nb\\u2028"', '"a\\nb\u2028"'],
  ])('writes a clean value: %s', (_, text, expected) => {
    expect(rewrite(text)).toBe(expected);
  });

  it('means what JSON.parse means', () => {
    fc.assert(
      fc.property(valueText, (text) => {
        expect(isSameMeaning(JSON.parse(rewrite(text)), JSON.parse(text))).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('refuses what JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        valueText,
        fc.nat(),
        fc.constantFrom('', '{', '}', '"', '\\', ',', ':', '1', 'e', '-', '.', 'n', '\t', '\u00a0'),
        (text, place, piece) => {
          const i = place % (text.length + 1);
          const changed = text.slice(0, i) + piece + text.slice(i + 1);
          const doesThrow = (parse: (text: string) => unknown) => {
            try {
              parse(changed);
              return false;
            } catch (error) {
              expect(error).toBeInstanceOf(SyntaxError);
              return true;
            }
          };
          expect(doesThrow(parseExactly)).toBe(doesThrow(JSON.parse));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('names a place and no content when it refuses', () => {
    expect(() => parseExactly('{"secret":"Zoë said so"')).toThrow(/^not JSON at character \d+$/);
  });
});
