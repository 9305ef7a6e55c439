// gong-elt plan: what a sync would read and buy. Lists calls; fetches no transcript, creates no run.
import { openFileLedger } from '../../ledger/file-ledger.ts';
import { committedRuns } from '../../pipeline/committed-runs.ts';
import { openDestination } from '../../pipeline/places.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { ReadRequest } from '../../source/read-request.ts';
import type { Command, CommandContext } from '../command.ts';
import { textFlag } from '../command.ts';
import { requirePlace, toFlag } from '../find-place.ts';
import { requestFlags } from '../read-request.ts';

export const plan: Command = {
  name: 'plan',
  describe: 'What a sync would read and buy, without doing it',
  examples: [
    'gong-elt plan --to warehouse.duckdb                 # what is new',
    'gong-elt plan --to warehouse.duckdb --from 30d --kit 6AD3F0B6',
  ],
  flags: { to: toFlag, ...requestFlags },
  async run(flags, context) {
    const { parsePeopleConfig } = await import('../../settings/settings.ts');
    const { openSource } = await import('../../pipeline/open-source.ts');
    const { parseRequest } = await import('../read-request.ts');
    const { planText } = await import('../plan-text.ts');
    const { clock, signal } = context.io;
    const config = parsePeopleConfig(await context.settings(), clock.now());
    const request = parseRequest(flags, config.source.kits, clock.now());
    const known = await whatIsKnown(textFlag(flags, 'to') ?? config.destination, context);
    const source = await openSource(config.source, context);
    try {
      const found = await source.plan({ ...request, ...known, signal });
      await context.print(context.json ? `${JSON.stringify(found)}\n` : planText(found));
      return exitCodes.complete;
    } finally {
      await source.close();
    }
  },
};

/** States and ledger as they are; nothing is written. */
async function whatIsKnown(
  path: string | undefined,
  context: CommandContext,
): Promise<Pick<ReadRequest, 'states' | 'ledger'>> {
  const { clock, crashPoint } = context.io;
  const place = requirePlace(path, 'to', context);
  const destination = await openDestination(place, { clock, crashPoint, log: context.log, waitMs: 0 });
  try {
    const saved = await destination.readState();
    const ledger = await openFileLedger(place.ledgerPath, { readOnly: true });
    await ledger.reconcile(committedRuns(place, clock));
    return { states: new Map(Object.entries(saved?.streams ?? {})), ledger };
  } finally {
    await destination.close();
  }
}
