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

/** Does a brick of this name have its role without a settings file? */
export function isKnownBrick(key: string): boolean {
  return knownBricks.some(({ brick_key: known }) => known === key);
}

/** What the levels of these bricks mean, where a kit uses the words of the guide. */
const knownLevels: AnalyticsSettings['levels'] = (['high', 'medium', 'low'] as const).map((level) => ({
  kit_code: '*',
  brick_key: 'commercial_risk_level',
  level,
  meaning: level,
}));

/** Closing stages as Salesforce and HubSpot name them. */
const knownStages: AnalyticsSettings['stages'] = [
  { stage: 'Closed Won', is_closed: true, is_won: true },
  { stage: 'Closed Lost', is_closed: true, is_won: false },
  { stage: 'closedwon', is_closed: true, is_won: true },
  { stage: 'closedlost', is_closed: true, is_won: false },
];

export function toSettingsRows(settings: AnalyticsSettings): SettingsRows {
  return {
    cfg_kits: settings.kits.map((kit, index) => [
      kit.code,
      index + 1,
      kit.label ?? null,
      kit.purpose ?? null,
      kit.kit_version_id ?? null,
      kit.score_brick ?? null,
      kit.win_threshold ?? null,
      kit.grounded_on ?? null,
    ]),
    cfg_bricks: mergeBricks(settings.bricks).map((brick) => [
      brick.kit_code,
      brick.brick_key,
      brick.role ?? null,
      brick.label ?? null,
      brick.element ?? null,
      brick.direction ?? 1,
      brick.weight ?? 1,
      brick.in_deal_score ?? false,
      brick.value_min ?? null,
      brick.value_max ?? null,
      brick.threshold ?? null,
    ]),
    cfg_levels: mergeLevels(settings.levels).map((row) => [
      row.kit_code,
      row.brick_key,
      row.level,
      row.points ?? null,
      row.meaning ?? null,
    ]),
    cfg_stages: mergeStages(settings.stages).map((row) => [row.stage, row.sort ?? null, row.is_closed, row.is_won]),
    cfg_sources: settings.sources.map((row) => [row.system, row.label]),
    cfg_people: settings.people.map((row) => [row.email, row.name ?? null, row.team ?? null, row.manager ?? null]),
    cfg_enablement: settings.enablement.map((row) => [row.event_id, row.element, row.team ?? null, row.trained_on]),
    cfg_readiness: settings.readiness.map((row, index) => [
      row.item_key,
      row.label ?? row.item_key,
      row.kit_code,
      row.brick_key,
      row.threshold,
      row.weight,
      row.sort ?? index + 1,
      row.next_action ?? null,
    ]),
    cfg_scorecards: settings.scorecards.flatMap(({ question, kit_code: kit, brick_key: brick, levels }) =>
      levels === undefined
        ? [[question, kit, brick, null, null]]
        : Object.entries(levels).map(([answer, level]) => [question, kit, brick, answer, level]),
    ),
    cfg_settings: singleSettings(settings.settings),
  };
}

function singleSettings(settings: AnalyticsSettings['settings']): SettingValue[][] {
  const rows: [string, string | undefined][] = [
    ['new_business_only', String(settings.new_business_only)],
    ['not_new_business', JSON.stringify(settings.not_new_business.map((word) => word.toLowerCase()))],
    ['include_collected', String(settings.include_collected)],
    ['as_of', settings.as_of],
    ['assumed_leakage_rate', settings.assumed_leakage_rate?.toString()],
  ];
  return rows.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
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

function mergeLevels(given: AnalyticsSettings['levels']): AnalyticsSettings['levels'] {
  const keyOf = (row: AnalyticsSettings['levels'][number]) => JSON.stringify([row.kit_code, row.brick_key, row.level]);
  const merged = new Map(knownLevels.map((row) => [keyOf(row), row]));
  for (const row of given) merged.set(keyOf(row), { ...merged.get(keyOf(row)), ...row });
  return [...merged.values()];
}

function mergeStages(given: AnalyticsSettings['stages']): AnalyticsSettings['stages'] {
  const merged = new Map([...knownStages, ...given].map((row) => [row.stage, row]));
  return [...merged.values()];
}
