// Creates the tables, views and marts of an analyst in the schema that holds the streams. The SQL is in tables/*.sql and
// marts/*.sql; it holds no functions of ours, so that any DuckDB client can read the result.
import { readFile } from 'node:fs/promises';
import { ConnectorError } from '../core/errors.ts';
import { martsMark } from '../duckdb/relations.ts';
import { refuseTwoScores } from './score-bricks.ts';
import type { AnalyticsSettings } from './settings.ts';
import { toSettingsRows } from './settings-rows.ts';
import type { SqlConnection } from './sql-connection.ts';
import { commentStreams } from './stream-comments.ts';
import { readStreams, streamView } from './streams.ts';
import type { ColumnTypes, SkippedView, ViewFile } from './view-files.ts';
import { planViews, readViewFiles } from './view-files.ts';

export type { SqlConnection };

export interface CreatedMarts {
  readonly views: string[];
  /** Views left out because their streams are not there (yet), or because something else has their name. */
  readonly skipped: SkippedView[];
  /** Names of views that something else has. */
  readonly taken: string[];
}

/**
 * Creates or replaces cfg_* tables, views and marts in the current schema of the connection, and the ext_* and an_* tables that
 * are not there. Idempotent. One transaction, so the connection must not be inside one. Streams may be tables or views, of any
 * loader. A view whose streams, or columns it cannot do without, are missing is left out (an older one is dropped) and named in
 * `skipped`; so is one whose name something else has, with the views that read it.
 * @throws ConnectorError: `destination` when something else has the name of one of our tables, `config` when a kit has two scores.
 */
export async function createMarts(connection: SqlConnection, settings: AnalyticsSettings): Promise<CreatedMarts> {
  const streams = await readStreams();
  const files = await readViewFiles();
  const tables = await readTableFiles();
  const takenTables = await foreignNames(connection, tables.names);
  if (takenTables.length > 0) throw namesTaken(takenTables, 'no mart can be made');
  const taken = await foreignNames(
    connection,
    [...streams, ...files].map(({ view }) => view),
  );

  await connection.run('BEGIN');
  try {
    await connection.run(tables.sql);
    await insertSettings(connection, settings);
    const types = await readColumnTypes(connection);
    const { wanted, skipped } = planViews(
      [...streams.map((stream) => streamView(stream, types)), ...files],
      namesOf(types),
      new Set(taken),
    );
    for (const { view } of skipped) if (!taken.includes(view)) await connection.run(`DROP VIEW IF EXISTS ${view}`);
    for (const file of wanted) await createView(connection, file);
    await commentStreams(connection, streams);
    if (wanted.some(({ view }) => view === 'brick_points')) await refuseTwoScores(connection);
    await connection.run('COMMIT');
    return { views: wanted.map(({ view }) => view), skipped, taken };
  } catch (error) {
    // The first error is the one to tell; a connection that is gone has rolled back by itself.
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** What to tell when views were left out because something else has their name; undefined when that was not so. */
export function leftOutMarts({ taken, skipped }: CreatedMarts): ConnectorError | undefined {
  if (taken.length === 0) return undefined;
  const without = skipped.filter(({ missing }) => missing.some((name) => taken.includes(name)));
  return namesTaken(taken, `these are left out: ${without.map(({ view }) => view).join(', ')}`);
}

async function readTableFiles(): Promise<{ sql: string; names: string[] }> {
  const read = (file: string) => readFile(new URL(`./tables/${file}`, import.meta.url), 'utf8');
  const sql = `${await read('cfg.sql')}\n${await read('ext.sql')}\n${await read('an.sql')}`;
  const names = sql.matchAll(/^CREATE (?:OR REPLACE )?TABLE (?:IF NOT EXISTS )?(\w+)/gm);
  return { sql, names: Array.from(names, ([, name]) => name ?? '') };
}

/** Nothing of the user's is replaced or dropped: what has one of our names must be ours. @returns the names that are not */
async function foreignNames(connection: SqlConnection, ours: readonly string[]): Promise<string[]> {
  const foreign = await connection.rows(`
    SELECT DISTINCT lower(name) AS name FROM (
      SELECT table_name AS name, 'table' AS kind, comment, database_name, schema_name FROM duckdb_tables()
      UNION ALL
      SELECT view_name, 'view', comment, database_name, schema_name FROM duckdb_views())
    WHERE database_name = current_database() AND schema_name = current_schema()
      AND lower(name) IN (${ours.map((name) => `'${name}'`).join(', ')})
      AND (coalesce(comment, '') NOT LIKE '%${martsMark}%' OR (kind = 'table') <> regexp_matches(lower(name), '^(cfg|ext|an)_'))
    ORDER BY name`);
  return foreign.map(({ name }) => String(name));
}

function namesTaken(taken: readonly string[], consequence: string): ConnectorError {
  const names = taken.join(', ');
  return new ConnectorError(
    `the schema already has tables or views with names of our marts, and they are not ours: ${names}; ${consequence}`,
    {
      area: 'destination',
      hint: 'rename them, or let their streams land in a schema of their own',
      fields: { names },
    },
  );
}

async function readColumnTypes(connection: SqlConnection): Promise<ColumnTypes> {
  const columns = await connection.rows(`
    SELECT table_name, column_name, data_type FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = current_schema() AND NOT internal`);
  const types = new Map<string, Map<string, string>>();
  for (const { table_name: table, column_name: column, data_type: type } of columns) {
    const name = String(table).toLowerCase();
    const ofTable = types.get(name) ?? new Map<string, string>();
    types.set(name, ofTable.set(String(column).toLowerCase(), String(type)));
  }
  return types;
}

/** Relations, and `table.column` of each of their columns. */
function namesOf(types: ColumnTypes): Set<string> {
  const columns = [...types].flatMap(([table, ofTable]) => [...ofTable.keys()].map((column) => `${table}.${column}`));
  return new Set([...types.keys(), ...columns]);
}

async function insertSettings(connection: SqlConnection, settings: AnalyticsSettings): Promise<void> {
  for (const [table, rows] of Object.entries(toSettingsRows(settings))) {
    for (const row of rows) {
      const places = row.map((_, index) => `$${index + 1}`).join(', ');
      await connection.run(`INSERT INTO ${table} VALUES (${places})`, row);
    }
  }
}

async function createView(connection: SqlConnection, file: ViewFile): Promise<void> {
  try {
    await connection.run(file.sql);
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new ConnectorError(`the view ${file.view} could not be created over ${file.needs.join(', ')}: ${reason}`, {
      area: 'destination',
      hint: 'look at the columns of the streams (gong-elt query "describe calls"); if they are as a loader of ours makes them, please report this',
      fields: { view: file.view },
      cause: error,
    });
  }
}
