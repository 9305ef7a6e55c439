// What a place can be asked for: its tables and views, with what is said of them.
import { readViewFiles } from '../analytics/view-files.ts';
import { ConnectorError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import type { Session } from '../duckdb/session.ts';
import { quoteLiteral } from '../duckdb/sql.ts';

/** One statement: name, kind, grain and first sentence of every table and view, marts first. */
export const relationsSql = `
WITH named AS (
  SELECT schema_name, table_name AS name, comment FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()
  UNION ALL
  SELECT schema_name, view_name, comment FROM duckdb_views() WHERE NOT internal AND database_name = current_database()
)
SELECT
  CASE WHEN schema_name = current_schema() THEN name ELSE schema_name || '.' || name END AS name,
  CASE WHEN starts_with(name, 'mart_') THEN 'mart' WHEN starts_with(name, 'cfg_') THEN 'settings'
       WHEN starts_with(name, 'an_') THEN 'result' WHEN starts_with(name, 'ext_') THEN 'import'
       WHEN name IN ('calls', 'transcripts', 'semarize_runs') THEN 'stream' ELSE 'table or view' END AS kind,
  nullif(regexp_extract(comment, 'one row (?:an? |per )?([^:;.]+)', 1), '') AS grain,
  nullif(regexp_extract(comment, '^(.*?)(?:, one row|[.;:]|$)', 1), '') AS what_it_is
FROM named
WHERE schema_name <> '_gong_elt'
ORDER BY kind <> 'mart', kind, name`;

/**
 * The SQL of a view: as we write it, with its comments, where the view is one of ours, else as the database keeps it.
 * @param session of the place that has it; undefined: only ours are known
 * @throws ConnectorError (config) when there is no such view
 */
export async function viewSql(name: string, session?: Session): Promise<string> {
  const files = await readViewFiles();
  const file = files.find(({ view }) => view === name);
  if (file !== undefined) return file.sql;
  const [row] = (await session?.rows(`SELECT sql FROM duckdb_views() WHERE view_name = ${quoteLiteral(name)}`)) ?? [];
  if (row !== undefined) return `${row['sql']}\n`;
  const near = nearestName(
    name,
    files.map(({ view }) => view),
  );
  throw new ConnectorError(`There is no mart or view ${name}.${near === undefined ? '' : ` Did you mean "${near}"?`}`, {
    area: 'config',
    hint: 'gong-elt query --list',
  });
}
