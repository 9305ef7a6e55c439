// Changes of whole tables inside a commit: a table takes the place of another, or rows of older versions go.
import type { Clock } from '../../core/clock.ts';
import type { CommittedStream, TableAction } from '../../core/destination.ts';
import type { Session } from '../../duckdb/session.ts';
import { emptyCounts } from '../../tables/counts.ts';
import { discardBeside, type RefreshContext, swapIn } from './refresh.ts';
import { addVersionColumns, retireRows } from './retire.ts';
import type { TableSettings } from './tables.ts';

/** What an action needs before the transaction begins. */
export async function prepareAction(session: Session, action: TableAction, settings: TableSettings): Promise<void> {
  if (action.kind === 'retire') await addVersionColumns(session, action, settings);
}

/** Call it inside the transaction that also writes the state. @returns what it did, as the counts of a stream without records */
export async function applyAction(
  session: Session,
  action: TableAction,
  context: RefreshContext & { readonly clock: Clock },
): Promise<CommittedStream> {
  const { settings, clock, crashPoint } = context;
  const { configured } = action;
  let removed = 0;
  switch (action.kind) {
    case 'swap':
      crashPoint('duckdb:before-swap');
      removed = await swapIn(session, configured, action.refresh, context);
      crashPoint('duckdb:after-swap');
      break;
    case 'discard':
      await discardBeside(session, configured, action.refresh, context);
      break;
    case 'retire':
      removed = await retireRows(session, action, settings, clock.now());
  }
  const counts = emptyCounts({ configured });
  return removed === 0 ? counts : { ...counts, removed };
}
