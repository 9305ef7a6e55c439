// ext_outcomes: a table that `import outcomes` fills, or, where analytics.yaml has a query, a view of it.
import { ConnectorError } from '../core/errors.ts';
import { type ColumnType, columnSql } from '../duckdb/column-types.ts';
import { martsMark } from '../duckdb/relations.ts';
import type { SqlConnection } from './sql-connection.ts';
import type { TableFile } from './table-files.ts';

const types: Readonly<Record<string, ColumnType>> = {
  opportunity_id: 'VARCHAR',
  is_won: 'BOOLEAN',
  closed_at: 'TIMESTAMPTZ',
  is_closed: 'BOOLEAN',
  amount: 'DOUBLE',
  currency: 'VARCHAR',
  stage: 'VARCHAR',
  opportunity_type: 'VARCHAR',
  opportunity_name: 'VARCHAR',
  created_at: 'TIMESTAMPTZ',
  outcome_as_of: 'TIMESTAMPTZ',
};
const required = ['opportunity_id', 'is_won', 'closed_at'];
const viewComment = `Outcomes of deals, from the query in analytics.yaml: one row an opportunity and outcome_as_of. ${martsMark}.`;

/**
 * Puts the query of the settings in the place of the table, or the table in the place of a query that the settings no longer have.
 * @param query one SELECT, or undefined
 * @throws ConnectorError of area `config` for a query that cannot be read, and for one beside imported rows
 */
export async function placeOutcomes(
  connection: SqlConnection,
  { sql: tableSql }: TableFile,
  query: string | undefined,
): Promise<void> {
  const [present] = await connection.rows(
    `SELECT comment = '${viewComment.replaceAll("'", "''")}' AS is_ours FROM duckdb_views() WHERE database_name = current_database() AND schema_name = current_schema() AND view_name = 'ext_outcomes'`,
  );
  if (present?.['is_ours'] === true) await connection.run('DROP VIEW ext_outcomes');
  if (query === undefined) {
    // A lake shows imported rows by a view.
    if (present === undefined || present['is_ours'] === true) await connection.run(tableSql);
    return;
  }
  await refuseImported(connection);
  await connection.run(
    `DROP ${present === undefined || present['is_ours'] === true ? 'TABLE' : 'VIEW'} IF EXISTS ext_outcomes`,
  );
  await connection.run(await viewSql(connection, query.trim().replace(/;$/, ''), tableSql));
}

async function refuseImported(connection: SqlConnection): Promise<void> {
  const [table] = await connection.rows(
    `SELECT count(*) > 0 AS there FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = current_schema() AND table_name = 'ext_outcomes'`,
  );
  if (table?.['there'] !== true) return;
  const [rows] = await connection.rows('SELECT count(*)::INTEGER AS n FROM ext_outcomes');
  if (Number(rows?.['n']) === 0) return;
  throw new ConnectorError(
    `analytics.yaml takes outcomes from a query (outcomes.sql), and ${rows?.['n']} were imported from a file already: which one counts?`,
    { area: 'config', hint: 'take outcomes.sql out of analytics.yaml, or empty the table: delete from ext_outcomes' },
  );
}

async function viewSql(connection: SqlConnection, query: string, tableSql: string): Promise<string> {
  const described = await describe(connection, query);
  const missing = required.filter((name) => !described.has(name));
  if (missing.length > 0)
    throw new ConnectorError(`outcomes.sql of analytics.yaml gives no column ${missing.join(', ')}.`, {
      area: 'config',
      hint: `name its columns as ext_outcomes has them: select Id as opportunity_id, … (${Object.keys(types).join(', ')})`,
    });
  const columns = Object.entries(types).map(
    ([name, type]) => `${columnSql(name, type, described.get(name))} AS ${name}`,
  );
  const comments = tableSql.match(/^COMMENT ON COLUMN ext_outcomes\..*$/gm) ?? [];
  return [
    `CREATE VIEW ext_outcomes AS SELECT ${columns.join(', ')} FROM (${query}\n);`,
    `COMMENT ON VIEW ext_outcomes IS '${viewComment.replaceAll("'", "''")}';`,
    ...comments,
  ].join('\n');
}

/** Column → type of a query, names in lower case. */
async function describe(connection: SqlConnection, query: string): Promise<Map<string, string>> {
  try {
    const rows = await connection.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM (${query}\n))`);
    return new Map(rows.map((row) => [String(row['column_name']).toLowerCase(), String(row['column_type'])]));
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new ConnectorError(`outcomes.sql of analytics.yaml cannot be read: ${reason}`, {
      area: 'config',
      hint: 'write one SELECT over tables of the same database; try it with gong-elt query',
      cause,
    });
  }
}
