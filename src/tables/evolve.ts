// How a table follows its stream's schema: columns are added and widened, never dropped or narrowed. Pure.
import type { ResultColumn } from '../duckdb/session.ts';
import type { Column } from './columns.ts';
import { foldCase } from './columns.ts';

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
 * The type that holds what `existing` holds and what `wanted` allows. A type that we never make (somebody altered the column)
 * stays as it is.
 */
export function commonType(existing: string, wanted: string): string {
  if (existing === wanted || existing === 'JSON') return existing;
  const known = isNested(existing) || scalars.has(existing);
  if (!known) return existing;
  if (wanted === 'JSON' || isNested(existing) || isNested(wanted)) return 'JSON';
  for (const ladder of ladders) {
    const from = ladder.indexOf(existing);
    const to = ladder.indexOf(wanted);
    if (from >= 0 && to >= 0) return ladder[Math.max(from, to)] ?? existing;
  }
  return 'VARCHAR';
}

export function isNested(type: string): boolean {
  return type.endsWith(']') || type.startsWith('STRUCT(');
}

/** Whole numbers beyond BIGINT. Never HUGEINT: Parquet would make a double of it. */
export const wideInteger = 'DECIMAL(38,0)';

// Each step holds the steps before it; DOUBLE does so up to 2^53 only, which whoever widens has to check.
const ladders: readonly (readonly string[])[] = [
  ['BIGINT', wideInteger, 'DOUBLE'],
  ['DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'],
];
const scalars: ReadonlySet<string> = new Set([...ladders.flat(), 'BOOLEAN', 'TIME', 'TIME WITH TIME ZONE', 'VARCHAR']);
