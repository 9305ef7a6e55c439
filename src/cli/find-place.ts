// Where rows are or go: a flag, or the settings' destination.
import { ConnectorError } from '../core/errors.ts';
import type { Place } from '../pipeline/places/place.ts';
import { placeFrom } from '../pipeline/places/place-of.ts';
import type { FlagSettings } from '../settings/layers.ts';
import { shownPath } from '../settings/shown-path.ts';
import type { CommandContext, Flag, FlagValues } from './command.ts';
import { textFlag } from './command.ts';

/** `--from` of commands that only look. */
export const fromFlag: Flag = {
  type: 'string',
  group: 'Where:',
  describe: 'A .duckdb file or the folder of a lake',
  setting: 'destination',
  otherwise: 'destination of the settings',
};

/** `--to` of commands that write. */
export const toFlag: Flag = { ...fromFlag, describe: 'A file that ends in .duckdb, or a folder for a lake' };

/** `--to` as a setting, for commands that use the others as well. */
export function toSettings(flags: FlagValues): FlagSettings {
  const to = textFlag(flags, 'to');
  return to === undefined ? {} : { '--to': { destination: to } };
}

/**
 * @param flag `--from` or `--to`, as given
 * @throws ConnectorError of area `config` when nothing names a place.
 */
export async function findPlace(
  flag: string | undefined,
  name: 'from' | 'to',
  context: CommandContext,
): Promise<Place> {
  if (flag !== undefined) return requirePlace(flag, name, context);
  const { parsePlaces } = await import('../settings/people-config.ts');
  return requirePlace(parsePlaces(await context.settings({}, ['destination'])).destination, name, context);
}

/** @param path as given, or as the settings say */
export function requirePlace(path: string | undefined, name: 'from' | 'to', context: CommandContext): Place {
  if (path === undefined)
    throw new ConnectorError('No destination is named.', {
      area: 'config',
      hint: `name one: --${name} warehouse.duckdb, or destination in gong-elt.yaml`,
    });
  const { cwd } = context.io;
  return placeFrom(cwd, path, shownPath(path, cwd));
}
