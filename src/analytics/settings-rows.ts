// Settings → rows of the cfg_* tables. Pure.
import type { AnalyticsSettings } from './settings.ts';

export type SettingValue = string | number | boolean | null;

/** Rows by table; values stand in the order of the table's columns (tables/cfg.sql). */
export type SettingsRows = Record<string, SettingValue[][]>;

type Brick = AnalyticsSettings['bricks'][number];

const direction = (brickKey: string, value: 1 | -1): Brick => ({
  kit_code: '*',
  brick_key: brickKey,
  role: brickKey as Brick['role'],
  direction: value,
});

/** Brick names in common use: a kit that uses them works without a settings file. */
const knownBricks: Brick[] = [
  { kit_code: '*', brick_key: 'overall_score', role: 'score', direction: 1 },
  direction('risk_flag', -1),
  direction('pain_point', 1),
  direction('feature_accuracy', 1),
  direction('pricing_misstated', -1),
  direction('competitor_claim_valid', 1),
  direction('knowledge_gap', -1),
  direction('pricing_tier_correct', 1),
  direction('discount_authority_exceeded', -1),
  direction('packaging_outdated', -1),
  direction('commercial_risk_level', -1),
  direction('approved_messaging_used', 1),
  direction('drift_category', -1),
  direction('drift_severity', -1),
];

/** Closing stages as Salesforce and HubSpot name them. */
const knownStages: AnalyticsSettings['stages'] = [
  { stage: 'Closed Won', is_closed: true, is_won: true },
  { stage: 'Closed Lost', is_closed: true, is_won: false },
  { stage: 'closedwon', is_closed: true, is_won: true },
  { stage: 'closedlost', is_closed: true, is_won: false },
];

export function toSettingsRows(settings: AnalyticsSettings): SettingsRows {
  const { as_of: asOf, new_business_only: newBusinessOnly, include_collected: includeCollected } = settings.settings;
  return {
    cfg_kits: settings.kits.map((kit, index) => [
      kit.code,
      index + 1,
      kit.label ?? null,
      kit.purpose ?? null,
      kit.kit_version_id ?? null,
      kit.score_brick ?? null,
      kit.win_threshold ?? null,
    ]),
    cfg_bricks: mergeBricks(settings.bricks).map((brick) => [
      brick.kit_code,
      brick.brick_key,
      brick.role ?? null,
      brick.label ?? null,
      brick.direction ?? 1,
      brick.weight ?? 1,
      brick.in_deal_score ?? false,
      brick.value_min ?? null,
      brick.value_max ?? null,
    ]),
    cfg_levels: settings.levels.map((row) => [row.kit_code, row.brick_key, row.level, row.points]),
    cfg_stages: mergeStages(settings.stages).map((row) => [row.stage, row.is_closed, row.is_won]),
    cfg_sources: settings.sources.map((row) => [row.system, row.label]),
    cfg_people: settings.people.map((row) => [row.email, row.name ?? null, row.team ?? null]),
    cfg_settings: [
      ['new_business_only', String(newBusinessOnly)],
      ['include_collected', String(includeCollected)],
      ...(asOf === undefined ? [] : [['as_of', asOf]]),
    ],
  };
}

/**
 * What a given row leaves open it takes from the row for any kit, and that from what is known of the name: a row of one kit
 * replaces the row for any kit as a whole in the views.
 */
function mergeBricks(given: readonly Brick[]): Brick[] {
  const merged = new Map(knownBricks.map((brick) => [brick.brick_key, brick]));
  for (const brick of given) {
    if (brick.kit_code === '*') merged.set(brick.brick_key, { ...merged.get(brick.brick_key), ...brick });
  }
  const ofOneKit = given.filter((brick) => brick.kit_code !== '*');
  return [...merged.values(), ...ofOneKit.map((brick) => ({ ...merged.get(brick.brick_key), ...brick }))];
}

function mergeStages(given: AnalyticsSettings['stages']): AnalyticsSettings['stages'] {
  const merged = new Map([...knownStages, ...given].map((row) => [row.stage, row]));
  return [...merged.values()];
}
