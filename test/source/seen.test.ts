import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSeen } from '../../src/source/seen.ts';

test('what was put is the same after a round trip through the state, other content is changed, other ids are new', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { selector: ([id]) => id, maxLength: 50 }),
      (entries) => {
        const seen = createSeen();
        for (const [id, content] of entries) seen.put(id, content);
        const again = createSeen(seen.pack());
        expect(again.size).toBe(entries.length);
        for (const [id, content] of entries) {
          expect(again.compare(id, content)).toBe('same');
          expect(again.compare(id, `${content}.`)).toBe('changed');
          expect(again.compare(`${id}\u0000other`, content)).toBe('new');
        }
      },
    ),
  );
});

test('U6 10,000 calls take less than 256 KiB in the state, and more than its capacity are never kept', () => {
  const seen = createSeen();
  for (let id = 0; id < 10_000; id++) seen.put(String(id), 'content');
  expect(seen.pack().length).toBeLessThan(256 * 1024);
  expect(seen.isComplete()).toBe(true);
  for (let id = 10_000; id < 40_000; id++) seen.put(String(id), 'content');
  expect(seen.pack().length).toBeLessThan(256 * 1024);
  expect(seen.isComplete()).toBe(false);
  expect(seen.has('39999')).toBe(true);
  expect(seen.has('0')).toBe(false);
});

test('what is listed again does not push others out, and what is not worth a place does not take one', () => {
  const seen = createSeen('', 3);
  for (const id of ['a', 'b', 'c']) seen.put(id, '1');
  seen.put('a', '2');
  seen.put('old', '1', false);
  expect(['a', 'b', 'c', 'old'].filter((id) => seen.has(id))).toEqual(['a', 'b', 'c']);
  // What has its place is kept up to date there, also when it is no longer worth one.
  seen.put('b', '3', false);
  expect(seen.compare('b', '3')).toBe('same');
  seen.put('d', '1');
  expect(['a', 'b', 'c', 'd'].filter((id) => seen.has(id))).toEqual(['b', 'c', 'd']);
});
