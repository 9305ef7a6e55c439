// What an open database holds.
import type { Session } from './session.ts';

/** Ends the comment of every table and view that an analyst gets from us; what lacks it belongs to somebody else. */
export const martsMark = 'Made by gong-elt';

/** Names of the tables and views in the current schema. */
export async function relationNames(session: Session): Promise<Set<string>> {
  const rows = await session.rows(
    'SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database() AND table_schema = current_schema()',
  );
  return new Set(rows.map((row) => String(row['table_name'])));
}

/** @param from of a query, what stands behind FROM */
export async function countRows(session: Session, from: string): Promise<number> {
  const [row] = await session.rows(`SELECT count(*) AS number FROM ${from}`);
  return Number(row?.['number']);
}
