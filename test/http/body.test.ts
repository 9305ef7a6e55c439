import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BodyTooLargeError, jsonDepthCap, parseJson, readBody } from '../../src/http/body.ts';

test('whole JSON is parsed as JSON.parse does, whatever brackets and quotes its texts hold', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6, stringUnit: 'binary' }), (text) => {
      const parsed = parseJson(Buffer.from(text, 'utf8'));
      expect(JSON.stringify(parsed)).toBe(
        JSON.stringify(JSON.parse(text)).replace(/\\ud[89a-f][0-9a-f]{2}/g, '\ufffd'),
      );
    }),
  );
});

test.each(['', '{', '{"a":1', '<html>', '{"a":1} x'])('%j is not whole JSON', (text) => {
  expect(parseJson(Buffer.from(text))).toBe(undefined);
});

test('nesting is taken up to the cap and not beyond', () => {
  const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
  expect(parseJson(nested(jsonDepthCap))).toBeDefined();
  expect(parseJson(nested(jsonDepthCap + 1))).toBe(undefined);
  expect(parseJson(nested(200_000))).toBe(undefined);
});

test('M13 a lone surrogate becomes U+FFFD, a pair stays', () => {
  expect(parseJson(Buffer.from('{"\\ud83d\\ude00": "\\ud800x"}'))).toEqual({ '\u{1f600}': '\ufffdx' });
});

test('a body is cut at the cap', async () => {
  async function* chunks() {
    for (;;) yield Buffer.alloc(1000);
  }
  await expect(readBody(chunks(), 10_000)).rejects.toThrow(BodyTooLargeError);
});
