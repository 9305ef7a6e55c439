// The settings of the marts, from the file that the settings name.
import { dirname, resolve } from 'node:path';
import type { AnalyticsSettings } from '../analytics/settings.ts';
import { parseAnalytics } from '../pipeline/analytics-settings.ts';
import { readConfigFile } from '../settings/config-file.ts';
import { shownPath } from '../settings/shown-path.ts';
import type { KitConfig } from '../source/config.ts';
import type { CommandContext } from './command.ts';

/**
 * @param path analytics.yaml, or undefined for the defaults
 * @param kits their names label the marts where analytics.yaml gives none
 * @throws ConnectorError of area `config` for a file that is missing or wrong
 */
export async function readAnalytics(
  path: string | undefined,
  kits: readonly KitConfig[],
  { io }: Pick<CommandContext, 'io'>,
): Promise<AnalyticsSettings> {
  if (path === undefined) return await parseAnalytics({}, kits);
  const shown = shownPath(path, io.cwd);
  const settings = await parseAnalytics(await readConfigFile(path, shown), kits, shown);
  const { outcomes } = settings;
  if (outcomes?.file === undefined) return settings;
  return { ...settings, outcomes: { ...outcomes, file: resolve(io.cwd, dirname(path), outcomes.file) } };
}

/**
 * The settings of a reader's own: analytics.yaml, and the kits of gong-elt.yaml, whose names and order are those of a sync.
 * @returns undefined when the reader has neither
 */
export async function findAnalytics(context: CommandContext): Promise<AnalyticsSettings | undefined> {
  const { parseMarts } = await import('../settings/people-config.ts');
  const { analytics, kits } = parseMarts(await context.settings({}, ['analytics', 'kits']));
  return analytics === undefined && kits.length === 0 ? undefined : await readAnalytics(analytics, kits, context);
}
