// Rows from outside → a table that has one row a key: what is new, changed, older or the same. The decision is one SELECT, so a file and
// a lake cannot differ in it.
import { ConnectorError } from '../core/errors.ts';
import type { Session } from '../duckdb/session.ts';
import { quoteIdent, quoteLiteral } from '../duckdb/sql.ts';

/** A table of rows from outside. */
export interface ImportTable {
  readonly name: string;
  readonly key: string;
  /** Of two rows of a key the one with the higher value counts; the same: the later one. */
  readonly newest: string | undefined;
  /** Say nothing of the content: a row that differs in them alone is unchanged. */
  readonly ignored: readonly string[];
}

export const importTables = {
  outcomes: { name: 'ext_outcomes', key: 'opportunity_id', newest: 'outcome_as_of', ignored: ['outcome_as_of'] },
  conversations: {
    ...{ name: 'ext_conversations', key: 'call_id', newest: undefined },
    // The hash speaks for the words.
    ignored: ['imported_at', 'text', 'sentences'],
  },
  runs: { name: 'ext_runs', key: 'run_id', newest: undefined, ignored: ['extracted_at'] },
} as const satisfies Record<string, ImportTable>;

/** JSON lines with the columns of a table, and `line`, the order. */
export interface StagedRows {
  readonly path: string;
  /** Bytes of the longest line: what DuckDB's reader needs room for. */
  readonly longest: number;
}

export interface MergeCounts {
  /** Rows that were brought. */
  readonly read: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Older than what is there, and left out. */
  readonly older: number;
  /** Left out for a later row of the same key in the same import. */
  readonly repeated: number;
}

const staged = '__gong_elt_import';
const decided = '__gong_elt_decided';

/** What to write: the rows that are new or changed, and those that are newer. */
export const rowsToWrite = `SELECT * EXCLUDE (fate, line) FROM ${decided} WHERE fate IN ('added', 'changed', 'newer')`;

/**
 * Decides on each row of a file, in temporary tables of the session; changes nothing.
 * @param columns of the table, as its CREATE TABLE has them; the table, or a view that looks like it, is there
 */
export async function decideRows(
  session: Session,
  table: ImportTable,
  { path, longest }: StagedRows,
  columns: string,
): Promise<MergeCounts> {
  await session.run(`DROP TABLE IF EXISTS temp.${staged}; CREATE TEMP TABLE ${staged} (line BIGINT, ${columns})`);
  const described = await session.rows(
    `SELECT column_name AS name, data_type AS type FROM duckdb_columns() WHERE database_name = 'temp' AND table_name = '${staged}'`,
  );
  const types = described.map(({ name, type }) => `${quoteIdent(String(name))}: ${quoteLiteral(String(type))}`);
  await session.run(
    `INSERT INTO temp.${staged} BY NAME SELECT * FROM read_ndjson(${quoteLiteral(path)}, columns = {${types.join(', ')}}, maximum_object_size = ${Math.max(longest + 1024, 1_048_576)})`,
  );
  const names = described.map(({ name }) => String(name)).filter((name) => name !== 'line');
  await session.run(
    `DROP TABLE IF EXISTS temp.${decided}; CREATE TEMP TABLE ${decided} AS ${decisionSql(table, names)}`,
  );
  const [total] = await session.rows(`SELECT count(*) AS n FROM temp.${staged}`);
  const fates = await session.rows(`SELECT fate, count(*) AS n FROM temp.${decided} GROUP BY fate`);
  const of = (...wanted: string[]) =>
    fates.reduce((sum, { fate, n }) => sum + (wanted.includes(String(fate)) ? Number(n) : 0), 0);
  const read = Number(total?.['n']);
  const added = of('added');
  const changed = of('changed');
  const unchanged = of('unchanged', 'newer');
  const older = of('older');
  return { read, added, changed, unchanged, older, repeated: read - added - changed - unchanged - older };
}

/** Pure. Texts are compared, so that a value is the same however a place stores it. */
function decisionSql({ name, key, newest, ignored }: ImportTable, names: readonly string[]): string {
  const same = names
    .filter((column) => column !== key && !ignored.includes(column))
    .map((column) => `s.${quoteIdent(column)}::VARCHAR IS NOT DISTINCT FROM t.${quoteIdent(column)}::VARCHAR`)
    .join(' AND ');
  const order = newest === undefined ? 'line DESC' : `${newest} DESC NULLS LAST, line DESC`;
  return `
    SELECT s.*, CASE
        WHEN t.${key} IS NULL THEN 'added'
        WHEN ${same} THEN ${newest === undefined ? `'unchanged'` : `CASE WHEN s.${newest} > t.${newest} THEN 'newer' ELSE 'unchanged' END`}
        ${newest === undefined ? '' : `WHEN s.${newest} < t.${newest} THEN 'older'`}
        ELSE 'changed' END AS fate
    FROM (SELECT * FROM temp.${staged} QUALIFY row_number() OVER (PARTITION BY ${key} ORDER BY ${order}) = 1) s
    LEFT JOIN ${name} t ON t.${key} = s.${key}`;
}

/** @throws ConnectorError of area `config` where the settings of the marts have a query in the place of the table */
export async function refuseView(session: Session, { name }: ImportTable): Promise<void> {
  const [view] = await session.rows(
    'SELECT 1 AS there FROM duckdb_views() WHERE database_name = current_database() AND schema_name = current_schema() AND view_name = $1',
    [name],
  );
  if (view === undefined) return;
  throw new ConnectorError(`${name} is a view here, so nothing can be imported into it.`, {
    area: 'config',
    hint: 'take outcomes.sql out of analytics.yaml, run gong-elt marts, then import',
  });
}

/** Writes what `decideRows` decided into a table of this database. Call it inside a transaction. */
export async function writeRows(session: Session, { name, key }: ImportTable): Promise<void> {
  await session.run(`DELETE FROM ${name} WHERE ${key} IN (SELECT ${key} FROM (${rowsToWrite}))`);
  await session.run(`INSERT INTO ${name} BY NAME ${rowsToWrite}`);
}
