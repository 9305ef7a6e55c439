// Runs from both places that know them: the ledger, for what has no row yet, and the rows of the destination.
import type { JsonValue } from '../core/json.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import { relationNames } from '../duckdb/relations.ts';
import type { Bindings, ResultStream } from '../duckdb/session.ts';
import { committedRuns } from './committed-runs.ts';
import type { ReadingEnvironment } from './environment.ts';
import type { Place } from './places/place.ts';

/** Entries of the ledger that have no row in the destination. */
export async function entriesWithoutRow(place: Place, environment: ReadingEnvironment): Promise<LedgerEntry[]> {
  const ledger = await place.openLedger(environment, { readOnly: true });
  try {
    await ledger.reconcile(committedRuns(place, environment));
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
  environment: ReadingEnvironment,
): AsyncGenerator<Pick<ResultStream, 'columns'> & { rows: JsonValue[][] }> {
  const database = await place.openReader(environment, { streams: ['semarize_runs'] });
  try {
    if (!(await database.exclusive(relationNames)).has('semarize_runs')) return;
    const result = await database.exclusive((session) =>
      session.stream(`SELECT ${columns} FROM semarize_runs ${rest}`, values),
    );
    for await (const rows of result.rows) yield { columns: result.columns, rows };
  } finally {
    await database.close();
  }
}
