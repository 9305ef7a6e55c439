// Rows of versions of a table that are no longer the live one: they go, or are marked with the time at which they went.
import type { Session } from '../../duckdb/session.ts';
import { quoteName } from '../../duckdb/sql.ts';
import { foldCase } from '../../tables/columns.ts';
import { deletedColumn, isRetired, type Retire, retireColumns } from '../../tables/deletion.ts';
import { findOwnedTable } from './bookkeeping.ts';
import { describeTable, schemaOf, type TableSettings } from './tables.ts';
import { inTransaction } from './transaction.ts';

/** Adds the columns that the action asks or writes, where they are missing. A change of columns is a transaction of its own. */
export async function addVersionColumns(session: Session, action: Retire, settings: TableSettings): Promise<void> {
  const table = await find(session, action, settings);
  if (table === undefined) return;
  const missing = retireColumns(action).filter(({ name }) => !table.columns.has(name));
  if (missing.length === 0) return;
  await inTransaction(session, async () => {
    for (const { name, type } of missing) await session.run(`ALTER TABLE ${table.sql} ADD COLUMN ${name} ${type}`);
  });
  await session.run('CHECKPOINT');
}

/**
 * Call it inside the transaction that also writes the state.
 * @param now milliseconds since the epoch
 * @returns the rows that went or were marked; none when there is no table
 */
export async function retireRows(
  session: Session,
  action: Retire,
  settings: TableSettings,
  now: number,
): Promise<number> {
  const table = await find(session, action, settings);
  if (table === undefined) return 0;
  if (action.isHard) return await session.run(`DELETE FROM ${table.sql} WHERE ${isRetired(action)}`);
  return await session.run(`UPDATE ${table.sql} SET ${deletedColumn} = $1::TIMESTAMPTZ WHERE ${isRetired(action)}`, [
    new Date(now).toISOString(),
  ]);
}

async function find(
  session: Session,
  { configured: { stream } }: Retire,
  settings: TableSettings,
): Promise<{ sql: string; columns: ReadonlySet<string> } | undefined> {
  const schema = schemaOf(stream, settings);
  const owned = await findOwnedTable(session, stream, schema);
  if (owned === undefined) return undefined;
  const columns = await describeTable(session, schema, owned.table);
  if (!Array.isArray(columns)) return undefined;
  return {
    sql: quoteName(session.catalog, schema, owned.table),
    columns: new Set(columns.map(({ name }) => foldCase(name))),
  };
}
