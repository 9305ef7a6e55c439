// As much of JSON Schema as the protocol's own schema uses.
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/core/json.ts';

/** One sentence per place where `value` breaks `schema`. */
export function findSchemaProblems(schema: JsonObject, value: JsonValue, root = schema, place = '$'): string[] {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const target = reference
      .split('/')
      .slice(1)
      .reduce<JsonValue | undefined>((at, step) => (isJsonObject(at) ? at[step] : undefined), root);
    if (!isJsonObject(target)) throw new Error(`no schema at ${reference}`);
    return findSchemaProblems(target, value, root, place);
  }
  const problems: string[] = [];
  const check = (holds: boolean, rule: string) => {
    if (!holds) problems.push(`${place}: ${rule}`);
  };
  if (typeof schema['type'] === 'string') check(isOfType(schema['type'], value), `not of type ${schema['type']}`);
  if (Array.isArray(schema['enum']))
    check(
      schema['enum'].some((item) => isDeepStrictEqual(item, value)),
      'not in the enum',
    );
  if (Array.isArray(value)) {
    if (typeof schema['minItems'] === 'number') check(value.length >= schema['minItems'], 'too few items');
    const { items } = schema;
    if (isJsonObject(items))
      for (const [i, item] of value.entries())
        problems.push(...findSchemaProblems(items, item, root, `${place}[${i}]`));
  }
  if (isJsonObject(value)) {
    for (const key of Array.isArray(schema['required']) ? schema['required'] : [])
      check(Object.hasOwn(value, String(key)), `without ${String(key)}`);
    for (const [key, member] of Object.entries(isJsonObject(schema['properties']) ? schema['properties'] : {})) {
      const own = value[key];
      if (isJsonObject(member) && own !== undefined)
        problems.push(...findSchemaProblems(member, own, root, `${place}.${key}`));
    }
    for (const branch of Array.isArray(schema['allOf']) ? schema['allOf'] : []) {
      if (!isJsonObject(branch) || !isJsonObject(branch['if']) || !isJsonObject(branch['then']))
        throw new Error('allOf is if and then here');
      if (findSchemaProblems(branch['if'], value, root, place).length === 0)
        problems.push(...findSchemaProblems(branch['then'], value, root, place));
    }
  }
  return problems;
}

function isOfType(type: string, value: JsonValue): boolean {
  if (type === 'object') return isJsonObject(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
