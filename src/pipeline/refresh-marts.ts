// The views and marts of analysts, made anew after a sync or in memory over a lake; settings from analytics.yaml.
import type { AnalyticsSettings } from '../analytics/settings.ts';
import type { CommandContext } from '../cli/command.ts';
import type { Clock } from '../core/clock.ts';
import { ConnectorError } from '../core/errors.ts';
import { readConfigFile } from '../settings/config-file.ts';
import { shownPath } from '../settings/shown-path.ts';
import type { KitConfig } from '../source/config.ts';

/**
 * @param path analytics.yaml, or undefined for the defaults
 * @param kits their names label the marts where analytics.yaml gives none
 * @throws ConnectorError of area `config` for a file that is missing or wrong
 */
export async function readAnalytics(
  path: string | undefined,
  shownAs: string,
  kits: readonly KitConfig[],
): Promise<AnalyticsSettings> {
  const { parseAnalyticsSettings } = await import('../analytics/settings.ts');
  const settings = parseAnalyticsSettings(path === undefined ? {} : await readConfigFile(path, shownAs));
  const named = new Map(settings.kits.map((kit) => [kit.code, kit]));
  for (const { code, name, version_id } of kits) {
    const known = named.get(code);
    named.set(code, {
      ...known,
      code,
      label: known?.label ?? name,
      kit_version_id: known?.kit_version_id ?? version_id,
    });
  }
  return { ...settings, kits: [...named.values()] };
}

/** The settings of a reader's own analytics.yaml, when gong-elt.yaml names one; kits are labelled by their names there. */
export async function findAnalytics(context: CommandContext): Promise<AnalyticsSettings> {
  const { parsePlaces } = await import('../settings/settings.ts');
  const { analytics } = parsePlaces(await context.settings());
  return await readAnalytics(analytics, shownPath(analytics ?? '', context.io.cwd), []);
}

/** Milliseconds to wait for a reader who holds the file. */
const patienceMs = 60_000;

/**
 * Makes the marts of a DuckDB file. They can be made again at any time, so a file that is held or a name that is taken is no
 * reason to call a sync incomplete.
 * @returns why there are none, or undefined
 */
export async function refreshMarts(
  path: string,
  settings: AnalyticsSettings,
  clock: Clock,
): Promise<ConnectorError | undefined> {
  const { openForWriting } = await import('../duckdb/connection.ts');
  const { createMarts } = await import('../analytics/marts.ts');
  try {
    const database = await openForWriting(path, {
      spillFolder: `${path}.tmp/marts`,
      patience: { clock, ms: patienceMs },
      // Else closing the file merges its wide rows, which takes more memory than the whole sync.
      isBulk: true,
    });
    try {
      await database.exclusive((session) => createMarts(session, settings));
    } finally {
      await database.close();
    }
    return undefined;
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
}
