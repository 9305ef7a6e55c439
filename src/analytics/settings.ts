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

const meanings = ['correct', 'imprecise', 'incorrect', 'high', 'medium', 'low'] as const;

/** Words of an opportunity type that is no new business; every other type counts, in any language. */
const notNewBusiness = ['renew', 'expan', 'upsell', 'up-sell', 'cross', 'existing', 'add-on'];

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
  grounded_on: name()
    .optional()
    .describe('The documents that the kit checks against, as in Product Docs v4.2. Runs do not return it.'),
});

const brick = z
  .strictObject({
    kit_code: name().default(anyKit).describe("Code of the kit; '*' for any."),
    brick_key: name().describe('Name of the brick, as runs spell it.'),
    role: z.enum(roles).optional().describe('What the brick is to the marts.'),
    label: name().optional().describe('Name for people.'),
    element: name()
      .optional()
      .describe('The element of the playbook that the brick checks, as in enablement[].element.'),
    direction: z.literal([1, -1]).optional().describe('1: more is better; -1: less is better.'),
    weight: z.number().gt(0).optional().describe('Weight of the signal in a score made of several (1).'),
    in_deal_score: z.boolean().optional().describe('A signal of the score of a kit without a score brick (false).'),
    value_min: z.number().optional().describe('Value that is 0 points.'),
    value_max: z.number().optional().describe('Value that is 100 points.'),
    threshold: z.number().optional().describe('A number that reaches it is good enough; compared as stored.'),
  })
  .refine(({ value_min: min, value_max: max }) => (min === undefined) === (max === undefined), {
    error: 'needs value_min and value_max together',
  })
  .refine(({ value_min: min, value_max: max }) => min === undefined || max === undefined || min < max, {
    error: 'needs a value_min less than value_max (direction: -1 turns the scale around)',
  });

const level = z
  .strictObject({
    kit_code: name().default(anyKit).describe("Code of the kit; '*' for any."),
    brick_key: name().describe('Name of the brick.'),
    level: name().describe('The value, as runs spell it.'),
    points: z.number().optional().describe('Points of the level, 0 to 100.'),
    meaning: z.enum(meanings).optional().describe('What the level means to the marts, whatever runs call it.'),
  })
  .refine(({ points, meaning }) => points !== undefined || meaning !== undefined, {
    error: 'says nothing: give it points, a meaning, or both',
  });

const stage = z
  .strictObject({
    stage: name().describe('Name of the stage, as the CRM spells it.'),
    sort: z.int().optional().describe('Place of the stage in the pipeline.'),
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
  manager: name().optional().describe('Name of the manager.'),
});

const enablementEvent = z.strictObject({
  event_id: name().describe('Name of the training.'),
  element: name().describe('The element of the playbook that was trained.'),
  team: name().optional().describe('The team that was trained. Unset: everybody.'),
  trained_on: z.iso.date({ error: 'must be a day like 2026-06-01' }).describe('The day of the training, in UTC.'),
});

const readinessItem = z.strictObject({
  item_key: name().describe('Name of the item.'),
  label: name().optional().describe('Name for people.'),
  kit_code: name().default(anyKit).describe("Code of the kit; '*' for any."),
  brick_key: name().describe('The brick that confirms the item.'),
  threshold: z.number().default(50).describe('Points that confirm the item.'),
  weight: z.number().gt(0).default(1).describe('Weight of the item.'),
  sort: z.int().optional().describe('Place of the item in the list. Unset: its place in this file.'),
  next_action: name().optional().describe('What to do while the item is open.'),
});

const scorecardQuestion = z.strictObject({
  question: name().describe("Id of the question of Gong's scorecard."),
  kit_code: name().describe('Code of the kit that answers the same question.'),
  brick_key: name().describe('The brick that answers it.'),
  levels: z
    .record(name(), name())
    .optional()
    .describe('Answer of the scorecard → value of the brick. Unset: both are numbers on one scale.'),
});

/** Where outcomes come from: a file is imported each time the marts are made, a query becomes the view ext_outcomes. */
const outcomes = z
  .strictObject({
    file: name().optional().describe('CSV or Parquet file of deals. Relative to this file.'),
    map: z
      .record(name(), name())
      .optional()
      .describe('Column of ext_outcomes → column of the file, where the names differ.'),
    sql: name().optional().describe('One SELECT over tables of the same database.'),
  })
  .refine(({ file, sql }) => (file === undefined) !== (sql === undefined), { error: 'needs either file or sql' })
  .refine(({ map, sql }) => map === undefined || sql === undefined, {
    error: 'has a map, which is for a file: name the columns in the query itself',
  });

const single = z.strictObject({
  as_of: z.iso
    .datetime({ offset: true, error: 'must be an instant like 2026-06-01T00:00:00Z' })
    .optional()
    .describe('The instant the data is as of. Unset: the last time a call was read.'),
  new_business_only: z.boolean().default(true).describe('Leave renewals out of statistics about outcomes.'),
  not_new_business: z
    .array(name())
    .default(notNewBusiness)
    .describe('Words of the opportunity types that are no new business, in any case.'),
  include_collected: z.boolean().default(false).describe('Let runs made elsewhere count in statistics.'),
  assumed_leakage_rate: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Share of an exposed amount that is assumed to be lost, 0 to 1. Unset: no amount at risk is shown.'),
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
  enablement: keyed(enablementEvent, (row) => [row.event_id, row.element, row.team]),
  readiness: keyed(readinessItem, (row) => [row.item_key]),
  scorecards: keyed(scorecardQuestion, (row) => [row.question, row.kit_code, row.brick_key]),
  outcomes: outcomes.optional(),
  settings: single.prefault({}),
});

export type AnalyticsSettings = z.output<typeof analyticsSettingsSchema>;

/**
 * @param value The parsed YAML; undefined or null for an empty or absent file.
 * @param shown how messages name the file
 * @throws ConnectorError of area `config` that lists every mistake with file and path and repeats no value.
 */
export function parseAnalyticsSettings(value: unknown, shown?: string): AnalyticsSettings {
  return parseSettings(
    analyticsSettingsSchema,
    value ?? {},
    () => [],
    ({ path, text }) => ({ path, text: shown === undefined ? text : `(${shown}) ${text}` }),
  );
}
