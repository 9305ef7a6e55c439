// Changes of whole tables, behind the rows of a batch: a table takes the place of another, or rows of older versions go. What a
// predecessor did already is found done.
import type { CommittedStream, TableAction } from '../../core/destination.ts';
import type { Session } from '../../duckdb/session.ts';
import { emptyCounts } from '../../tables/counts.ts';
import { discardBeside } from './refresh.ts';
import { retireRows } from './retire.ts';
import { swapIn } from './swap.ts';
import type { TableContext } from './table-context.ts';

/** @returns what it did, as the counts of a stream without records */
export async function applyAction(
  session: Session,
  action: TableAction,
  context: TableContext,
): Promise<CommittedStream> {
  const { configured } = action;
  let removed = 0;
  switch (action.kind) {
    case 'swap':
      removed = await swapIn(session, configured, action.refresh, context);
      break;
    case 'discard':
      await discardBeside(session, configured, action.refresh, context);
      break;
    case 'retire':
      removed = await retireRows(session, action, context);
  }
  const counts = emptyCounts({ configured });
  return removed === 0 ? counts : { ...counts, removed };
}
