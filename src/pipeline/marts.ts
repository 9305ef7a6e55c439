// The marts of a place, with the outcomes that their settings name.
import { basename } from 'node:path';
import type { AnalyticsSettings } from '../analytics/settings.ts';
import { ConnectorError } from '../core/errors.ts';
import type { Environment } from './environment.ts';
import { importOutcomes, type OutcomesResult } from './import/outcomes.ts';
import type { MadeMarts, MadeWith, Place } from './places/place.ts';

/**
 * After a sync, whose lock is held: the rows are there, so nothing about marts makes it incomplete.
 * @returns what is wrong, for people, or undefined
 */
export async function refreshMarts(
  place: Place,
  settings: AnalyticsSettings,
  environment: Environment,
): Promise<ConnectorError | undefined> {
  let problem: ConnectorError | undefined;
  try {
    const outcomes = await importNamedOutcomes(place, settings, environment);
    if (outcomes !== undefined && outcomes.refused > 0) problem = refusedOutcomes(settings, outcomes);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    problem = error;
  }
  return (await place.refreshMarts(settings, environment)) ?? problem;
}

/**
 * @param settings undefined: those of the last time
 * @throws ConnectorError `config` for outcomes that cannot be read, `busy`, `destination`
 */
export async function makeMarts(
  place: Place,
  settings: AnalyticsSettings | undefined,
  environment: Environment,
  options: MadeWith,
): Promise<MadeMarts & { readonly outcomes: OutcomesResult | undefined }> {
  const outcomes = settings && (await importNamedOutcomes(place, settings, environment));
  return { ...(await place.makeMarts(settings, environment, options)), outcomes };
}

/** The file that analytics.yaml names as the source of outcomes. */
async function importNamedOutcomes(
  place: Place,
  { outcomes }: AnalyticsSettings,
  environment: Environment,
): Promise<OutcomesResult | undefined> {
  if (outcomes?.file === undefined) return undefined;
  const { file, map = {} } = outcomes;
  return await importOutcomes(place, { file, map, shown: basename(file) }, environment);
}

function refusedOutcomes({ outcomes }: AnalyticsSettings, { refused, refusals }: OutcomesResult): ConnectorError {
  const [first] = refusals;
  const file = basename(outcomes?.file ?? '');
  return new ConnectorError(
    `${refused} records of ${file} were refused, the first in ${first?.where}: ${first?.problem}`,
    {
      area: 'config',
      hint: `gong-elt import outcomes ${file} names them all`,
    },
  );
}
