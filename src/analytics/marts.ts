// Creates the tables, views and marts of an analyst in the schema that holds the streams. The SQL is in tables/*.sql and
// marts/*.sql; it holds no functions of ours, so that any DuckDB client can read the result.
import { ConnectorError } from '../core/errors.ts';
import { martsMark } from '../duckdb/relations.ts';
import { quoteIdent } from '../duckdb/sql.ts';
import { dictionaryView } from './data-dictionary.ts';
import { placeOutcomes } from './ext-outcomes.ts';
import { type BricksAs, dropBricksTable, keepBricks } from './materialize.ts';
import { refuseTwoScores } from './score-bricks.ts';
import { type AnalyticsSettings, parseAnalyticsSettings } from './settings.ts';
import { toSettingsRows } from './settings-rows.ts';
import type { SqlConnection } from './sql-connection.ts';
import { commentStreams } from './stream-comments.ts';
import { readStreams, type Stream, streamView } from './streams.ts';
import { readTableFiles, type TableFile } from './table-files.ts';
import type { ColumnTypes, SkippedView, ViewFile } from './view-files.ts';
import { planViews, readViewFiles } from './view-files.ts';
import { type GeneratedView, readWideKits, wideViews } from './wide-views.ts';

export type { SqlConnection };

export interface MartsOptions {
  /** What holds the answers; default `auto`. */
  readonly bricks?: BricksAs | undefined;
}

export interface CreatedMarts {
  readonly views: string[];
  /** Of these, what is kept as a table of that name. */
  readonly tabled: string[];
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
 * @param given undefined: those that the marts here were last made with
 * @throws ConnectorError: `destination` when something else has the name of one of our tables, `config` when a kit has two scores.
 */
export async function createMarts(
  connection: SqlConnection,
  given: AnalyticsSettings | undefined,
  { bricks = 'auto' }: MartsOptions = {},
): Promise<CreatedMarts> {
  const settings = given ?? (await storedSettings(connection));
  const streams = await readStreams();
  const files = await readViewFiles();
  const tables = await readTableFiles();
  const takenTables = await foreignNames(
    connection,
    tables.map(({ name }) => name),
  );
  if (takenTables.length > 0) throw namesTaken(takenTables, 'no mart can be made');
  const taken = await foreignNames(
    connection,
    [...streams, ...files].map(({ view }) => view),
  );

  await connection.run('BEGIN');
  try {
    await createTables(connection, tables, settings);
    await insertSettings(connection, settings);
    const types = await readColumnTypes(connection);
    const { wanted, skipped } = planViews(
      [...streams.map((stream) => streamView(stream, types)), ...files],
      namesOf(types),
      new Set(taken),
    );
    await dropGenerated(connection);
    if (!taken.includes('semarize_bricks')) await dropBricksTable(connection);
    for (const { view } of skipped) if (!taken.includes(view)) await connection.run(`DROP VIEW IF EXISTS ${view}`);
    const tabled: string[] = [];
    for (const file of wanted) {
      await createView(connection, file);
      if (file.view === 'semarize_bricks' && (await keepBricks(connection, file, bricks))) tabled.push(file.view);
    }
    await commentStreams(connection, streams);
    const made = wanted.map(({ view }) => view);
    if (made.includes('brick_points')) await refuseTwoScores(connection);
    const generated = await generateViews(connection, made, streams);
    await connection.run('COMMIT');
    return { views: [...made, ...generated.made], tabled, skipped, taken: [...taken, ...generated.taken] };
  } catch (error) {
    // The first error is the one to tell; a connection that is gone has rolled back by itself.
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** Views that follow from the rows: they are made anew each time. */
async function dropGenerated(connection: SqlConnection): Promise<void> {
  const old = await connection.rows(`
    SELECT view_name FROM duckdb_views()
    WHERE database_name = current_database() AND schema_name = current_schema() AND contains(coalesce(comment, ''), '${martsMark}')
      AND (starts_with(view_name, 'wide_') OR view_name = 'data_dictionary')`);
  for (const { view_name: view } of old) await connection.run(`DROP VIEW ${quoteIdent(String(view))}`);
}

/** Never in the place of what somebody else has under the name. */
async function generateViews(
  connection: SqlConnection,
  made: readonly string[],
  streams: readonly Stream[],
): Promise<{ made: string[]; taken: string[] }> {
  const hasWide = made.includes('brick_points') && made.includes('conversations');
  const wide = hasWide ? wideViews(await readWideKits(connection)) : [];
  const names = [...wide.map(({ view }) => view), 'data_dictionary'];
  const taken = await foreignNames(
    connection,
    names.map((name) => name.toLowerCase()),
  );
  const isFree = ({ view }: GeneratedView) => !taken.includes(view.toLowerCase());
  for (const { sql } of wide.filter(isFree)) await connection.run(sql);
  const dictionary = await dictionaryView(
    connection,
    streams.map(({ name }) => name),
  );
  const all = [...wide, ...(dictionary === undefined ? [] : [dictionary])].filter(isFree);
  if (dictionary !== undefined && isFree(dictionary)) await connection.run(dictionary.sql);
  return { made: all.map(({ view }) => view), taken };
}

/** What to tell when views were left out because something else has their name; undefined when that was not so. */
export function leftOutMarts({ taken, skipped }: CreatedMarts): ConnectorError | undefined {
  if (taken.length === 0) return undefined;
  const above = skipped.filter(({ missing }) => missing.some((name) => taken.includes(name)));
  const without = new Set([...taken, ...above.map(({ view }) => view)]);
  return namesTaken(taken, `these are left out: ${[...without].join(', ')}`);
}

async function createTables(
  connection: SqlConnection,
  tables: readonly TableFile[],
  { outcomes }: AnalyticsSettings,
): Promise<void> {
  const shown = await connection.rows(
    `SELECT view_name AS name FROM duckdb_views() WHERE database_name = current_database() AND schema_name = current_schema() AND starts_with(view_name, 'ext_')`,
  );
  const views = new Set(shown.map(({ name }) => name));
  for (const table of tables) {
    if (table.name === 'ext_outcomes') await placeOutcomes(connection, table, outcomes?.sql);
    else if (!views.has(table.name)) await connection.run(table.sql);
  }
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
      AND (coalesce(comment, '') NOT LIKE '%${martsMark}%'
        -- Rows from outside may be a view as well: of a query, or of a lake.
        -- So may the answers be a table.
        OR (kind = 'table') <> regexp_matches(lower(name), '^(cfg|ext|an)_')
          AND NOT starts_with(lower(name), 'ext_') AND lower(name) <> 'semarize_bricks')
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

/** The settings of the last time, from `cfg_settings`; the defaults where there was none. */
async function storedSettings(connection: SqlConnection): Promise<AnalyticsSettings> {
  const [table] = await connection.rows(
    `SELECT 1 AS there FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = current_schema() AND table_name = 'cfg_settings' AND contains(comment, '${martsMark}')`,
  );
  if (table === undefined) return parseAnalyticsSettings(undefined);
  const [stored] = await connection.rows(`SELECT value FROM cfg_settings WHERE key = '${storedKey}'`);
  return parseAnalyticsSettings(stored === undefined ? undefined : JSON.parse(String(stored['value'])));
}

const storedKey = 'analytics_yaml';

async function insertSettings(connection: SqlConnection, settings: AnalyticsSettings): Promise<void> {
  await connection.run('INSERT INTO cfg_settings VALUES ($1, $2)', [storedKey, JSON.stringify(settings)]);
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
