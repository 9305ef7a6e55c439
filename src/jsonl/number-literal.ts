// Numbers as text: which literals keep their value when a reader stores them as a double.

/** No literal that people or programs write for a double is longer; beyond, looking at the digits could take for ever. */
const longestLiteral = 100;

/**
 * Does this JSON number, written with a fraction or an exponent, come out of a double with the same decimal value?
 * `0.1`, `1.50` and `0.8333333333333334` do; `12345678901234567890.123456789`, `1e400` and `1e-400` do not, nor does
 * anything longer than 100 characters.
 */
export function survivesDouble(literal: string): boolean {
  if (literal.length > longestLiteral) return false;
  const value = Number(literal);
  // Most are spelled as JavaScript spells them.
  return Number.isFinite(value) && (String(value) === literal || toDecimal(String(value)) === toDecimal(literal));
}

/** The shortest spelling of any double has so many significant digits at the most. */
const mostSignificant = 17;

/** Is the number between `start` and `end`, with a fraction or an exponent, none that a double holds? */
export function isChangedByDouble(bytes: Uint8Array, start: number, end: number): boolean {
  if (significantDigits(bytes, start, end) > mostSignificant) return true;
  return !survivesDouble(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, end));
}

/** Digits of the number without the zeros around them. */
function significantDigits(bytes: Uint8Array, start: number, end: number): number {
  let digits = 0;
  let zeros = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === letterE || byte === capitalE) break;
    if (byte < zero || byte > nine) continue;
    if (byte !== zero) {
      digits += zeros + 1;
      zeros = 0;
    } else if (digits > 0) zeros += 1;
  }
  return digits;
}

const zero = 0x30;
const nine = 0x39;
const letterE = 0x65;
const capitalE = 0x45;

/** One spelling per decimal value, without its sign: digits without outer zeros, and the power of ten of the last one. */
function toDecimal(literal: string): string {
  const [mantissa = '', exponent = '0'] = literal.replace(/^-/, '').toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${significant}e${Number(exponent) - fraction.length + (digits.length - significant.length)}`;
}
