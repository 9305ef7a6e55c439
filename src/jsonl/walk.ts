// Walks over JSON text byte by byte, checking its grammar and noticing what DuckDB's JSON reader would refuse or silently change.
import { isChangedByDouble } from './number-literal.ts';

export const malformed = -1;
export const tooDeep = -2;

export const quote = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;
export const letterN = 0x6e;
const openBracket = 0x5b;
export const backslash = 0x5c;
const minus = 0x2d;
const plus = 0x2b;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const letterU = 0x75;
const blank = 0x20;

/** More digits than these may change when a number passes through a double. */
const safeDigits = 15;

/** Marks the bytes that stand for themselves inside a string. */
const plain = new Uint8Array(256).fill(1, blank);
plain[quote] = 0;
plain[backslash] = 0;

/** Marks the bytes that may follow a backslash. */
const escapable = markBytes('"\\/bfnrtu');
const hexDigits = new Int8Array(256).fill(-1);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  hexDigits[digit.charCodeAt(0)] = value;
  hexDigits[digit.toUpperCase().charCodeAt(0)] = value;
}
const literals = ['true', 'false', 'null'].map((text) => Buffer.from(text));

export interface Walker {
  /**
   * Something that a reader would refuse or change was seen: half of a surrogate pair, a top-level key of a record with a
   * reserved beginning. Set, never cleared, by the walker.
   */
  unusual: boolean;
  /** Starts and ends of fractions that a double would change, in turn. Grown, never cleared, by the walker. */
  readonly inexact: number[];
  /** Was there a backslash in the string walked last? */
  escaped: boolean;
  /** @returns the index behind the closing quote of the string whose first character is at `start`, or `malformed`. */
  skipString(bytes: Uint8Array, start: number): number;
  /**
   * @param depth how many objects and arrays are open around the value
   * @param isRecord look at the keys of this object, not only at its grammar
   * @returns the index behind the value that begins at `start`, or `malformed`, or `tooDeep`.
   */
  skipValue(bytes: Uint8Array, start: number, depth: number, isRecord: boolean): number;
}

export function createWalker(maxDepth: number, reservedKeyPrefixes: readonly string[]): Walker {
  const reserved = reservedKeyPrefixes.map((prefix) => Buffer.from(prefix));
  // What kind of container is open at each level: 1 object, 0 array.
  const isObject = new Uint8Array(maxDepth + 1);

  const walker: Walker = { unusual: false, inexact: [], escaped: false, skipString, skipValue };

  function skipString(bytes: Uint8Array, start: number): number {
    const end = bytes.length;
    let at = start;
    walker.escaped = false;
    for (;;) {
      while (at < end && plain[bytes[at] as number] === 1) at += 1;
      if (at >= end || (bytes[at] as number) < blank) return malformed;
      if (bytes[at] === quote) return at + 1;
      at = skipEscape(bytes, at);
      if (at < 0) return malformed;
    }
  }

  /** @returns the index behind the escape that begins at `start`; both halves of a surrogate pair are one. */
  function skipEscape(bytes: Uint8Array, start: number): number {
    walker.escaped = true;
    if (start + 1 >= bytes.length) return malformed;
    const letter = bytes[start + 1] as number;
    if (escapable[letter] !== 1) return malformed;
    if (letter !== letterU) return start + 2;
    const unit = readHex4(bytes, start + 2);
    if (unit < 0) return malformed;
    if (unit < 0xd800 || unit > 0xdfff) return start + 6;
    if (unit < 0xdc00 && bytes[start + 6] === backslash && bytes[start + 7] === letterU) {
      const low = readHex4(bytes, start + 8);
      if (low >= 0xdc00 && low <= 0xdfff) return start + 12;
    }
    walker.unusual = true;
    return start + 6;
  }

  function skipNumber(bytes: Uint8Array, start: number): number {
    let at = bytes[start] === minus ? start + 1 : start;
    const whole = skipDigits(bytes, at);
    if (whole === at || (bytes[at] === zero && whole > at + 1)) return malformed;
    let digits = whole - at;
    at = whole;
    let isWhole = true;
    if (bytes[at] === dot) {
      const fraction = skipDigits(bytes, at + 1);
      if (fraction === at + 1) return malformed;
      digits += fraction - at - 1;
      at = fraction;
      isWhole = false;
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      const sign = bytes[at + 1];
      const first = sign === plus || sign === minus ? at + 2 : at + 1;
      at = skipDigits(bytes, first);
      if (at === first) return malformed;
      // Three digits of exponent may leave the range of a double.
      if (at - first > 2) digits = safeDigits + 1;
      isWhole = false;
    }
    // Whole numbers keep every digit, however long.
    if (!isWhole && digits > safeDigits && isChangedByDouble(bytes, start, at)) walker.inexact.push(start, at);
    return at;
  }

  /** @returns the index of the value behind the key that begins at `start`. */
  function skipKey(bytes: Uint8Array, start: number, isRecordKey: boolean): number {
    if (bytes[start] !== quote) return malformed;
    let at = skipString(bytes, start + 1);
    if (at < 0) return malformed;
    if (isRecordKey && (walker.escaped || isReserved(bytes, start + 1))) walker.unusual = true;
    at = skipBlanks(bytes, at);
    return bytes[at] === colon ? skipBlanks(bytes, at + 1) : malformed;
  }

  function isReserved(bytes: Uint8Array, start: number): boolean {
    for (const prefix of reserved) if (startsWith(bytes, start, prefix)) return true;
    return false;
  }

  function skipValue(bytes: Uint8Array, start: number, outerDepth: number, isRecord: boolean): number {
    const end = bytes.length;
    let at = start;
    let depth = 0;
    for (;;) {
      if (at >= end) return malformed;
      const byte = bytes[at] as number;
      if (byte === quote) at = skipString(bytes, at + 1);
      else if (byte === openBrace || byte === openBracket) {
        if (outerDepth + depth >= maxDepth) return tooDeep;
        at = skipBlanks(bytes, at + 1);
        // In ASCII the closing bracket of either kind comes two after the opening one.
        if (bytes[at] === byte + 2) at += 1;
        else {
          depth += 1;
          isObject[depth] = byte === openBrace ? 1 : 0;
          if (byte === openBrace) at = skipKey(bytes, at, isRecord && depth === 1);
          if (at < 0) return at;
          continue;
        }
      } else at = byte === minus || (byte >= zero && byte <= nine) ? skipNumber(bytes, at) : skipLiteral(bytes, at);
      if (at < 0) return at;
      for (;;) {
        if (depth === 0) return at;
        at = skipBlanks(bytes, at);
        if (at >= end) return malformed;
        const next = bytes[at] as number;
        if (next === comma) {
          at = skipBlanks(bytes, at + 1);
          if (isObject[depth] === 1) at = skipKey(bytes, at, isRecord && depth === 1);
          if (at < 0) return at;
          break;
        }
        if (next !== (isObject[depth] === 1 ? closeBrace : openBracket + 2)) return malformed;
        depth -= 1;
        at += 1;
      }
    }
  }

  return walker;
}

export function skipBlanks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at] as number;
    if (byte > blank || (byte !== blank && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) return at;
    at += 1;
  }
  return at;
}

/** Are the bytes from `start` to `end` those of `text`? */
export function isSameBytes(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  return end - start === text.length && startsWith(bytes, start, text);
}

function startsWith(bytes: Uint8Array, start: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}

function skipDigits(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at] as number;
    if (byte < zero || byte > nine) return at;
    at += 1;
  }
  return at;
}

function skipLiteral(bytes: Uint8Array, start: number): number {
  for (const literal of literals) if (startsWith(bytes, start, literal)) return start + literal.length;
  return malformed;
}

/** @returns the number that four hexadecimal digits spell, or -1. */
function readHex4(bytes: Uint8Array, start: number): number {
  if (start + 4 > bytes.length) return -1;
  let value = 0;
  for (let i = start; i < start + 4; i++) {
    const digit = hexDigits[bytes[i] as number] as number;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function markBytes(text: string): Uint8Array {
  const marks = new Uint8Array(256);
  for (const byte of Buffer.from(text)) marks[byte] = 1;
  return marks;
}
