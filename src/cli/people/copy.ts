// gong-elt copy: rows, state and ledger into a second destination.

import { exitCodes } from '../../process/exit-codes.ts';
import type { Command } from '../command.ts';
import { textFlag } from '../command.ts';
import { findPlace, fromFlag, requirePlace, toFlag } from '../find-place.ts';

export const copy: Command = {
  name: 'copy',
  describe: 'Rows, state and ledger into a second destination; no network, buys nothing',
  examples: [
    'gong-elt copy --from warehouse.duckdb --to ./lake       # a sync of the copy goes on where this one stood',
    'gong-elt copy --from ./lake --to backup.duckdb',
  ],
  flags: { from: fromFlag, to: toFlag },
  async run(flags, context) {
    const { runCopy } = await import('../../pipeline/copy.ts');
    const { findAnalytics, refreshMarts } = await import('../../pipeline/refresh-marts.ts');
    const { clock, crashPoint, signal } = context.io;
    const from = await findPlace(textFlag(flags, 'from'), 'from', context);
    const to = requirePlace(textFlag(flags, 'to'), 'to', context);
    const analytics = await findAnalytics(context);
    const load = await runCopy({ from, to, clock, crashPoint, signal, log: context.log });
    if (to.kind === 'duckdb') {
      const problem = await refreshMarts(to.path, analytics, clock);
      if (problem !== undefined) context.log('warn', `The marts could not be made: ${problem.message}`);
    }
    if (context.json) await context.print(`${JSON.stringify({ load })}\n`);
    const rows = load.streams.map(({ stream, written }) => `${stream} ${written}`).join(' · ');
    context.log('info', `copied to ${to.path}: ${rows}; state and ledger went along, nothing was bought`);
    return exitCodes.complete;
  },
};
