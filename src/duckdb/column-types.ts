// Columns of tables that somebody else filled, in the types that we read them in.
import { quoteIdent } from './sql.ts';

/** `NESTED`: a list or an object, as LIST/STRUCT or as JSON. */
export type ColumnType = 'VARCHAR' | 'TIMESTAMPTZ' | 'DATE' | 'BIGINT' | 'DOUBLE' | 'BOOLEAN' | 'NESTED';

/**
 * A column in the type that a reader expects. Pure.
 * @param actual its type as DuckDB prints it; undefined when it is missing
 */
export function columnSql(name: string, wanted: ColumnType, actual: string | undefined): string {
  const column = quoteIdent(name);
  if (actual === undefined) return `NULL::${wanted === 'NESTED' ? 'JSON' : wanted}`;
  switch (wanted) {
    case 'TIMESTAMPTZ':
      return instantSql(column, actual);
    case 'DATE':
      return actual === 'DATE' ? column : `CAST(make_timestamp(epoch_us(${instantSql(column, actual)})) AS DATE)`;
    case 'NESTED':
      // An element with an unknown key would make NULL of a text that is cast to a STRUCT.
      return actual === 'VARCHAR' ? `TRY_CAST(${column} AS JSON)` : column;
    case 'VARCHAR':
      return actual === 'JSON' ? `(${column} ->> '$')` : `${column}::VARCHAR`;
    default:
      return actual === wanted ? column : `TRY_CAST(${column} AS ${wanted})`;
  }
}

/** A time without a zone is UTC. By microseconds, so that no session's TimeZone takes part. */
function instantSql(column: string, actual: string): string {
  if (actual === 'TIMESTAMP WITH TIME ZONE') return column;
  const utc = (timestamp: string) => `to_timestamp(epoch_us(${timestamp}) / 1e6)`;
  if (/^(TIMESTAMP|DATE)/.test(actual)) return utc(`${column}::TIMESTAMP`);
  const text = `upper(${column}::VARCHAR)`;
  // DuckDB's TIMESTAMP drops a zone without a word.
  const hasZone = `regexp_matches(${text}, ':[0-9.]+ ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$')`;
  return `CASE WHEN ${hasZone} THEN TRY_CAST(${text} AS TIMESTAMPTZ) ELSE ${utc(`TRY_CAST(${text} AS TIMESTAMP)`)} END`;
}
