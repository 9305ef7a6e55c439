// A stream's table: found, made or widened before rows are written. What is not ours is never touched.
import type { ConfiguredStream } from '../../core/catalog.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { StreamRef } from '../../core/state.ts';
import type { ResultColumn, Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';
import { foldCase, freeName } from '../../tables/columns.ts';
import type { TableChange } from '../../tables/evolve.ts';
import { planChange } from '../../tables/evolve.ts';
import { keepDigits } from '../../tables/keep-digits.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import type { BatchTarget } from '../../tables/staged-table.ts';
import { batchTarget, wantedColumns } from '../../tables/wanted-columns.ts';
import { findOwnedTable, ownedNames, recordTable } from './bookkeeping.ts';
import { inTransaction } from './transaction.ts';

export interface TargetTable extends BatchTarget {
  /** Quoted, with its schema. */
  readonly sql: string;
}

export interface TableSettings {
  /** How messages name the file. */
  readonly shown: string;
  readonly defaultSchema: string;
  /** Columns beside the stream's own. */
  readonly metadata: RecordMetadata | undefined;
}

/**
 * Makes the table of a stream fit its schema. A change is a transaction of its own, followed by a checkpoint: a log that holds
 * both DDL and rows is what DuckDB replays worst.
 * @param wide properties declared integer whose values need DECIMAL(38,0)
 * @throws ConnectorError: `config` for a stream without columns, `destination` when a table or view of that name is there and
 * not ours
 */
export async function prepareTable(
  session: Session,
  configured: ConfiguredStream,
  settings: TableSettings,
  wide: ReadonlySet<string>,
  crashPoint: CrashPoint,
): Promise<TargetTable> {
  const { stream } = configured;
  const schema = schemaOf(stream, settings);
  const owned = await findOwnedTable(session, stream, schema);
  const table = owned?.table ?? freeName(stream.name, new Set((await ownedNames(session, schema)).map(foldCase)));
  const sql = `${quoteIdent(schema)}.${quoteIdent(table)}`;
  const known = owned?.columns ?? new Map<string, string>();
  const wanted = await wantedColumns(session, configured, settings.metadata, wide, { known });
  const existing = await describeTable(session, schema, table);
  if (existing === 'view' || (existing !== undefined && owned === undefined))
    throw new ConnectorError(
      `${settings.shown} has a table or view ${table} already, and it was not made by gong-elt`,
      {
        area: 'destination',
        hint: 'rename that one, or write into another schema (default_schema) or another file',
        fields: { path: settings.shown, table },
      },
    );

  const change = await keepDigits(session, planChange(wanted.columns, existing ?? []), sql);
  const statements = existing === undefined ? createStatements(schema, sql, change) : alterStatements(sql, change);
  if (statements.length > 0) {
    crashPoint('duckdb:before-ddl');
    await inTransaction(session, async () => {
      for (const statement of statements) await session.run(statement);
      const columns = new Map(known);
      for (const { property, name } of wanted.columns) if (wanted.own.has(property)) columns.set(property, name);
      await recordTable(session, stream, { schema, table, columns });
    });
    await session.run('CHECKPOINT');
    crashPoint('duckdb:after-ddl');
  }
  return { sql, ...batchTarget(change.columns, wanted) };
}

/** The schema of the stream's table. */
export function schemaOf({ namespace }: StreamRef, { defaultSchema }: TableSettings): string {
  return freeName(namespace ?? defaultSchema, reservedSchemas);
}

const reservedSchemas: ReadonlySet<string> = new Set(['_gong_elt', 'information_schema', 'pg_catalog']);

export async function describeTable(
  session: Session,
  schema: string,
  table: string,
): Promise<readonly ResultColumn[] | 'view' | undefined> {
  const ofTable = `database_name = current_database() AND lower(schema_name) = lower($1)`;
  const views = await session.rows(
    `SELECT 1 AS one FROM duckdb_views() WHERE ${ofTable} AND lower(view_name) = lower($2)`,
    [schema, table],
  );
  if (views.length > 0) return 'view';
  const rows = await session.rows(
    `SELECT column_name, data_type FROM duckdb_columns() WHERE ${ofTable} AND lower(table_name) = lower($2) ORDER BY column_index`,
    [schema, table],
  );
  if (rows.length === 0) return undefined;
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['data_type']) }));
}

function createStatements(schema: string, sql: string, change: TableChange): string[] {
  const columns = change.columns.map(({ name, type }) => `${quoteIdent(name)} ${type}`);
  return [`CREATE SCHEMA IF NOT EXISTS ${quoteIdent(schema)}`, `CREATE TABLE ${sql} (${columns.join(', ')})`];
}

/** No defaults: a table altered with one does not always open again after a crash. */
export function alterStatements(sql: string, change: TableChange): string[] {
  return [
    ...change.widen.map(({ name, to }) => {
      const column = quoteIdent(name);
      const value = to === 'JSON' ? `to_json(${column})` : `CAST(${column} AS ${to})`;
      return `ALTER TABLE ${sql} ALTER COLUMN ${column} SET DATA TYPE ${to} USING ${value}`;
    }),
    ...change.add.map(({ name, type }) => `ALTER TABLE ${sql} ADD COLUMN ${quoteIdent(name)} ${type}`),
  ];
}
