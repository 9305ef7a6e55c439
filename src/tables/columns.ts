// From a stream's JSON Schema to the columns of its table: names and DuckDB types. Pure.
import type { JsonSchema } from '../core/catalog.ts';
import type { JsonValue } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import { quoteIdent } from '../duckdb/sql.ts';
import { mostDigits } from './decimal.ts';

/** A top-level property of a stream's records, and the DuckDB type that its schema asks for. */
export interface Field {
  readonly property: string;
  readonly type: string;
  /**
   * Where the schema leaves it open how many digits its numbers have, the column grows with them: by those before the point
   * (`whole`), or by `any`.
   */
  readonly grows?: 'whole' | 'any' | undefined;
}

export interface Column extends Field {
  /** Name in the table: the property's own, unless it differs from another one only by case. */
  readonly name: string;
}

/** The fields of a record schema, in its order. A schema without properties has none. */
export function fieldsOf(schema: JsonSchema): Field[] {
  const properties = schema['properties'];
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).map(([property, definition]) => {
    const type = columnType(definition);
    return { property, type, grows: growthOf(definition, type) };
  });
}

/** The field at `path` of a record, however deep; undefined where the schema declares none. */
export function fieldAt(schema: JsonSchema, path: readonly string[]): Field | undefined {
  const [first, ...rest] = path;
  const field = fieldsOf(schema).find(({ property }) => property === first);
  if (field === undefined || rest.length === 0) return field;
  const properties = schema['properties'];
  const inner = isJsonObject(properties) && first !== undefined ? properties[first] : undefined;
  return isJsonObject(inner) ? fieldAt(inner, rest) : undefined;
}

/**
 * Names for the columns of `fields`. DuckDB takes `Id` and `id` for the same name, so the later one in code unit order gets a
 * number behind it.
 * @param known names given earlier, by property: they stay
 * @param reserved names that no field may have
 */
export function nameColumns(
  fields: readonly Field[],
  known: ReadonlyMap<string, string>,
  reserved: Iterable<string>,
): Column[] {
  const names = new Map(known);
  const taken = new Set([...reserved, ...known.values()].map(foldCase));
  for (const property of fields.map((field) => field.property).sort()) {
    if (names.has(property)) continue;
    const name = freeName(property, taken);
    taken.add(foldCase(name));
    names.set(property, name);
  }
  return fields.map((field) => ({ ...field, name: names.get(field.property) ?? field.property }));
}

/** `name`, or with the first number behind it that makes it differ from all of `taken` (which are case-folded). */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(foldCase(candidate)); number++) candidate = `${name}_${number}`;
  return candidate;
}

/** Equal for names that DuckDB takes for the same: it ignores the case of ASCII letters only. */
export function foldCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Does any field differ from another one, or from one of `others`, by case only? */
export function hasCaseTwins(fields: readonly Field[], others: Iterable<string> = []): boolean {
  const folded = [...fields.map((field) => field.property), ...others].map(foldCase);
  return new Set(folded).size < folded.length;
}

function columnType(definition: JsonValue): string {
  if (!isJsonObject(definition)) return 'JSON';
  const decimal = definition['x-decimal'];
  if (decimal !== undefined) {
    const { precision = mostDigits, scale = openScale } = decimalOf(decimal);
    return `DECIMAL(${precision},${scale})`;
  }
  const types = typesOf(definition);
  const [only] = types;
  if (types.length === 2 && types.includes('integer') && types.includes('number')) return 'DOUBLE';
  if (types.length !== 1 || only === undefined) return 'JSON';
  if (only === 'object' || only === 'array')
    return definition['x-columns'] === 'closed' ? (nestedType(definition) ?? 'JSON') : 'JSON';
  return scalarType(only, definition);
}

function growthOf(definition: JsonValue, type: string): Field['grows'] {
  if (type === 'BIGINT') return 'whole';
  if (type === 'DOUBLE') return 'any';
  const decimal = isJsonObject(definition) ? definition['x-decimal'] : undefined;
  if (decimal === undefined) return undefined;
  const { precision, scale } = decimalOf(decimal);
  if (scale === undefined) return 'any';
  return precision === undefined ? 'whole' : undefined;
}

/** Digits in all and behind the point, as far as a schema says so and a DECIMAL has so many. */
function decimalOf(value: JsonValue): { precision?: number; scale?: number } {
  const { precision = mostDigits, scale } = isJsonObject(value) ? value : {};
  const isPossible = Number.isInteger(precision) && Number.isInteger(scale);
  const [all, behind] = [Number(precision), Number(scale)];
  if (!isPossible || behind < 0 || behind > all || all < 1 || all > mostDigits) return {};
  return isJsonObject(value) && value['precision'] !== undefined
    ? { precision: all, scale: behind }
    : { scale: behind };
}

/** Where the schema leaves the digits open, these are the first. */
const openScale = 9;

function typesOf(definition: JsonSchema): string[] {
  const type = definition['type'];
  const listed = Array.isArray(type) ? type : [type];
  return [...new Set(listed.filter((name): name is string => typeof name === 'string' && name !== 'null'))];
}

function scalarType(type: string, definition: JsonSchema): string {
  const airbyteType = definition['airbyte_type'];
  if (type === 'boolean') return 'BOOLEAN';
  if (type === 'integer' || (type === 'number' && airbyteType === 'integer')) return 'BIGINT';
  if (type === 'number') return 'DOUBLE';
  if (type !== 'string') return 'JSON';
  switch (definition['format']) {
    case 'date':
      return 'DATE';
    case 'date-time':
      return airbyteType === 'timestamp_without_timezone' ? 'TIMESTAMP' : 'TIMESTAMP WITH TIME ZONE';
    case 'time':
      return airbyteType === 'time_with_timezone' ? 'TIME WITH TIME ZONE' : 'TIME';
    default:
      return 'VARCHAR';
  }
}

/** LIST or STRUCT of a value whose keys are all declared, at every depth; undefined where the schema does not say enough. */
function nestedType(definition: JsonValue | undefined): string | undefined {
  if (!isJsonObject(definition)) return undefined;
  const types = typesOf(definition);
  const [only] = types;
  if (types.length !== 1 || only === undefined) return 'JSON';
  if (only === 'array') {
    const items = nestedType(definition['items']);
    return items === undefined ? undefined : `${items}[]`;
  }
  if (only !== 'object') return scalarType(only, definition);
  const properties = definition['properties'];
  if (!isJsonObject(properties) || Object.keys(properties).length === 0) return 'JSON';
  if (hasCaseTwins(Object.keys(properties).map((property) => ({ property, type: '' })))) return 'JSON';
  const members = Object.entries(properties).map(
    ([property, member]) => `${quoteIdent(property)} ${nestedType(member) ?? 'JSON'}`,
  );
  return `STRUCT(${members.join(', ')})`;
}
