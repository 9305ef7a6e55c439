// Where a record came in, through everything that stands between records.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineNumbers } from '../../src/load/line-numbers.ts';

test('L13 the line of every record, whatever lies between them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3))), (steps) => {
      const numbers = createLineNumbers();
      const meant = new Map<number, number>();
      let [seq, line] = [5, 1];
      for (const [records, others] of steps) {
        // Several records of one line come from a file that it names.
        line += others;
        numbers.note(seq, line);
        meant.set(seq, line);
        seq += 1;
        line += records > 0 ? 1 : 0;
      }
      for (const [known, at] of meant) expect(numbers.of(known)).toBe(at);
      expect(numbers.of(4)).toBeUndefined();
      expect(numbers.of(seq)).toBeUndefined();
    }),
  );
});
