// The view semarize_bricks as a table of the same name and columns: from some size on, unpacking the answers anew for every mart takes
// longer than the mart.
import type { SqlConnection } from './sql-connection.ts';
import type { ViewFile } from './view-files.ts';

/** Answers from which on they are kept as a table. */
export const bricksWorthATable = 100_000;

/** `auto`: a table from `bricksWorthATable` answers on. */
export type BricksAs = 'auto' | 'table' | 'view';

/** Makes room for the view: a table of an earlier time goes. Call it inside a transaction. */
export async function dropBricksTable(connection: SqlConnection): Promise<void> {
  const [table] = await connection.rows(
    `SELECT 1 AS there FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = current_schema() AND table_name = 'semarize_bricks'`,
  );
  if (table !== undefined) await connection.run('DROP TABLE semarize_bricks');
}

/**
 * Puts a table in the place of the view when it is worth it. Call it inside a transaction, right after the view was made.
 * @returns whether it is a table now
 */
export async function keepBricks(connection: SqlConnection, { sql }: ViewFile, as: BricksAs): Promise<boolean> {
  if (as === 'view' || (as === 'auto' && !(await areMany(connection)))) return false;
  await connection.run(`
    CREATE TABLE semarize_bricks__gong_elt_next AS FROM semarize_bricks;
    DROP VIEW semarize_bricks;
    ALTER TABLE semarize_bricks__gong_elt_next RENAME TO semarize_bricks`);
  const comments = sql.slice(sql.indexOf('COMMENT ON VIEW')).replace('COMMENT ON VIEW', 'COMMENT ON TABLE');
  await connection.run(comments);
  return true;
}

async function areMany(connection: SqlConnection): Promise<boolean> {
  const [total] = await connection.rows(`
    SELECT coalesce(sum(len(json_keys(bricks))), 0) >= ${bricksWorthATable} AS are_many
    FROM (SELECT TRY_CAST(bricks AS JSON) AS bricks FROM stream_runs WHERE status = 'succeeded') WHERE json_type(bricks) = 'OBJECT'`);
  return total?.['are_many'] === true;
}
