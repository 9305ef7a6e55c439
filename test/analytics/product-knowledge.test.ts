import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const settings = {
  kits: [{ code: 'KIT', purpose: 'product_knowledge', grounded_on: 'Product Docs v4.2' }],
  bricks: [
    { brick_key: 'claim_sso', role: 'claim', label: 'SSO available on all plans' },
    { brick_key: 'claim_sla', role: 'claim' },
    { brick_key: 'claim_rate_limit', role: 'claim' },
  ],
  people: [{ email: 'ann@x.com', name: 'Ann', team: 'EMEA' }],
  settings: { as_of: '2026-06-01T00:00:00Z' },
};
const guide = {
  feature_accuracy: 0.72,
  pricing_misstated: true,
  competitor_claim_valid: false,
  knowledge_gap: 'enterprise_sso',
};
const call = (id: string, startedAt: string, columns: Record<string, unknown> = {}) =>
  callRow({ id, columns: { started_at: startedAt, owner_email: 'Ann@x.com', ...columns } });

async function load(
  calls: Record<string, unknown>[],
  bricks: Record<string, Record<string, unknown>>,
  texts: Record<string, string> = {},
) {
  warehouse = await openWarehouse();
  await warehouse.insert('calls', calls);
  await warehouse.insert(
    'transcripts',
    Object.entries(texts).map(([call_id, text]) => ({ call_id, text })),
  );
  await warehouse.insert(
    'semarize_runs',
    Object.entries(bricks).map(([id, answers]) => runRow({ call: id, bricks: answers })),
  );
  await warehouse.createMarts(settings);
}

describe('product knowledge', () => {
  test('is the report of the guide: 3 claims checked, 1 incorrect, 1 imprecise', async () => {
    await load(
      [call('c1', '2026-05-06T10:00:00Z', { url: 'https://x' })],
      {
        c1: {
          ...guide,
          claim_sso: {
            value: 'incorrect',
            confidence: 0.4,
            reason: 'Enterprise only',
            evidence: ['we support SSO on all plans', 'x'],
          },
          claim_sla: { value: true, confidence: 0.9, evidence: ['invented quote'] },
          claim_rate_limit: { value: 'imprecise', confidence: 0.9, reason: '500/min on Pro, 2000/min on Enterprise' },
        },
      },
      { c1: 'Ann (rep): Well, we support S-S-O on all plans.' },
    );
    expect(await warehouse.row('FROM mart_product_knowledge')).toEqual({
      week: new Date('2026-05-04T00:00:00Z'),
      rep: 'Ann',
      kit_code: 'KIT',
      kit_version_id: 'v1',
      grounded_on: 'Product Docs v4.2',
      team: 'EMEA',
      n_calls: 1n,
      feature_accuracy_n: 1n,
      feature_accuracy_mean: 0.72,
      pricing_checked_n: 1n,
      pricing_misstated_n: 1n,
      competitor_claim_checked_n: 1n,
      competitor_claim_invalid_n: 1n,
      claims_checked: 3n,
      incorrect_n: 1n,
      imprecise_n: 1n,
      low_confidence_n: 1n,
    });
    const rows = await warehouse.rows('FROM mart_product_claims ORDER BY brick_key DESC');
    expect(
      rows.map(({ claim, verdict, correction, found_in_transcript }) => [
        claim,
        verdict,
        correction,
        found_in_transcript,
      ]),
    ).toEqual([
      ['we support SSO on all plans', 'incorrect', 'Enterprise only', true],
      ['invented quote', 'correct', null, false],
      ['claim_rate_limit', 'imprecise', '500/min on Pro, 2000/min on Enterprise', null],
    ]);
    expect(rows[0]).toMatchObject({
      rep: 'Ann',
      confidence: 0.4,
      grounded_on: 'Product Docs v4.2',
      url: 'https://x',
      run_id: 'run-KIT-c1',
    });
    expect(await warehouse.rows('SELECT gap, n_calls, n_reps, n_4w, n_prev_4w FROM mart_knowledge_gaps')).toEqual([
      { gap: 'enterprise_sso', n_calls: 1n, n_reps: 1n, n_4w: 1n, n_prev_4w: 0n },
    ]);
  });

  test('has an unnamed claim under its label, and a verdict only where a value is one', async () => {
    await load([call('c1', '2026-05-06T10:00:00Z')], {
      c1: { claim_sso: 'so-so', claim_sla: null, claim_rate_limit: { value: 'INCORRECT', evidence: [] } },
    });
    expect(await warehouse.rows('SELECT claim, verdict FROM mart_product_claims ORDER BY claim')).toEqual([
      { claim: 'SSO available on all plans', verdict: null },
      { claim: 'claim_rate_limit', verdict: 'incorrect' },
    ]);
    expect(await warehouse.row('FROM mart_product_knowledge')).toMatchObject({
      claims_checked: 1n,
      incorrect_n: 1n,
      imprecise_n: 0n,
    });
  });

  test('keeps null, missing and false apart, and counts a call of which nothing is known', async () => {
    await load([call('c1', '2026-05-06T10:00:00Z')], {
      c1: { feature_accuracy: null, pricing_misstated: {}, competitor_claim_valid: null, knowledge_gap: '' },
    });
    expect(await warehouse.row('FROM mart_product_knowledge')).toMatchObject({
      ...{ n_calls: 1n, feature_accuracy_n: 0n, feature_accuracy_mean: null, pricing_misstated_n: 0n },
      ...{ pricing_checked_n: 0n, competitor_claim_invalid_n: 0n, claims_checked: 0n, low_confidence_n: 0n },
    });
    expect(await warehouse.rows('FROM mart_knowledge_gaps')).toEqual([]);
  });

  test('puts weeks on Mondays in UTC and people of one name together, naming a team only where it is one', async () => {
    const two = { owner_email: 'other@x.com', owner_name: 'Ann' };
    await load(
      [call('c1', '2026-05-10T23:59:59Z'), call('c2', '2026-05-11T00:00:00Z'), call('c3', '2026-05-12T00:00:00Z', two)],
      { c1: guide, c2: { ...guide, feature_accuracy: 0.5 }, c3: { ...guide, feature_accuracy: 1 } },
    );
    expect(
      await warehouse.rows(
        'SELECT week, team, n_calls, feature_accuracy_mean FROM mart_product_knowledge ORDER BY week',
      ),
    ).toEqual([
      { week: new Date('2026-05-04T00:00:00Z'), team: 'EMEA', n_calls: 1n, feature_accuracy_mean: 0.72 },
      { week: new Date('2026-05-11T00:00:00Z'), team: null, n_calls: 2n, feature_accuracy_mean: 0.75 },
    ]);
  });

  test('counts a gap by call, in the four weeks up to as_of and the four before', async () => {
    const at = (days: number) => new Date(Date.UTC(2026, 5, 1) - days * 86_400_000).toISOString();
    await load(
      [
        call('now', at(0)),
        call('edge', at(27.99)),
        call('before', at(28), { owner_email: null, owner_name: null }),
        call('old', at(56)),
        call('later', at(-1)),
        call('private', at(1), { is_private: true }),
      ],
      {
        now: { knowledge_gap: ['größe', ' größe ', null], g2: 1 },
        ...Object.fromEntries(
          ['edge', 'before', 'old', 'later', 'private'].map((id) => [id, { knowledge_gap: 'größe' }]),
        ),
      },
    );
    expect(await warehouse.row('FROM mart_knowledge_gaps')).toEqual({
      ...{ gap: 'größe', n_calls: 5n, n_reps: 1n, n_4w: 2n, n_prev_4w: 1n },
      ...{ first_seen: new Date(at(56)), last_seen: new Date(at(-1)) },
    });
  });

  test('tells nothing of a kit without such bricks', async () => {
    await load([call('c1', '2026-05-06T10:00:00Z')], { c1: { overall_score: 5 } });
    for (const mart of ['mart_product_knowledge', 'mart_product_claims', 'mart_knowledge_gaps'])
      expect(await warehouse.rows(`FROM ${mart}`), mart).toEqual([]);
  });
});
