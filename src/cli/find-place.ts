// Where rows are or go: a flag, or the settings' destination.
import { ConnectorError } from '../core/errors.ts';
import type { Place } from '../pipeline/places/place.ts';
import { placeFrom } from '../pipeline/places/place-of.ts';
import type { FlagSettings } from '../settings/layers.ts';
import type { PeopleConfig } from '../settings/people-config.ts';
import { shownPath } from '../settings/shown-path.ts';
import type { CommandContext, Flag, FlagValues } from './command.ts';
import { textFlag } from './command.ts';

/** `--from` of commands that only look. */
export const fromFlag: Flag = {
  type: 'string',
  group: 'Where:',
  describe: 'A .duckdb file or a lake: its folder, or s3://bucket/folder',
  setting: 'destination',
  otherwise: 'destination of the settings',
};

/** `--in` of commands that add to what is there. */
export const inFlag: Flag = { ...fromFlag };

/** `--to` of commands that write. */
export const toFlag: Flag = {
  ...fromFlag,
  describe: 'A file that ends in .duckdb, or a folder or s3://bucket/folder for a lake',
};

/** `--to` as a setting, for commands that use the others as well. */
export function toSettings(flags: FlagValues): FlagSettings {
  const to = textFlag(flags, 'to');
  return to === undefined ? {} : { '--to': { destination: to } };
}

/**
 * @param flag `--from`, `--to` or `--in`, as given
 * @throws ConnectorError of area `config` when nothing names a place.
 */
export async function findPlace(
  flag: string | undefined,
  name: 'from' | 'to' | 'in',
  context: CommandContext,
): Promise<Place> {
  if (flag !== undefined)
    return requirePlace({ destination: flag, singleWriter: await isSingleWriter(flag, context) }, name, context);
  return requirePlace(await readPlaces(context), name, context);
}

/** What the settings say of a place in an object store; a path of this machine needs none. */
export async function isSingleWriter(path: string, context: CommandContext): Promise<boolean> {
  return path.includes('://') && (await readPlaces(context)).singleWriter;
}

async function readPlaces(context: CommandContext) {
  const { parsePlaces } = await import('../settings/people-config.ts');
  return parsePlaces(await context.settings({}, ['destination', 'single_writer']));
}

/** @param named as given, or as the settings say */
export function requirePlace(
  { destination: path, singleWriter }: Pick<PeopleConfig, 'destination' | 'singleWriter'>,
  name: 'from' | 'to' | 'in',
  context: CommandContext,
): Place {
  if (path === undefined)
    throw new ConnectorError('No destination is named.', {
      area: 'config',
      hint: `name one: --${name} warehouse.duckdb, or destination in gong-elt.yaml`,
    });
  const { cwd } = context.io;
  return placeFrom(cwd, path, shownPath(path, cwd), singleWriter);
}
