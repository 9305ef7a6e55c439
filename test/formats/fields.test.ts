// Names with what is said of them, one below the other.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fieldLines } from '../../src/formats/fields.ts';

it('lines the texts up, and goes on below the text where a line is full', () => {
  const fields = [
    { name: 'a', text: 'one two three four five' },
    { name: 'long name', text: 'x' },
  ];
  expect(fieldLines(fields)).toBe('a         one two three four five\nlong name x\n');
  expect(fieldLines(fields, { room: 26 })).toBe('a         one two three\n          four five\nlong name x\n');
  expect(fieldLines([{ name: 'n', text: 'y'.repeat(20) }], { room: 18 })).toBe(`n ${'y'.repeat(16)}\n  yyyy\n`);
});

it('loses no word and no character, and no line is too long', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,40}$/), { minLength: 1 }),
      fc.integer({ min: 20, max: 80 }),
      (words, room) => {
        const lines = fieldLines([{ name: 'n', text: words.join(' ') }], { room })
          .trimEnd()
          .split('\n');
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(room);
        expect(lines.join('').replace(/^n| /g, '')).toBe(words.join(''));
      },
    ),
  );
});
