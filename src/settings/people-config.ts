// A person's settings, checked: what a command works with.
import { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import type { SettingProblem } from '../core/settings.ts';
import { parseSettings } from '../core/settings.ts';
import type { SourceConfig } from '../source/config.ts';
import { secretSettings, sourceConfigSchema, sourceProblems } from '../source/config.ts';
import type { FoundSettings } from './found-settings.ts';
import { bucketShape, peopleConfigSchema, placesShape } from './people-schema.ts';
import { variableOf } from './variables.ts';

/** What a command that reads Gong needs. */
export interface PeopleConfig {
  readonly source: SourceConfig;
  readonly destination: string | undefined;
  readonly analytics: string | undefined;
  /** Nobody else writes to the destination. */
  readonly singleWriter: boolean;
}

/**
 * @param now milliseconds since the epoch
 * @throws ConnectorError of area `config` that lists every problem and where its value stands, without values.
 */
export function parsePeopleConfig(found: FoundSettings, now: number): PeopleConfig {
  const misplaced: readonly SettingProblem[] = found.misplaced.map((name) => ({
    path: [name],
    text: `may not stand in ${found.files[0]}: put it into .env or the environment as ${variableOf(name)}`,
  }));
  const tell = (problem: SettingProblem) => (misplaced.includes(problem) ? problem : withOrigin(problem, found));
  const parse = () =>
    parseSettings(
      peopleConfigSchema,
      found.values,
      (settings) => [...misplaced, ...sourceProblems(settings, now)],
      tell,
    );
  const { destination, analytics, single_writer: singleWriter, ...source } = explained(parse, found);
  return { source, destination, analytics, singleWriter };
}

/**
 * What a command needs that never asks Gong or Semarize.
 * @throws ConnectorError of area `config`
 */
export function parsePlaces(found: FoundSettings): Pick<PeopleConfig, 'destination' | 'analytics' | 'singleWriter'> {
  const { destination, analytics, single_writer } = parsePart({ ...placesShape, ...bucketShape }, found);
  return { destination, analytics, singleWriter: single_writer };
}

/**
 * What the marts are made with.
 * @throws ConnectorError of area `config`
 */
export function parseMarts(found: FoundSettings): Pick<PeopleConfig, 'analytics'> & Pick<SourceConfig, 'kits'> {
  const { analytics, kits } = parsePart(
    { analytics: placesShape.analytics, kits: sourceConfigSchema.shape.kits },
    found,
  );
  return { analytics, kits };
}

function parsePart<Shape extends z.ZodRawShape>(shape: Shape, found: FoundSettings) {
  const values = Object.fromEntries(Object.entries(found.values).filter(([name]) => name in shape));
  const tell = (problem: SettingProblem) => withOrigin(problem, found);
  return explained(() => parseSettings(z.strictObject(shape), values, () => [], tell), found);
}

/** `kits[0].code (GONG_ELT_KITS in the environment) must be …` */
function withOrigin({ path, text }: SettingProblem, { origins }: FoundSettings): SettingProblem {
  const origin = origins.get(String(path[0]));
  return { path, text: origin === undefined ? text : `(${origin}) ${text}` };
}

/** @throws what could not be read, else what is wrong; the hint says where settings were looked for. */
function explained<T>(parse: () => T, found: FoundSettings): T {
  const [unreadable] = found.errors;
  if (unreadable !== undefined) throw unreadable;
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const files = found.files.length === 0 ? 'no gong-elt.yaml or .env was found' : `read: ${found.files.join(', ')}`;
    const keys = error.message.includes('is required')
      ? `; keys come from the environment or .env: ${secretSettings.map(variableOf).join(', ')}`
      : '';
    const hint = `${error.hint} (${files}${keys})`;
    throw new ConnectorError(error.message, { area: error.area, hint, fields: error.fields, cause: error });
  }
}
