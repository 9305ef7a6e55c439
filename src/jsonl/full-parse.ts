// The careful way for lines the scanner calls unusual: parse them without losing a digit, and write them in a form that DuckDB's
// JSON reader takes and understands as JSON.parse does.
import { survivesDouble } from './number-literal.ts';

/** A number as it was written: JavaScript would round long ones. */
export class NumberLiteral {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Objects are maps: `__proto__` is a key like any other, and of two equal keys the last one counts. */
export type ExactValue = null | boolean | string | NumberLiteral | ExactValue[] | ExactObject;
export type ExactObject = Map<string, ExactValue>;

/**
 * @param text one JSON value. Its depth must have been capped before (the scanner does): this function calls itself.
 * @throws SyntaxError where JSON.parse throws; its text names a position and no content.
 */
export function parseExactly(text: string): ExactValue {
  let at = 0;

  function parseValue(): ExactValue {
    skipBlanks();
    const first = text[at];
    if (first === '{') return parseObject();
    if (first === '[') return parseArray();
    if (first === '"') return parseString();
    for (const [literal, value] of literals) {
      if (text.startsWith(literal, at)) {
        at += literal.length;
        return value;
      }
    }
    numberAt.lastIndex = at;
    const number = numberAt.exec(text)?.[0];
    if (number === undefined) throw unexpected();
    at += number.length;
    return new NumberLiteral(number);
  }

  function parseObject(): ExactObject {
    const object: ExactObject = new Map();
    for (let isFirst = true; !takeEnd('}', isFirst); isFirst = false) {
      skipBlanks();
      const key = parseString();
      skipBlanks();
      if (text[at] !== ':') throw unexpected();
      at += 1;
      object.set(key, parseValue());
    }
    return object;
  }

  function parseArray(): ExactValue[] {
    const array: ExactValue[] = [];
    for (let isFirst = true; !takeEnd(']', isFirst); isFirst = false) array.push(parseValue());
    return array;
  }

  /** Steps over the bracket or comma before a member. @returns true when `end` came, so that there is no further member. */
  function takeEnd(end: string, isFirst: boolean): boolean {
    if (isFirst) at += 1;
    skipBlanks();
    if (text[at] === end) {
      at += 1;
      return true;
    }
    if (isFirst) return false;
    if (text[at] !== ',') throw unexpected();
    at += 1;
    return false;
  }

  function parseString(): string {
    if (text[at] !== '"') throw unexpected();
    let end = at;
    do end = text.indexOf('"', end + 1);
    while (end !== -1 && isEscaped(text, end));
    if (end === -1) throw unexpected();
    const token = text.slice(at, end + 1);
    at = end + 1;
    try {
      // Half of a surrogate pair becomes U+FFFD, the sign for "unreadable".
      return (JSON.parse(token) as string).toWellFormed();
    } catch {
      throw unexpected();
    }
  }

  function skipBlanks() {
    while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1;
  }

  function unexpected(): SyntaxError {
    return new SyntaxError(`not JSON at character ${at}`);
  }

  const value = parseValue();
  skipBlanks();
  if (at < text.length) throw unexpected();
  return value;
}

/**
 * JSON text of `value` on one line. Whole numbers keep every digit; a fraction that a double would change becomes a JSON
 * string with its digits.
 */
export function writeExactly(value: ExactValue): string {
  if (value instanceof NumberLiteral)
    return /^-?\d+$/.test(value.text) || survivesDouble(value.text) ? value.text : `"${value.text}"`;
  if (value instanceof Map)
    return `{${Array.from(value, ([key, member]) => `${JSON.stringify(key)}:${writeExactly(member)}`).join(',')}}`;
  if (Array.isArray(value)) return `[${value.map(writeExactly).join(',')}]`;
  return JSON.stringify(value);
}

const literals: readonly (readonly [string, null | boolean])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const numberAt = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Is the character at `at` behind an odd number of backslashes? */
function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}
