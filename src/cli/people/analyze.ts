// gong-elt analyze: the statistics that SQL cannot do well, computed once and kept beside the marts.
import { defaultDraws, defaultSeed } from '../../analytics/statistics/options.ts';
import { summarize, summaryText } from '../../analytics/statistics/summary.ts';
import { ConnectorError } from '../../core/errors.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import { packageVersion } from '../../process/package-version.ts';
import type { Command, FlagValues } from '../command.ts';
import { numberFlag, textFlag } from '../command.ts';
import { findAnalytics } from '../find-analytics.ts';
import { findPlace, fromFlag } from '../find-place.ts';

export const analyze: Command = {
  name: 'analyze',
  describe: 'Exact tests, bootstrap limits and agreement, kept beside the marts; the same seed gives the same numbers',
  examples: ['gong-elt analyze --in warehouse.duckdb', 'gong-elt analyze --in ./lake --draws 10000 --seed 7'],
  flags: {
    in: fromFlag,
    seed: { type: 'number', group: 'How:', describe: 'Seed of the draws', otherwise: String(defaultSeed) },
    draws: {
      type: 'number',
      group: 'How:',
      describe: 'Draws of the bootstrap and of permutations, 100 to 1,000,000',
      otherwise: String(defaultDraws),
    },
  },
  async run(flags, context) {
    const seed = wholeNumber(flags, 'seed', defaultSeed, 0, 2 ** 32 - 1);
    const draws = wholeNumber(flags, 'draws', defaultDraws, 100, 1_000_000);
    const options = { seed, draws, toolVersion: packageVersion() };
    const { runAnalyze } = await import('../../pipeline/analyze.ts');
    const place = await findPlace(textFlag(flags, 'in'), 'in', context);
    const marts = () => findAnalytics(context);
    const analysis = await runAnalyze({ place, options, marts }, context.environment);
    if (context.json) await context.print(`${JSON.stringify({ ...summarize(analysis), seed, draws })}\n`);
    else if (!context.quiet) await context.print(summaryText(analysis, options, place.shown));
    return exitCodes.complete;
  },
};

/** @throws ConnectorError of area `config` */
function wholeNumber(flags: FlagValues, name: string, otherwise: number, least: number, most: number): number {
  const value = numberFlag(flags, name) ?? otherwise;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ConnectorError(`--${name} must be a whole number from ${least} to ${most}.`, {
    area: 'config',
    hint: 'gong-elt analyze --help',
  });
}
