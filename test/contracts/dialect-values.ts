// Rows, states and texts as odd as JSON allows, for whatever carries them.
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';

/** Printed when a property fails, and in the names of the tests: the same values again with GONG_ELT_DIALECT_SEED. */
export const seed = Number(process.env['GONG_ELT_DIALECT_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));

/** UTF-16 units in any order: halves of pairs, escapes, quotes and line feeds are frequent. */
export const oddText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(0xd83d, 0xde00, 0xd800, 0x5c, 0x75, 0x64, 0x22, 0x0a, 0x0d, 0x2028, 0),
    ),
    { maxLength: 8 },
  )
  .map((units) => String.fromCharCode(...units));

const oddKey = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-c]{1,2}$/) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '', 'type', 'record', 'stream', 'data'),
  },
  { weight: 1, arbitrary: oddText },
);

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0.1, 1e21, 5e-324, 1.7976931348623157e308, 2 ** 53),
);

/** What a source may send. Keys that would be one key once they are well-formed do not stand together. */
export const { object: row } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    oddText,
    number,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc
    .uniqueArray(fc.tuple(oddKey, tie('value')), { maxLength: 5, selector: ([key]) => key.toWellFormed() })
    .map((entries) => Object.fromEntries(entries)),
}));

/** `value` as strict readers take it: half of a surrogate pair is U+FFFD. */
export function wellFormed(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.toWellFormed();
  // JSON knows one zero.
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (Array.isArray(value)) return value.map(wellFormed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), wellFormed(member)]));
}
