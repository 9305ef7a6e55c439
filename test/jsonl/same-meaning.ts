// Do two JSON values mean the same to a loader? The yardstick is JSON.parse.
import { survivesDouble } from '../../src/jsonl/number-literal.ts';

/**
 * @param staged what JSON.parse makes of the staged text
 * @param sent what JSON.parse makes of the sender's text
 */
export function isSameMeaning(staged: unknown, sent: unknown): boolean {
  if (typeof sent === 'string') return staged === sent.toWellFormed();
  // A number that a double cannot hold is staged as a string with its digits.
  if (typeof sent === 'number' && typeof staged === 'string')
    return !survivesDouble(staged) && Object.is(Number(staged), sent);
  if (Array.isArray(sent))
    return (
      Array.isArray(staged) && staged.length === sent.length && sent.every((item, i) => isSameMeaning(staged[i], item))
    );
  // 0 and -0 are one value.
  if (typeof sent !== 'object' || sent === null) return staged === sent;
  if (typeof staged !== 'object' || staged === null || Array.isArray(staged)) return false;
  const expected = new Map(Object.entries(sent).map(([key, value]) => [key.toWellFormed(), value]));
  const actual = new Map(Object.entries(staged));
  return (
    expected.size === actual.size &&
    [...expected].every(([key, value]) => actual.has(key) && isSameMeaning(actual.get(key), value))
  );
}

/** The record's data without the keys that are no data. */
export function withoutReserved(data: object): object {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !/^(_airbyte_|__gong_elt_)/.test(key)));
}
