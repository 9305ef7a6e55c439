// How wide the columns of a table are.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitWidths, gap } from '../../src/formats/column-widths.ts';

const text = (natural: number) => ({ natural, mayShrink: true });
const number = (natural: number) => ({ natural, mayShrink: false });

it('gives each column its need where there is room', () => {
  expect(fitWidths([text(5), number(3)], 10)).toEqual([5, 3]);
  expect(fitWidths([text(500), number(3)], undefined)).toEqual([500, 3]);
});

it('takes from the widest texts first, evenly, and from no number', () => {
  expect(fitWidths([text(100), text(20), number(18)], 18 + 20 + 30 + 2 * gap)).toEqual([30, 20, 18]);
  expect(fitWidths([text(100), text(90)], 80 + gap)).toEqual([40, 40]);
});

it('says so when there is no room for eight characters each', () => {
  expect(fitWidths([text(20), text(20)], 17)).toBeUndefined();
  expect(fitWidths([number(20), number(20)], 40)).toBeUndefined();
});

it('fits whatever the needs, and leaves none of the room that is needed', () => {
  const need = fc.record({ natural: fc.integer({ min: 1, max: 300 }), mayShrink: fc.boolean() });
  fc.assert(
    fc.property(fc.array(need, { minLength: 1, maxLength: 12 }), fc.integer({ min: 10, max: 200 }), (needs, room) => {
      const widths = fitWidths(needs, room);
      if (widths === undefined) return;
      const total = widths.reduce((sum, width) => sum + width, 0) + gap * (widths.length - 1);
      const natural = needs.reduce((sum, { natural }) => sum + natural, 0) + gap * (needs.length - 1);
      expect(total).toBe(Math.min(room, natural));
      for (const [index, { natural, mayShrink }] of needs.entries()) {
        expect(widths[index]).toBeLessThanOrEqual(natural);
        expect(widths[index]).toBeGreaterThanOrEqual(mayShrink ? Math.min(8, natural) : natural);
      }
    }),
  );
});
