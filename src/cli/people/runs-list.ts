// gong-elt runs list: what was bought, what is under way, and what waits for a decision.
import type { LedgerEntry } from '../../core/ledger.ts';
import { answerOf } from '../../formats/answer.ts';
import { writeAnswer } from '../../formats/write-answer.ts';
import type { Place } from '../../pipeline/places/place.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { rowFormatFlag, rowFormatOf } from '../answer-output.ts';
import type { Command, CommandContext } from '../command.ts';
import { textFlag } from '../command.ts';
import { findPlace, fromFlag } from '../find-place.ts';

/** Ends of a run, then states of an item of the ledger that has no row (yet). */
const statuses = ['succeeded', 'failed', 'cancelled', 'intent', 'accepted', 'terminal', 'frozen', 'lost', 'skipped'];

const columns = ['status', 'run_id', 'call_id', 'kit', 'version', 'requested_at', 'reason'];

export const runsList: Command = {
  name: 'runs list',
  describe: 'Runs that were bought, are under way, or wait for a decision',
  examples: [
    'gong-elt runs list --from warehouse.duckdb',
    'gong-elt runs list --status frozen                  # what a person has to look at',
  ],
  flags: {
    from: fromFlag,
    status: {
      choices: statuses,
      group: 'What:',
      describe: 'Only these; intent to lost are items of the ledger without a row yet, skipped was not sent',
      otherwise: 'all but skipped',
    },
    format: rowFormatFlag,
  },
  async run(flags, context) {
    const place = await findPlace(textFlag(flags, 'from'), 'from', context);
    const rows = listRuns(place, textFlag(flags, 'status'), context);
    const format = rowFormatOf(flags, context.json);
    const options = { room: context.io.terminalColumns };
    const count = await writeAnswer(format, answerOf(columns, rows), context.print, options);
    if (format === 'table') context.log('info', `${count} ${count === 1 ? 'run' : 'runs'}`);
    return exitCodes.complete;
  },
};

async function* listRuns(place: Place, status: string | undefined, context: CommandContext) {
  const { entriesWithoutRow, selectRuns } = await import('../../pipeline/runs-table.ts');
  const entries = await entriesWithoutRow(place, context.environment);
  // Skipped items are many and need nobody.
  yield entries
    .filter((entry) => (status === undefined ? entry.status !== 'skipped' : entry.status === status))
    .map(cells);
  const selected = selectRuns(
    place,
    'status, run_id, call_id, kit_code, coalesce(kit_version_id, kit_version_requested), requested_at, error_code',
    `WHERE coalesce(status = $1, true) ORDER BY requested_at DESC, run_id`,
    [status ?? null],
    context.environment,
  );
  for await (const { rows } of selected)
    yield rows.map((row) => row.map((value) => (value === null ? null : String(value))));
}

function cells({ status, runId, callId, kit, version, createdAt, reason }: LedgerEntry): (string | null)[] {
  return [status, runId ?? null, callId, kit, version, timeText(createdAt), reason ?? null];
}

/** As DuckDB prints it. */
function timeText(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '+00');
}
