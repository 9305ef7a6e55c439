// analytics.yaml: what kits, bricks, stages and people mean to the marts. Everything is optional; what is known of the brick
// and stage names in common use is filled in here.
import { z } from 'zod';
import { parseSettings } from '../core/settings.ts';

const purposes = ['deal_score', 'framework', 'product_knowledge', 'pricing_audit', 'messaging', 'readiness'] as const;

const roles = [
  'score',
  'signal',
  'risk_flag',
  'pain_point',
  'feature_accuracy',
  'pricing_misstated',
  'competitor_claim_valid',
  'knowledge_gap',
  'claim',
  'pricing_tier_correct',
  'discount_authority_exceeded',
  'packaging_outdated',
  'commercial_risk_level',
  'approved_messaging_used',
  'drift_category',
  'drift_severity',
] as const;

const name = () => z.string().min(1);
const anyKit = '*';

const kit = z.strictObject({
  code: name()
    .refine((code) => code !== anyKit, { error: "must be the code of one kit, not '*'" })
    .describe('Code of the kit.'),
  label: name().optional().describe('Name for people.'),
  purpose: z
    .enum(purposes)
    .optional()
    .describe('What the kit is for. Kits without one are compared as frameworks too.'),
  kit_version_id: name().optional().describe('The one version to analyse. Unset: the one with most runs.'),
  score_brick: name().optional().describe('Brick that holds the score. Unset: the brick of role score.'),
  win_threshold: z.number().optional().describe('A deal whose score reaches it is predicted to be won.'),
});

const brick = z
  .strictObject({
    kit_code: name().default(anyKit).describe("Code of the kit; '*' for any."),
    brick_key: name().describe('Name of the brick, as runs spell it.'),
    role: z.enum(roles).optional().describe('What the brick is to the marts.'),
    label: name().optional().describe('Name for people.'),
    direction: z.literal([1, -1]).optional().describe('1: more is better; -1: less is better.'),
    weight: z.number().gt(0).optional().describe('Weight of the signal in a score made of several (1).'),
    in_deal_score: z.boolean().optional().describe('A signal of the score of a kit without a score brick (false).'),
    value_min: z.number().optional().describe('Value that is 0 points.'),
    value_max: z.number().optional().describe('Value that is 100 points.'),
  })
  .refine(({ value_min: min, value_max: max }) => (min === undefined) === (max === undefined), {
    error: 'needs value_min and value_max together',
  })
  .refine(({ value_min: min, value_max: max }) => min === undefined || max === undefined || min < max, {
    error: 'needs a value_min less than value_max (direction: -1 turns the scale around)',
  });

const level = z.strictObject({
  kit_code: name().default(anyKit).describe("Code of the kit; '*' for any."),
  brick_key: name().describe('Name of the brick.'),
  level: name().describe('The value, as runs spell it.'),
  points: z.number().describe('Points of the level, 0 to 100.'),
});

const stage = z
  .strictObject({
    stage: name().describe('Name of the stage, as the CRM spells it.'),
    is_closed: z.boolean().describe('Does the stage end a deal?'),
    is_won: z.boolean().describe('Does it end it with a win?'),
  })
  .refine((row) => row.is_closed || !row.is_won, { error: 'is won, so it must be closed: set is_closed to true' });

const source = z.strictObject({
  system: name().describe('As in calls.system.'),
  label: name().describe('Name of the source in the marts. Systems without a row are called Gong.'),
});

const person = z.strictObject({
  email: name().toLowerCase().describe('E-mail address of a call owner.'),
  name: name().optional().describe('Name in the marts. Unset: the name Gong gives.'),
  team: name().optional().describe('Team in the marts.'),
});

const single = z.strictObject({
  as_of: z.iso
    .datetime({ offset: true, error: 'must be an instant like 2026-06-01T00:00:00Z' })
    .optional()
    .describe('The instant the data is as of. Unset: the last time a call was read.'),
  new_business_only: z.boolean().default(true).describe('Leave renewals out of statistics about outcomes.'),
  include_collected: z.boolean().default(false).describe('Let runs made elsewhere count in statistics.'),
});

/** Rows of one list with the same key are an error at the later one. */
function keyed<Row extends z.ZodType>(row: Row, keyOf: (row: z.output<Row>) => unknown[]) {
  return z
    .array(row)
    .default([])
    .check((context) => {
      const seen = new Set<string>();
      for (const [index, item] of context.value.entries()) {
        const key = JSON.stringify(keyOf(item));
        if (seen.has(key))
          context.issues.push({
            code: 'custom',
            input: item,
            path: [index],
            message: 'has the same key as an earlier row',
          });
        seen.add(key);
      }
    });
}

/** The shape of analytics.yaml. */
export const analyticsSettingsSchema = z.strictObject({
  kits: keyed(kit, (row) => [row.code]),
  bricks: keyed(brick, (row) => [row.kit_code, row.brick_key]),
  levels: keyed(level, (row) => [row.kit_code, row.brick_key, row.level]),
  stages: keyed(stage, (row) => [row.stage]),
  sources: keyed(source, (row) => [row.system]),
  people: keyed(person, (row) => [row.email]),
  settings: single.prefault({}),
});

export type AnalyticsSettings = z.output<typeof analyticsSettingsSchema>;

/**
 * @param value The parsed YAML; undefined or null for an empty or absent file.
 * @throws ConnectorError of area `config` that lists every mistake with its path and repeats no value.
 */
export function parseAnalyticsSettings(value: unknown): AnalyticsSettings {
  return parseSettings(analyticsSettingsSchema, value ?? {});
}
