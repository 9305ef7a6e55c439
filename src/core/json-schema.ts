// JSON Schema from our zod schemas, in the plain dialect that Airbyte and Singer hosts read: draft-07, nullable types as
// `[X, "null"]`, no anyOf, no $ref, no `additionalProperties: false`.
import { z } from 'zod';
import type { JsonObject, JsonValue } from './json.ts';
import { isJsonObject } from './json.ts';

/**
 * @param io `output` describes rows: what we emit, every field always, so nothing is `required` (hosts drop deselected
 * fields). `input` describes a configuration: `required` is kept.
 * @throws when the schema needs a keyword that hosts refuse.
 */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): JsonObject {
  const printed = z.toJSONSchema(schema, { target: 'draft-7', io, unrepresentable: 'any' }) as JsonObject;
  const { $schema: _, ...rest } = printed;
  return simplify(rest, io === 'input') as JsonObject;
}

function simplify(value: JsonValue, keepRequired: boolean): JsonValue {
  if (Array.isArray(value)) return value.map((item) => simplify(item, keepRequired));
  if (!isJsonObject(value)) return value;
  const schema: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (key === 'additionalProperties' && member === false) continue;
    if (key === 'required' && !keepRequired) continue;
    if (isSafeIntegerBound(key, member)) continue;
    schema[key] = simplify(member, keepRequired);
  }
  return nullLast(mergeNullable(schema));
}

// zod prints the bounds of a safe integer; as a rule for a column they are noise.
function isSafeIntegerBound(key: string, member: JsonValue): boolean {
  return (key === 'minimum' || key === 'maximum') && Math.abs(Number(member)) === Number.MAX_SAFE_INTEGER;
}

/** `anyOf: [X, null]` becomes X with `type: [X, "null"]`. */
function mergeNullable(schema: JsonObject): JsonObject {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) return schema;
  const variants = anyOf.filter((variant) => !(isJsonObject(variant) && variant['type'] === 'null'));
  const [only] = variants;
  if (variants.length !== 1 || anyOf.length !== 2 || !isJsonObject(only))
    throw new Error('a schema for hosts may not need anyOf beyond "or null"');
  // An untyped schema allows null already.
  if (typeof only['type'] !== 'string') return { ...only, ...rest };
  return { ...only, ...rest, type: [only['type'], 'null'] };
}

function nullLast(schema: JsonObject): JsonObject {
  const type = schema['type'];
  if (!Array.isArray(type)) return schema;
  return { ...schema, type: [...type.filter((name) => name !== 'null'), ...type.filter((name) => name === 'null')] };
}
