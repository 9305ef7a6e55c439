// gong-elt copy: rows, state and ledger into a second destination.

import type { Place } from '../../pipeline/places/place.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { Command, CommandContext } from '../command.ts';
import { textFlag } from '../command.ts';
import { findAnalytics, readAnalytics } from '../find-analytics.ts';
import { findPlace, fromFlag, requirePlace, toFlag } from '../find-place.ts';

export const copy: Command = {
  name: 'copy',
  describe: 'Rows, state and ledger into a second destination; no network, buys nothing',
  examples: [
    'gong-elt copy --from warehouse.duckdb --to ./lake       # a sync of the copy goes on where this one stood',
    'gong-elt copy --from ./lake --to backup.duckdb',
    'gong-elt copy --from ./lake --to ./plain --format parquet   # one file a stream, nothing else in the folder',
  ],
  flags: {
    from: fromFlag,
    to: { type: 'string', group: 'Where:', describe: `${toFlag.describe}; has to be named` },
    format: {
      choices: ['parquet'],
      group: 'Where:',
      describe: 'Plain Parquet files in a new folder, as of now: rows only, for programs that read no Delta tables',
      otherwise: 'a place that a sync can go on with',
    },
  },
  async run(flags, context) {
    const { runCopy } = await import('../../pipeline/copy.ts');
    const from = await findPlace(textFlag(flags, 'from'), 'from', context);
    const target = textFlag(flags, 'to');
    // Never what the settings name: that is where it comes from.
    const to =
      target === undefined
        ? requirePlace({ destination: undefined, singleWriter: false }, 'to', context)
        : await findPlace(target, 'to', context);
    if (textFlag(flags, 'format') === 'parquet') return await exportFiles(from, to, context);
    const analytics = await findAnalytics(context);
    const load = await runCopy({ from, to }, context.environment);
    const problem = await to.refreshMarts(
      analytics ?? (await readAnalytics(undefined, [], context)),
      context.environment,
    );
    if (problem !== undefined) context.log('warn', `Marts: ${problem.message}`);
    if (context.json) await context.print(`${JSON.stringify({ load })}\n`);
    const rows = load.streams.map(({ stream, written }) => `${stream} ${written}`).join(' · ');
    context.log('info', `copied to ${to.shown}: ${rows}; state and ledger went along, nothing was bought`);
    return exitCodes.complete;
  },
};

async function exportFiles(from: Place, { path, shown }: Place, context: CommandContext): Promise<number> {
  const { runExport } = await import('../../pipeline/export.ts');
  const files = await runExport({ from, folder: path, shown }, context.environment);
  if (context.json) await context.print(`${JSON.stringify({ files })}\n`);
  const rows = files.map(({ stream, rows }) => `${stream} ${rows}`).join(' · ');
  context.log('info', `copied to ${shown}: ${rows}; rows only, so a sync cannot go on from there`);
  return exitCodes.complete;
}
