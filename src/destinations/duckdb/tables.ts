// A stream's table: found, made or widened before rows are written. What is not ours is never touched.
import type { ConfiguredStream } from '../../core/catalog.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { StreamRef } from '../../core/state.ts';
import { martsMark } from '../../duckdb/relations.ts';
import type { ResultColumn, Session } from '../../duckdb/session.ts';
import { quoteIdent, quoteName } from '../../duckdb/sql.ts';
import { foldCase, freeName } from '../../tables/columns.ts';
import { widened } from '../../tables/decimal.ts';
import type { TableChange } from '../../tables/evolve.ts';
import { planChange } from '../../tables/evolve.ts';
import { keepDigits } from '../../tables/keep-digits.ts';
import { isSameOwner, ownerOf, refuseOtherOwner } from '../../tables/owner.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import type { BatchTarget, Needs } from '../../tables/staged-table.ts';
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
 * @param needs types that hold the numbers of a batch, by property, where the schema's do not
 * @throws ConnectorError: `config` for a stream without columns, and for a table that another stream owns, `destination` when a
 * table or view of that name is there and not ours
 */
export async function prepareTable(
  session: Session,
  configured: ConfiguredStream,
  settings: TableSettings,
  needs: Needs,
  crashPoint: CrashPoint,
): Promise<TargetTable> {
  const { stream } = configured;
  const { schema, table, owned, existing } = await findTable(session, configured, settings);
  const sql = quoteName(session.catalog, schema, table);
  const known = owned?.columns ?? new Map<string, string>();
  const wanted = await wantedColumns(session, configured, settings.metadata, needs, { known });
  const change = await keepDigits(session, planChange(wanted.columns, existing ?? []), sql);
  const statements =
    existing === undefined ? createStatements(session, schema, sql, change) : alterStatements(sql, change);
  const owner = ownerOf(configured);
  if (statements.length > 0 || !isSameOwner(owned?.owner, owner)) {
    crashPoint('duckdb:before-ddl');
    await inTransaction(session, async () => {
      for (const statement of statements) await session.run(statement);
      const columns = new Map(known);
      for (const { property, name } of wanted.columns) if (wanted.own.has(property)) columns.set(property, name);
      await recordTable(session, stream, { schema, table, columns, owner });
    });
    await session.run('CHECKPOINT');
    crashPoint('duckdb:after-ddl');
  }
  return { sql, ...batchTarget(change.columns, wanted) };
}

/**
 * Where a stream is stored, or would be.
 * @throws ConnectorError as `prepareTable`
 */
export async function findTable(session: Session, configured: ConfiguredStream, settings: TableSettings) {
  const { stream } = configured;
  const schema = schemaOf(stream, settings);
  const owned = await findOwnedTable(session, stream, schema);
  const table = owned?.table ?? freeName(stream.name, new Set((await ownedNames(session, schema)).map(foldCase)));
  if (owned?.owner !== undefined)
    refuseOtherOwner(owned.owner, configured, `the table ${schema}.${table} of ${settings.shown}`);
  const existing = await describeTable(session, schema, table);
  if (existing === 'mart' || existing === 'view' || (existing !== undefined && owned === undefined))
    throw new ConnectorError(
      existing === 'mart'
        ? `stream ${stream.name}: ${settings.shown} has a mart of gong-elt called ${schema}.${table}`
        : `stream ${stream.name}: ${settings.shown} has a table or view ${schema}.${table} already, and it was not made by gong-elt`,
      {
        area: 'destination',
        hint: `${existing === 'mart' ? 'write the stream' : 'rename that one, or write'} into another schema or another file`,
        fields: { path: settings.shown, stream: stream.name, table },
      },
    );
  return { schema, table, owned, existing };
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
): Promise<readonly ResultColumn[] | 'view' | 'mart' | undefined> {
  const ofTable = `database_name = current_database() AND lower(schema_name) = lower($1)`;
  const views = await session.rows(
    `SELECT coalesce(comment, '') AS comment FROM duckdb_views() WHERE ${ofTable} AND lower(view_name) = lower($2)`,
    [schema, table],
  );
  const [view] = views;
  if (view !== undefined) return String(view['comment']).includes(martsMark) ? 'mart' : 'view';
  const rows = await session.rows(
    `SELECT column_name, data_type FROM duckdb_columns() WHERE ${ofTable} AND lower(table_name) = lower($2) ORDER BY column_index`,
    [schema, table],
  );
  if (rows.length === 0) return undefined;
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['data_type']) }));
}

function createStatements({ catalog }: Session, schema: string, sql: string, change: TableChange): string[] {
  const columns = change.columns.map(({ name, type }) => `${quoteIdent(name)} ${type}`);
  return [`CREATE SCHEMA IF NOT EXISTS ${quoteName(catalog, schema)}`, `CREATE TABLE ${sql} (${columns.join(', ')})`];
}

/** No defaults: a table altered with one does not always open again after a crash. */
export function alterStatements(sql: string, change: TableChange): string[] {
  return [
    ...change.widen.map(({ name, from, to }) => {
      const column = quoteIdent(name);
      return `ALTER TABLE ${sql} ALTER COLUMN ${column} SET DATA TYPE ${to} USING ${widened(column, from, to)}`;
    }),
    ...change.add.map(({ name, type }) => `ALTER TABLE ${sql} ADD COLUMN ${quoteIdent(name)} ${type}`),
  ];
}
