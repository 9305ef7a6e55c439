// Text from outside as well-formed Unicode: a lone surrogate has no UTF-8 form, so hashes and stored text would differ.
import type { JsonValue } from './json.ts';

/** Every text in `value`, keys included, with lone surrogates replaced by U+FFFD. */
export function toWellFormedJson(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(toWellFormedJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.toWellFormed(), toWellFormedJson(member)]),
  );
}
