// gong-elt plan: what a sync would read and buy. Lists calls; fetches no transcript, creates no run.
import { exitCodes } from '../../process/exit-codes.ts';
import type { Command } from '../command.ts';
import { readAnalytics } from '../find-analytics.ts';
import { requirePlace, toFlag, toSettings } from '../find-place.ts';
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
    const { parsePeopleConfig } = await import('../../settings/people-config.ts');
    const { runPlan } = await import('../../pipeline/plan.ts');
    const { openSource } = await import('../../pipeline/source.ts');
    const { parseRequest } = await import('../read-request.ts');
    const { planText } = await import('../../pipeline/plan-text.ts');
    const { clock } = context.io;
    const config = parsePeopleConfig(await context.settings(toSettings(flags)), clock.now());
    const request = parseRequest(flags, config.source.kits, clock.now());
    const place = requirePlace(config, 'to', context);
    // A sync would refuse them.
    await readAnalytics(config.analytics, config.source.kits, context);
    const source = await openSource(config.source, context.environment);
    try {
      const found = await runPlan({ source, place, request }, context.environment);
      await context.print(context.json ? `${JSON.stringify(found)}\n` : planText(found, context.io.terminalColumns));
      return exitCodes.complete;
    } finally {
      await source.close();
    }
  },
};
