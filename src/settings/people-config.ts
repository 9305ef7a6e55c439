// A person's settings, checked: what a command works with.
import { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import { parseSettings } from '../core/settings.ts';
import type { SourceConfig } from '../source/config.ts';
import { sourceProblems } from '../source/config.ts';
import type { FoundSettings } from './found-settings.ts';
import { peopleConfigSchema, placesShape } from './people-schema.ts';

/** What a command that reads Gong needs. */
export interface PeopleConfig {
  readonly source: SourceConfig;
  readonly destination: string | undefined;
  readonly analytics: string | undefined;
}

/**
 * @param now milliseconds since the epoch
 * @throws ConnectorError of area `config` that lists every problem.
 */
export function parsePeopleConfig(found: FoundSettings, now: number): PeopleConfig {
  const misplaced = found.misplaced.map((name) => ({
    path: [name],
    text: `may not stand in ${found.files[0]}: put it into .env or the environment as ${name.toUpperCase()}`,
  }));
  const parse = () =>
    parseSettings(peopleConfigSchema, found.values, (settings) => [...misplaced, ...sourceProblems(settings, now)]);
  const { destination, analytics, ...source } = explained(parse, found);
  return { source, destination, analytics };
}

/** What a command needs that never asks Gong or Semarize. */
export function parsePlaces(found: FoundSettings): Pick<PeopleConfig, 'destination' | 'analytics'> {
  const { destination, analytics } = explained(
    () =>
      parseSettings(
        z.strictObject(placesShape),
        Object.fromEntries(Object.entries(found.values).filter(([name]) => name in placesShape)),
      ),
    found,
  );
  return { destination, analytics };
}

function explained<T>(parse: () => T, found: FoundSettings): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const files = found.files.length === 0 ? 'no gong-elt.yaml or .env was found' : `read: ${found.files.join(', ')}`;
    const keys = error.message.includes('is required')
      ? '; keys come from the environment or .env: GONG_ACCESS_KEY, GONG_ACCESS_KEY_SECRET, SEMARIZE_API_KEY'
      : '';
    const hint = `${error.hint} (${files}${keys})`;
    throw new ConnectorError(error.message, { area: error.area, hint, fields: error.fields, cause: error });
  }
}
