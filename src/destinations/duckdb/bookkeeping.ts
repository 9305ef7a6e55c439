// Our own tables inside the user's file, all in the schema `_gong_elt`: the state of each connection, and which tables are ours.
import { ConnectorError } from '../../core/errors.ts';
import type { StoredState } from '../../core/fence.ts';
import type { JsonObject } from '../../core/json.ts';
import type { StreamRef } from '../../core/state.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteName } from '../../duckdb/sql.ts';
import type { Owner } from '../../tables/owner.ts';

/** Grows when an older program could no longer read or write what is here. */
const format = 1;

/** A table that we made, and which column holds which property. */
export interface OwnedTable {
  readonly schema: string;
  readonly table: string;
  readonly columns: ReadonlyMap<string, string>;
  /** Not known of tables that 0.1.0 made, until they are written to again. */
  readonly owner?: Owner | undefined;
}

/** @throws ConnectorError (destination) when a newer version of this program keeps its books here. */
export async function hasBooks(session: Session, path: string): Promise<boolean> {
  if (!(await hasBook(session, 'format'))) return false;
  const [row] = await session.rows(`SELECT max(version) AS version FROM ${book(session, 'format')}`);
  if (Number(row?.['version']) > format)
    throw new ConnectorError(`${path} was last written by a newer version of gong-elt`, {
      area: 'destination',
      hint: 'use that version, or a newer one',
    });
  return true;
}

/** Call it inside a transaction. */
export async function createBooks(session: Session): Promise<void> {
  await session.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(session.catalog, books)}`);
  await session.run(`CREATE TABLE ${book(session, 'format')} (version INTEGER)`);
  await session.run(
    `CREATE TABLE ${book(session, 'state')} (connection VARCHAR, seq BIGINT, batch_id VARCHAR, streams JSON, committed_at TIMESTAMPTZ)`,
  );
  await session.run(
    `CREATE TABLE ${book(session, 'tables')} (namespace VARCHAR, stream VARCHAR, schema_name VARCHAR, table_name VARCHAR, columns JSON)`,
  );
  await session.run(`INSERT INTO ${book(session, 'format')} VALUES ($1)`, [format]);
}

export async function findState(session: Session, connection: string): Promise<StoredState | undefined> {
  const [row] = await session.rows(
    `SELECT seq, batch_id, streams FROM ${book(session, 'state')} WHERE connection = $1`,
    [connection],
  );
  if (row === undefined) return undefined;
  return {
    seq: Number(row['seq']),
    batchId: String(row['batch_id']),
    streams: JSON.parse(String(row['streams'])) as Record<string, JsonObject>,
  };
}

/**
 * The last statement of a commit. Compares and sets: `next.seq` must follow the stored one.
 * @returns false when the stored state is not the one before `next`: somebody else committed.
 */
export async function writeState(
  session: Session,
  connection: string,
  next: StoredState,
  now: number,
): Promise<boolean> {
  const streams = JSON.stringify(next.streams);
  const at = new Date(now).toISOString();
  const table = book(session, 'state');
  const changed =
    next.seq === 1
      ? await session.run(
          `INSERT INTO ${table} SELECT $1, 1, $2, $3, $4::TIMESTAMPTZ WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE connection = $1)`,
          [connection, next.batchId, streams, at],
        )
      : await session.run(
          `UPDATE ${table} SET seq = $2, batch_id = $3, streams = $4, committed_at = $5::TIMESTAMPTZ WHERE connection = $1 AND seq = $2 - 1`,
          [connection, next.seq, next.batchId, streams, at],
        );
  return changed === 1;
}

/** The table of a stream in `schema`, when we made one. */
export async function findOwnedTable(
  session: Session,
  stream: StreamRef,
  schema: string,
): Promise<OwnedTable | undefined> {
  const [row] = await session.rows(
    `SELECT table_name, columns FROM ${book(session, 'tables')} WHERE namespace = $1 AND stream = $2 AND schema_name = $3`,
    [stream.namespace ?? '', stream.name, schema],
  );
  if (row === undefined) return undefined;
  const table = String(row['table_name']);
  return {
    schema,
    table,
    columns: new Map(Object.entries(JSON.parse(String(row['columns'])) as Record<string, string>)),
    owner: await findOwner(session, schema, table),
  };
}

/** Names of the tables that are ours in `schema`. */
export async function ownedNames(session: Session, schema: string): Promise<string[]> {
  const rows = await session.rows(
    `SELECT table_name FROM ${book(session, 'tables')} WHERE lower(schema_name) = lower($1)`,
    [schema],
  );
  return rows.map((row) => String(row['table_name']));
}

/** `schema_name, table_name` of all tables that are ours. */
export async function listOwnedTables(session: Session, path: string): Promise<JsonObject[]> {
  if (!(await hasBooks(session, path))) return [];
  return await session.rows(`SELECT schema_name, table_name FROM ${book(session, 'tables')} ORDER BY ALL`);
}

/** Call it inside the transaction that makes or changes the table. */
export async function recordTable(session: Session, stream: StreamRef, owned: OwnedTable): Promise<void> {
  const { schema, table, columns, owner } = owned;
  await forgetTable(session, stream, schema);
  await session.run(`INSERT INTO ${book(session, 'tables')} VALUES ($1, $2, $3, $4, $5)`, [
    stream.namespace ?? '',
    stream.name,
    schema,
    table,
    JSON.stringify(Object.fromEntries(columns)),
  ]);
  if (owner === undefined) return;
  const owners = book(session, 'owners');
  // A book of its own, which earlier versions of this program neither have nor look for.
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${owners} (schema_name VARCHAR, table_name VARCHAR, origin VARCHAR, key JSON)`,
  );
  await session.run(`DELETE FROM ${owners} WHERE schema_name = $1 AND table_name = $2`, [schema, table]);
  await session.run(`INSERT INTO ${owners} VALUES ($1, $2, $3, $4)`, [
    schema,
    table,
    owner.origin,
    JSON.stringify(owner.key),
  ]);
}

/** Call it inside the transaction that drops the table, or gives it to another stream. */
export async function forgetTable(session: Session, stream: StreamRef, schema: string): Promise<void> {
  await session.run(
    `DELETE FROM ${book(session, 'tables')} WHERE namespace = $1 AND stream = $2 AND schema_name = $3`,
    [stream.namespace ?? '', stream.name, schema],
  );
}

async function findOwner(session: Session, schema: string, table: string): Promise<Owner | undefined> {
  if (!(await hasBook(session, 'owners'))) return undefined;
  const [row] = await session.rows(
    `SELECT origin, key FROM ${book(session, 'owners')} WHERE schema_name = $1 AND table_name = $2`,
    [schema, table],
  );
  if (row === undefined) return undefined;
  return { origin: String(row['origin']), key: JSON.parse(String(row['key'])) as Owner['key'] };
}

const books = '_gong_elt';

/** The full name of one of our own tables. */
export function book(session: Session, name: string): string {
  return quoteName(session.catalog, books, name);
}

export async function hasBook(session: Session, name: string): Promise<boolean> {
  const tables = await session.rows(
    `SELECT 1 AS one FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = '${books}' AND table_name = $1`,
    [name],
  );
  return tables.length > 0;
}
