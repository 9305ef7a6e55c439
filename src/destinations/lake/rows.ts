// SQL that reads the rows of files of a table: under the names and in the types of the stream, and as they are stored. Pure.
import { quoteIdent, quoteList } from '../../duckdb/sql.ts';
import { widened } from '../../tables/decimal.ts';
import { pathOf } from './lake-table.ts';
import { fromStored, toStored } from './log/convert.ts';
import type { TablePlace } from './log/read-log.ts';
import { type LakeColumn, typeOf } from './log/schema.ts';
import { printType, storedType } from './log/types.ts';

/** Column with the path of the file of a row. No stream has a column of that name. */
export const fileColumn = '__gong_elt_file';

/** Column with the stored value of one of `columns`. */
export const storedColumn = (index: number) => `__gong_elt_stored_${index}`;

/**
 * SELECT of the columns of `columns`, of `fileColumn`, and of each stored value for `storedValues`.
 * @param paths of the files, as the log has them
 * @param before the table's columns as the files were written; default: `columns`
 */
export function selectRows(
  place: TablePlace,
  columns: readonly LakeColumn[],
  paths: readonly string[],
  before: readonly LakeColumn[] = columns,
): string {
  const old = new Map(before.map((column) => [column.field, column]));
  const empty = [...before.map((column) => `NULL::${storedSql(column)} AS ${quoteIdent(column.field)}`)];
  const typed = columns.map((column, index) => {
    const found = old.get(column.field);
    const value = found === undefined ? `NULL::${column.type}` : toType(found, column.type);
    const stored = found?.type === column.type ? quoteIdent(column.field) : toStored(value, typeOf(column));
    return `${value} AS ${quoteIdent(column.name)}, ${stored} AS ${storedColumn(index)}`;
  });
  // Some files may lack a column, and all of them one that nothing was written to yet.
  const inFiles = `SELECT * FROM read_parquet(${quoteList(paths.map((path) => pathOf(place, path)))}, union_by_name = true, hive_partitioning = false, filename = '${fileColumn}')`;
  const all = [
    `SELECT ${[...empty, `NULL::VARCHAR AS ${fileColumn}`].join(', ')} WHERE false`,
    ...(paths.length === 0 ? [] : [inFiles]),
  ];
  return `SELECT ${[...typed, fileColumn].join(', ')} FROM (${all.join(' UNION ALL BY NAME ')})`;
}

/** The values of a row of `selectRows` for a new file. */
export function storedValues(columns: readonly LakeColumn[]): string[] {
  return columns.map(({ field }, index) => `${storedColumn(index)} AS ${quoteIdent(field)}`);
}

/** The type of a column in the files, as SQL. */
export function storedSql(column: Pick<LakeColumn, 'type'>): string {
  return printType(storedType(typeOf(column)));
}

/** What stands in the files as the type that the table has now. */
function toType(column: LakeColumn, to: string): string {
  const value = fromStored(quoteIdent(column.field), typeOf(column));
  return column.type === to ? value : widened(value, column.type, to);
}
