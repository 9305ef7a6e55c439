import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

async function load(bricks: Record<string, unknown>, settings?: unknown, columns = {}): Promise<void> {
  warehouse = await openWarehouse();
  await warehouse.insert('calls', [callRow({ id: 'c1', columns })]);
  await warehouse.insert('semarize_runs', [runRow({ call: 'c1', bricks })]);
  await warehouse.createMarts(settings);
}

const scores = () => warehouse.row('FROM mart_call_scores');

describe('mart_call_scores', () => {
  test('is the call evaluation of the guide: score, risk flag, pain point, evidence', async () => {
    await load(
      {
        overall_score: { value: 64, confidence: 0.9, evidence: ['we need this by May'] },
        risk_flag: { value: true, confidence: 0.5, evidence: 'legal has to look at it' },
        pain_point: { value: 'reporting takes days', confidence: 0.7 },
        budget: { value: null, evidence: ['not of a named role'] },
        empty: {},
      },
      {
        kits: [{ code: 'KIT', label: 'Discovery' }],
        people: [{ email: 'rep@example.com', name: 'R. Ep', team: 'EMEA' }],
        sources: [{ system: 'Zoom', label: 'Zoom meetings' }],
      },
      {
        started_at: '2026-05-03T23:30:00Z',
        owner_name: 'Rep',
        owner_email: 'Rep@Example.com',
        system: 'Zoom',
        account_name: 'Acme',
      },
    );
    expect(await scores()).toEqual({
      call_id: 'c1',
      kit_code: 'KIT',
      kit_version_id: 'v1',
      run_id: 'run-KIT-c1',
      kit_label: 'Discovery',
      score: 64,
      risk_flag: true,
      pain_point: 'reporting takes days',
      evidence: ['we need this by May', 'legal has to look at it'],
      n_bricks: 5n,
      n_null: 2n,
      mean_confidence: expect.closeTo(0.7, 12),
      min_confidence: 0.5,
      source: 'Zoom meetings',
      opportunity_id: 'deal-c1',
      account_name: 'Acme',
      rep: 'R. Ep',
      team: 'EMEA',
      started_at: new Date('2026-05-03T23:30:00Z'),
      // A Sunday: its Monday is a week back.
      week: new Date('2026-04-27T00:00:00Z'),
      stage_at_call: 'Discovery',
      is_eligible: true,
      exclusion_reason: null,
      is_won: true,
      days_to_close: expect.closeTo(28.0208, 4),
      origin: 'connector',
    });
  });

  test('never turns an absent answer into false or a number', async () => {
    await load({ risk_flag: null, overall_score: null });
    expect(await scores()).toMatchObject({
      risk_flag: null,
      score: null,
      pain_point: null,
      evidence: null,
      source: 'Gong',
    });
  });

  test('has the weighted mean of the signals where a kit has no score brick', async () => {
    const bricks = [
      { brick_key: 'budget', role: 'signal', in_deal_score: true, weight: 3 },
      { brick_key: 'need', role: 'signal', in_deal_score: true },
      { brick_key: 'time', role: 'signal', in_deal_score: true },
      { brick_key: 'talk', role: 'signal' },
    ];
    await load({ budget: true, need: false, time: null, talk: 55 }, { bricks });
    expect(await scores()).toMatchObject({ score: 75 });
  });

  test('has no score where the score brick is empty, even with signals: they are on another scale', async () => {
    const bricks = [{ brick_key: 'budget', role: 'signal', in_deal_score: true }];
    await load({ overall_score: null, budget: true }, { bricks });
    await warehouse.insert('calls', [callRow({ id: 'c2' })]);
    await warehouse.insert('semarize_runs', [runRow({ call: 'c2', bricks: { budget: true } })]);
    expect(await warehouse.rows('SELECT call_id, score FROM mart_call_scores ORDER BY call_id')).toEqual([
      { call_id: 'c1', score: null },
      { call_id: 'c2', score: null },
    ]);
  });

  test('takes the score from the brick that the settings name', async () => {
    await load({ overall_score: 10, deal_health: 80 }, { kits: [{ code: 'KIT', score_brick: 'deal_health' }] });
    expect(await scores()).toMatchObject({ score: 80 });
  });

  test('has a row for a call without a deal and none for a call that is gone', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [
      callRow({ id: 'c1', deal: null }),
      callRow({ id: 'c2', columns: { gone_at: '2026-05-10T00:00:00Z' } }),
    ]);
    await warehouse.insert(
      'semarize_runs',
      ['c1', 'c2'].map((call) => runRow({ call, bricks: { overall_score: 5 } })),
    );
    await warehouse.createMarts();
    expect(await scores()).toMatchObject({
      call_id: 'c1',
      is_eligible: false,
      exclusion_reason: 'no_deal',
      is_won: null,
    });
    expect(await warehouse.rows('FROM brick_features')).toHaveLength(1);
  });
});
