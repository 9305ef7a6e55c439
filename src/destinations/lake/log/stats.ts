// What a file's add says of its content: rows, and per column the least and largest value and the number of NULLs. Only what is exact
// in every reader's eyes: a wrong bound would hide rows. Pure.
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import { isJsonObject } from '../../../core/json.ts';
import type { LakeColumn } from './schema.ts';

/** As other writers do: statistics of thousands of columns would be larger than the rows of a small file. */
const mostColumns = 32;
/** Longer texts have no bounds: where they are cut depends on who compares them. */
const longestText = 64;

/** What DuckDB says of one column of a file that it wrote. */
export type ColumnStatistics = ReadonlyMap<string, string>;

/** The answer of `COPY … RETURN_STATS`, by the column's path as DuckDB prints it: `"calls"`, `"list"."element"`. */
export function parseStatistics(value: JsonValue | undefined): Map<string, ColumnStatistics> {
  const entries = (list: JsonValue | undefined) =>
    Array.isArray(list)
      ? list.filter(isJsonObject).map((entry) => [String(entry['key']), entry['value']] as const)
      : [];
  return new Map(
    entries(value).map(([column, found]) => [
      column,
      new Map(entries(found).map(([key, text]) => [key, String(text)])),
    ]),
  );
}

/**
 * The JSON text of `stats`.
 * @param keys columns that a commit looks for; they come first
 */
export function statsText(
  rows: number,
  columns: readonly LakeColumn[],
  keys: ReadonlySet<string>,
  statistics: ReadonlyMap<string, ColumnStatistics>,
): string {
  const chosen = [...columns.filter(({ name }) => keys.has(name)), ...columns.filter(({ name }) => !keys.has(name))];
  const least: string[] = [];
  const largest: string[] = [];
  const nulls: string[] = [];
  for (const { field, type } of chosen.slice(0, mostColumns)) {
    const found = statistics.get(`"${field.replaceAll('"', '""')}"`);
    if (found === undefined) continue;
    const name = JSON.stringify(field);
    const nullCount = found.get('null_count');
    if (nullCount !== undefined && /^\d+$/.test(nullCount)) nulls.push(`${name}:${nullCount}`);
    const [min, max] = [bound(found, 'min', type), bound(found, 'max', type)];
    if (min === undefined || max === undefined) continue;
    least.push(`${name}:${min}`);
    largest.push(`${name}:${max}`);
  }
  return `{"numRecords":${rows},"minValues":{${least.join(',')}},"maxValues":{${largest.join(',')}},"nullCount":{${nulls.join(',')}}}`;
}

/** A bound as JSON text; whole numbers keep every digit. */
function bound(found: ColumnStatistics, which: 'min' | 'max', type: string): string | undefined {
  const text = found.get(which);
  if (text === undefined || found.get('has_nan') === 'true') return undefined;
  switch (type) {
    case 'BIGINT':
      return /^-?\d+$/.test(text) ? text : undefined;
    case 'DOUBLE':
      return Number.isFinite(Number(text)) && text !== '' ? JSON.stringify(Number(text)) : undefined;
    case 'DATE':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? JSON.stringify(text) : undefined;
    case 'TIMESTAMP WITH TIME ZONE':
      return milliseconds(text, which);
    case 'VARCHAR':
      return text.length <= longestText ? JSON.stringify(text) : undefined;
    default:
      return undefined;
  }
}

/** Milliseconds are what readers take: the least value is cut, the largest rounded up. */
function milliseconds(text: string, which: 'min' | 'max'): string | undefined {
  const [, day, time, fraction = ''] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text) ?? [];
  if (day === undefined) return undefined;
  const cut = Date.parse(`${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  const isCut = /[1-9]/.test(fraction.slice(3));
  const at = new Date(which === 'max' && isCut ? cut + 1 : cut);
  return at.getUTCFullYear() > 9999 ? undefined : JSON.stringify(at.toISOString());
}

/** The rows of a file, when its add says so. */
export function rowsIn(stats: string | null | undefined): number | undefined {
  const rows = parseStats(stats)?.['numRecords'];
  return typeof rows === 'number' ? rows : undefined;
}

/**
 * May a file hold a text between `least` and `largest` in the column `field`? True unless its statistics rule it out. Texts are
 * compared by their UTF-8 bytes, as DuckDB and the protocol do.
 */
export function mayHold(stats: string | null | undefined, field: string, least: string, largest: string): boolean {
  const parsed = parseStats(stats);
  const [min, max] = [parsed?.['minValues'], parsed?.['maxValues']].map((values) =>
    isJsonObject(values) ? values[field] : undefined,
  );
  if (typeof min !== 'string' || typeof max !== 'string') return true;
  return Buffer.compare(Buffer.from(min), Buffer.from(largest)) <= 0 && isAtMost(least, max);
}

/** A largest value may have been cut by who wrote it: then what begins with it may be there, too. */
function isAtMost(text: string, max: string): boolean {
  return Buffer.compare(Buffer.from(text), Buffer.from(max)) <= 0 || text.startsWith(max);
}

function parseStats(stats: string | null | undefined): JsonObject | undefined {
  if (stats === null || stats === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(stats);
    return isJsonObject(parsed as JsonValue) ? (parsed as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
