// The newest row of each key of a batch, in a table of its own: first what the batch itself decides, for every destination.

import { countRows } from '../duckdb/relations.ts';
import type { Session } from '../duckdb/session.ts';
import { quoteIdent } from '../duckdb/sql.ts';
import { createWinners, type DedupOrder, isKeyMissing } from './newest.ts';

/**
 * Makes the temporary table `winners` (see `createWinners`).
 * @returns rows without a whole key, and rows that won
 */
export async function chooseWinners(
  session: Session,
  stagedTable: string,
  winners: string,
  order: DedupOrder,
): Promise<{ rejected: number; chosen: number }> {
  const rejected = await countRows(session, `${quoteIdent(stagedTable)} WHERE ${isKeyMissing(order)}`);
  await session.run(createWinners(stagedTable, winners, order));
  return { rejected, chosen: await countRows(session, quoteIdent(winners)) };
}
