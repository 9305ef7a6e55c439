// What is kept beside a table until it replaces it, and of which generation the table itself is: a row per stream that ever had either.
import type { StreamRef } from '../../core/state.ts';
import type { Session } from '../../duckdb/session.ts';
import { book, hasBook } from './bookkeeping.ts';

export interface RefreshBook {
  /** Whose rows are kept beside the table; undefined: none are. */
  readonly beside: { readonly key: string; readonly generation: number | undefined } | undefined;
  /** The newest generation of which rows were stored in the table itself. */
  readonly generation: number | undefined;
}

const nothing: RefreshBook = { beside: undefined, generation: undefined };
const ofStream = 'namespace = $1 AND stream = $2 AND schema_name = $3';

/** @param schema of the stream's table */
export async function readRefreshBook(session: Session, stream: StreamRef, schema: string): Promise<RefreshBook> {
  if (!(await hasBook(session, 'refreshes'))) return nothing;
  const [row] = await session.rows(
    `SELECT beside_key, beside_generation, generation FROM ${book(session, 'refreshes')} WHERE ${ofStream}`,
    keyOf(stream, schema),
  );
  if (row === undefined) return nothing;
  const number = (value: unknown) => (value === null || value === undefined ? undefined : Number(value));
  const { beside_key: key, beside_generation: generation } = row;
  return {
    beside: typeof key === 'string' ? { key, generation: number(generation) } : undefined,
    generation: number(row['generation']),
  };
}

/** Makes the book in a file of an earlier version: before the rows, since a log with both is what DuckDB replays worst. */
export async function ensureRefreshBook(session: Session): Promise<void> {
  if (await hasBook(session, 'refreshes')) return;
  await session.run(
    `CREATE TABLE ${book(session, 'refreshes')} (namespace VARCHAR, stream VARCHAR, schema_name VARCHAR, beside_key VARCHAR, beside_generation BIGINT, generation BIGINT)`,
  );
  await session.run('CHECKPOINT');
}

/** Call it inside a transaction, the one that makes it true. */
export async function writeRefreshBook(
  session: Session,
  stream: StreamRef,
  schema: string,
  { beside, generation }: RefreshBook,
): Promise<void> {
  const refreshes = book(session, 'refreshes');
  const key = keyOf(stream, schema);
  await session.run(`DELETE FROM ${refreshes} WHERE ${ofStream}`, key);
  if (beside === undefined && generation === undefined) return;
  const values = [...key, beside?.key ?? null, beside?.generation ?? null, generation ?? null];
  await session.run(`INSERT INTO ${refreshes} VALUES ($1, $2, $3, $4, $5, $6)`, values);
}

function keyOf(stream: StreamRef, schema: string): string[] {
  return [stream.namespace ?? '', stream.name, schema];
}
