// The kits that the sandbox knows. A kit has versions; each version has its own set of bricks.
import type { JsonValue } from '../../core/json.ts';
import type { Random } from '../random.ts';

export type BrickType = 'score' | 'boolean' | 'category' | 'string_list';

/** What a brick can go by. */
export interface BrickFacts {
  /** 0–100, the kit's overall score of this call. */
  readonly score: number;
  readonly pain: string;
  readonly competitors: readonly string[];
  readonly random: Random;
}

export interface Brick {
  readonly key: string;
  readonly label: string;
  readonly type: BrickType;
  /** Where in the talk the evidence is looked for. */
  readonly topic: string;
  readonly value: (facts: BrickFacts) => JsonValue;
}

export interface KitVersion {
  readonly id: string;
  readonly bricks: readonly Brick[];
}

export interface Kit {
  readonly code: string;
  readonly id: string;
  readonly name: string;
  /** Oldest first; without a pin the last one runs (unless the sandbox's settings say otherwise). */
  readonly versions: readonly [KitVersion, ...KitVersion[]];
}

type Make = (key: string, label: string, topic: string, value: Brick['value']) => Brick;
const score: Make = (key, label, topic, value) => ({ key, label, type: 'score', topic, value });
const category: Make = (key, label, topic, value) => ({ key, label, type: 'category', topic, value });
/** True more often the higher the call scores (`slope` above 0), or the lower (below 0). */
const yesNo = (key: string, label: string, topic: string, slope: number): Brick => ({
  key,
  label,
  type: 'boolean',
  topic,
  value: ({ score: s, random }) => random.chance(1 / (1 + Math.exp((-slope * (s - 60)) / 10))),
});
const near = (spread: number) => (facts: BrickFacts) =>
  Math.max(0, Math.min(100, Math.round(facts.score + spread * facts.random.normal())));

const overall = [
  score('overall_score', 'Overall score', 'Discovery', ({ score: s }) => s),
  yesNo('risk_flag', 'Deal at risk', 'Next steps', -1.2),
  category('pain_point', 'Main pain', 'Discovery', ({ pain }) => pain),
];
const common = [
  ...overall,
  score('pain_is_specific', 'Pain is specific', 'Discovery', near(12)),
  yesNo('next_step_confirmed', 'Next step confirmed', 'Next steps', 0.9),
  {
    key: 'competitors',
    label: 'Competitors named',
    type: 'string_list',
    topic: 'Competition',
    value: ({ competitors }) => [...competitors],
  },
] satisfies Brick[];

const meddicc = [
  ...common,
  yesNo('budget_confirmed', 'Budget confirmed', 'Pricing', 0.8),
  yesNo('decision_maker_identified', 'Decision maker identified', 'Next steps', 0.8),
  yesNo('pain_quantified', 'Pain quantified', 'Discovery', 0.7),
  yesNo('legal_review_scheduled', 'Legal review scheduled', 'Security', 0.6),
  yesNo('security_questionnaire_sent', 'Security questionnaire sent', 'Security', 0.5),
];

export const kits: readonly Kit[] = [
  {
    code: 'A1B2C3D4',
    id: 'kit_meddicc',
    name: 'MEDDICC',
    versions: [
      { id: '3c1f8a52-6f0e-4b7a-9d51-2a6f4f0c9e11', bricks: common },
      {
        id: '9a7d2b64-1c35-4e0f-8b92-7f1d5e3a6c22',
        bricks: [
          ...meddicc,
          category('champion_strength', 'Champion', 'Next steps', ({ score: s }) =>
            s > 70 ? 'high' : s > 50 ? 'medium' : 'low',
          ),
        ],
      },
    ],
  },
  {
    code: '6AD3F0B6',
    id: 'kit_spiced',
    name: 'SPICED',
    versions: [
      {
        id: 'c4e8f1a0-52d7-4a9b-b6c3-0d9e8f7a5b33',
        bricks: [
          ...common,
          category('critical_event', 'Critical event', 'Discovery', ({ random }) =>
            random.pick(['audit', 'renewal', 'launch', 'none']),
          ),
        ],
      },
    ],
  },
  {
    code: 'PK42DOCS',
    id: 'kit_product_knowledge',
    name: 'Product knowledge',
    versions: [
      {
        id: 'd5f90b12-8e44-4c6d-a7b1-3c2d1e0f9a44',
        bricks: [
          score('feature_accuracy', 'Feature accuracy', 'Product', ({ score: s }) => Math.round(s) / 100),
          yesNo('pricing_misstated', 'Pricing misstated', 'Pricing', -0.8),
          yesNo('competitor_claim_valid', 'Competitor claim valid', 'Competition', 0.8),
          category('knowledge_gap', 'Knowledge gap', 'Product', ({ random }) =>
            random.pick(['enterprise_sso', 'api_limits', 'audit_log', null]),
          ),
        ],
      },
    ],
  },
  {
    code: 'PR1C3AUD',
    id: 'kit_pricing_audit',
    name: 'Pricing audit',
    versions: [
      {
        id: 'e6a01c23-9f55-4d7e-b8c2-4d3e2f1a0b55',
        bricks: [
          yesNo('pricing_tier_correct', 'Tier correct', 'Pricing', 1),
          yesNo('discount_authority_exceeded', 'Discount authority exceeded', 'Pricing', -0.7),
          yesNo('packaging_outdated', 'Packaging outdated', 'Pricing', -0.7),
          category('commercial_risk_level', 'Commercial risk', 'Pricing', ({ score: s }) =>
            s < 50 ? 'high' : s < 65 ? 'medium' : 'low',
          ),
        ],
      },
    ],
  },
  {
    code: 'MSGDR1FT',
    id: 'kit_messaging',
    name: 'Messaging',
    versions: [
      {
        id: 'f7b12d34-0a66-4e8f-89d3-5e4f3a2b1c66',
        bricks: [
          yesNo('approved_messaging_used', 'Approved messaging used', 'Product', 0.8),
          category('drift_category', 'Drift', 'Product', ({ random }) =>
            random.pick(['value_prop', 'positioning', 'competitive', null]),
          ),
          score('drift_severity', 'Drift severity', 'Product', ({ score: s }) => Math.round(100 - s) / 100),
        ],
      },
    ],
  },
];

export function findKit(code: string, id?: string): Kit | undefined {
  return kits.find((kit) => kit.code === code || kit.id === id);
}

export function findKitVersion(versionId: string): { kit: Kit; version: KitVersion } | undefined {
  for (const kit of kits) {
    const version = kit.versions.find(({ id }) => id === versionId);
    if (version) return { kit, version };
  }
  return undefined;
}
