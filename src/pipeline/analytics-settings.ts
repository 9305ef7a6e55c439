// The settings of the marts: analytics.yaml, and what the kits are called in gong-elt.yaml.
import type { AnalyticsSettings } from '../analytics/settings.ts';
import type { JsonObject } from '../core/json.ts';
import type { KitConfig } from '../source/config.ts';

/**
 * @param content of analytics.yaml; empty for the defaults
 * @param kits their names label the marts where analytics.yaml gives none
 * @param shown how messages name the file
 * @throws ConnectorError of area `config` for settings that are wrong
 */
export async function parseAnalytics(
  content: JsonObject,
  kits: readonly KitConfig[],
  shown?: string,
): Promise<AnalyticsSettings> {
  const { parseAnalyticsSettings } = await import('../analytics/settings.ts');
  const settings = parseAnalyticsSettings(content, shown);
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
