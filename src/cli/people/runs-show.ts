// gong-elt runs show: all that is known of one run, or of the runs of one call.
import { ConnectorError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import type { LedgerEntry } from '../../core/ledger.ts';
import type { Place } from '../../pipeline/places/place.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { toTerminalLine } from '../../process/terminal-text.ts';
import type { Command, CommandContext } from '../command.ts';
import { textFlag } from '../command.ts';
import { findPlace, fromFlag } from '../find-place.ts';

export const runsShow: Command = {
  name: 'runs show',
  operands: '[run_id]',
  describe: 'All that is known of one run, or of the runs of a call',
  examples: [
    'gong-elt runs show run_01H8 --from warehouse.duckdb',
    'gong-elt runs show --call 7782342274025937895 --json',
  ],
  flags: {
    run_id: { positional: true, group: '', describe: 'The run’s id, as runs list shows it' },
    call: { type: 'string', group: 'What:', describe: 'All runs of this call' },
    from: fromFlag,
  },
  async run(flags, context) {
    const runId = textFlag(flags, 'run_id');
    const callId = textFlag(flags, 'call');
    if ((runId === undefined) === (callId === undefined))
      throw new ConnectorError('Which run? Name either a run or a call.', {
        area: 'config',
        hint: 'gong-elt runs show RUN_ID, or gong-elt runs show --call CALL_ID',
      });
    const place = await findPlace(textFlag(flags, 'from'), 'from', context);
    const found = await findRuns(place, runId, callId, context);
    if (found.length === 0)
      throw new ConnectorError(`${place.shown} knows no run of that ${runId === undefined ? 'call' : 'id'}.`, {
        area: 'config',
        hint: 'gong-elt runs list',
      });
    await context.print(context.json ? `${JSON.stringify(found)}\n` : found.map(runText).join('\n'));
    return exitCodes.complete;
  },
};

async function findRuns(
  place: Place,
  runId: string | undefined,
  callId: string | undefined,
  context: CommandContext,
): Promise<JsonObject[]> {
  const { entriesWithoutRow, selectRuns } = await import('../../pipeline/runs-table.ts');
  const entries = await entriesWithoutRow(place, context.environment);
  const found = entries
    .filter((entry) => (runId === undefined ? entry.callId === callId : entry.runId === runId))
    .map(entryFields);
  const where = runId === undefined ? 'call_id = $1' : 'run_id = $1';
  const selected = selectRuns(
    place,
    '*',
    `WHERE ${where} ORDER BY requested_at`,
    [runId ?? callId ?? ''],
    context.environment,
  );
  for await (const { columns, rows } of selected)
    for (const row of rows)
      found.push(Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
  return found;
}

/** Without the transcript, which is not for looking at here. */
function entryFields(entry: LedgerEntry): JsonObject {
  const { body: _, ...fields } = entry;
  // Members that are not set drop out.
  return JSON.parse(JSON.stringify({ ...fields, createdAt: new Date(entry.createdAt).toISOString() })) as JsonObject;
}

function runText(run: JsonObject): string {
  return Object.entries(run)
    .filter(([, value]) => value !== null)
    .map(
      ([name, value]) =>
        `${name.padEnd(22)} ${toTerminalLine(typeof value === 'string' ? value : JSON.stringify(value))}\n`,
    )
    .join('');
}
