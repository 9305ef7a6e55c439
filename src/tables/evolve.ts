// How a table follows its stream's schema: columns are added and widened, never dropped or narrowed. Pure.
import type { ResultColumn } from '../duckdb/session.ts';
import type { Column } from './columns.ts';
import { foldCase } from './columns.ts';
import { digitsOf, mostDigits, widest } from './decimal.ts';

export interface TableChange {
  /** The columns to write, each with the type it has in the table once the change is made. */
  readonly columns: readonly Column[];
  readonly add: readonly Column[];
  readonly widen: readonly { readonly name: string; readonly from: string; readonly to: string }[];
}

/**
 * @param wanted the stream's columns, with types as DuckDB prints them
 * @param existing the columns of the table as it is; a column that is not wanted stays, and is NULL in new rows
 */
export function planChange(wanted: readonly Column[], existing: readonly ResultColumn[]): TableChange {
  const present = new Map(existing.map((column) => [foldCase(column.name), column]));
  const columns: Column[] = [];
  const add: Column[] = [];
  const widen: { name: string; from: string; to: string }[] = [];
  for (const column of wanted) {
    const found = present.get(foldCase(column.name));
    if (found === undefined) {
      add.push(column);
      columns.push(column);
      continue;
    }
    const type = commonType(found.type, column.type);
    if (type !== found.type) widen.push({ name: found.name, from: found.type, to: type });
    columns.push({ ...column, name: found.name, type });
  }
  return { columns, add, widen };
}

/**
 * The type that holds what `existing` holds and what `wanted` allows; where numbers have no such type, the one with the most
 * digits: what is stored decides then (keep-digits.ts). A type that we never make (somebody altered the column) stays as it is.
 */
export function commonType(existing: string, wanted: string): string {
  if (existing === wanted || existing === 'JSON') return existing;
  if (!isKnown(existing)) return existing;
  if (wanted === 'JSON' || isNested(existing) || isNested(wanted)) return 'JSON';
  if (isNumber(existing) && isNumber(wanted)) return commonNumber(existing, wanted);
  const from = moments.indexOf(existing);
  const to = moments.indexOf(wanted);
  return from >= 0 && to >= 0 ? (moments[Math.max(from, to)] ?? existing) : 'VARCHAR';
}

/** A DECIMAL never becomes a DOUBLE: that would round it. */
function commonNumber(existing: string, wanted: string): string {
  const stored = digitsOf(existing);
  const asked = digitsOf(wanted);
  if (stored === undefined) return asked === undefined ? 'DOUBLE' : `DECIMAL(${mostDigits},${asked.scale})`;
  if (asked === undefined) return existing;
  const { whole, scale } = widest(stored, asked);
  return `DECIMAL(${Math.min(whole + scale, mostDigits)},${scale})`;
}

export function isNested(type: string): boolean {
  return type.endsWith(']') || type.startsWith('STRUCT(');
}

function isNumber(type: string): boolean {
  return type === 'BIGINT' || type === 'DOUBLE' || digitsOf(type) !== undefined;
}

function isKnown(type: string): boolean {
  return isNested(type) || isNumber(type) || scalars.has(type);
}

/** Each holds the ones before it. */
const moments: readonly string[] = ['DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'];
const scalars: ReadonlySet<string> = new Set([...moments, 'BOOLEAN', 'TIME', 'TIME WITH TIME ZONE', 'VARCHAR']);
