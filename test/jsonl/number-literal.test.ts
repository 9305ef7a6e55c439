import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { survivesDouble } from '../../src/jsonl/number-literal.ts';

describe('a number literal survives a double', () => {
  it.each(['0.1', '1.50', '-0.0', '0.8333333333333334', '1e22', '1E+2', '123456789012345e10', '5e-324', '0.000001'])(
    'when it is %s',
    (literal) => {
      expect(survivesDouble(literal)).toBe(true);
    },
  );

  it.each([
    '12345678901234567890.123456789',
    '0.1000000000000000055',
    '1e400',
    '-1e400',
    '1e-400',
    '1.7976931348623159e308',
  ])('not when it is %s', (literal) => {
    expect(survivesDouble(literal)).toBe(false);
  });

  it('whenever JavaScript wrote it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => survivesDouble(String(value))),
    );
  });

  it('exactly when its decimal value is that of the double', () => {
    // Fractions over a power of ten, compared as whole numbers.
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 1, max: 18 }), (digits, places) => {
        const text = digits.toString().padStart(places + 1, '0');
        const literal = `${text.slice(0, -places)}.${text.slice(-places)}`;
        const back = Number(literal).toString();
        const isSame = !back.includes('e') && scaled(back, 18) === scaled(literal, 18);
        if (!back.includes('e')) expect(survivesDouble(literal)).toBe(isSame);
      }),
    );
  });
});

function scaled(literal: string, places: number): bigint {
  const [whole = '', fraction = ''] = literal.split('.');
  return BigInt(whole + fraction.padEnd(places, '0').slice(0, places));
}
