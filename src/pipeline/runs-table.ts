// Runs from both places that know them: the ledger, for what has no row yet, and the rows of the destination.

import type { CommandContext } from '../cli/command.ts';
import type { JsonValue } from '../core/json.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Bindings, ResultStream } from '../duckdb/session.ts';
import { openFileLedger } from '../ledger/file-ledger.ts';
import { committedRuns } from './committed-runs.ts';
import { openPlace } from './open-place.ts';
import type { Place } from './places.ts';

/** Entries of the ledger that have no row in the destination. */
export async function entriesWithoutRow(place: Place, context: CommandContext): Promise<LedgerEntry[]> {
  const ledger = await openFileLedger(place.ledgerPath, { readOnly: true });
  try {
    await ledger.reconcile(committedRuns(place, context.io.clock));
    return [...ledger.entries()].filter(({ status, result }) => status !== 'terminal' || result !== undefined);
  } finally {
    await ledger.close();
  }
}

/**
 * Rows of `semarize_runs`, a few thousand at a time; none when the stream was never synced.
 * @param columns SQL between SELECT and FROM
 * @param rest    SQL behind the table's name
 */
export async function* selectRuns(
  place: Place,
  columns: string,
  rest: string,
  values: Bindings,
  context: CommandContext,
): AsyncGenerator<Pick<ResultStream, 'columns'> & { rows: JsonValue[][] }> {
  const database = await openPlace(place, context.io.clock);
  try {
    const [table] = await database.exclusive((session) =>
      session.rows(
        `SELECT 1 AS one FROM information_schema.tables WHERE table_name = 'semarize_runs' AND table_schema = current_schema()`,
      ),
    );
    if (table === undefined) return;
    const result = await database.exclusive((session) =>
      session.stream(`SELECT ${columns} FROM semarize_runs ${rest}`, values),
    );
    for await (const rows of result.rows) yield { columns: result.columns, rows };
  } finally {
    await database.close();
  }
}
