import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

type Call = Parameters<typeof callRow>[0] & { score?: number | null; run?: Record<string, unknown> };

async function load(...calls: Call[]): Promise<void> {
  warehouse = await openWarehouse();
  await warehouse.insert('calls', calls.map(callRow));
  await warehouse.insert(
    'semarize_runs',
    calls.map(({ id, score, run }) =>
      runRow({ call: id, bricks: { overall_score: score ?? null }, columns: run ?? {} }),
    ),
  );
  await warehouse.createMarts();
}

const dealScores = () => warehouse.row('FROM mart_deal_scores');

describe('mart_deal_scores', () => {
  test('sums up the calls before the close, and says how many there were', async () => {
    await load(
      { id: 'c1', deal: 'd', daysToClose: 40, score: 40, columns: { amount_now: 500, currency: 'EUR' } },
      { id: 'c2', deal: 'd', daysToClose: 30, score: 70 },
      { id: 'c3', deal: 'd', daysToClose: 20, score: 52 },
      { id: 'after', deal: 'd', daysToClose: 0, score: 100 },
      { id: 'empty', deal: 'd', daysToClose: 10, score: null },
    );
    expect(await dealScores()).toMatchObject({
      opportunity_id: 'd',
      kit_code: 'KIT',
      kit_version_id: 'v1',
      n_calls: 5n,
      n_eligible: 4n,
      n_scored: 3n,
      score_mean: 54,
      score_first: 40,
      score_last: 52,
      score_max: 70,
      is_won: true,
      closed_at: new Date('2026-06-01T00:00:00Z'),
    });
    // Days 0, 10, 20 and scores 40, 70, 52: least squares by hand.
    expect((await dealScores())['slope_per_30d']).toBeCloseTo(((-10 * (40 - 54) + 10 * (52 - 54)) / 200) * 30, 9);
  });

  test('has no slope under three calls, and none where all calls are of one instant', async () => {
    await load(
      { id: 'c1', deal: 'd', daysToClose: 40, score: 40 },
      { id: 'c2', deal: 'd', daysToClose: 30, score: 70 },
    );
    expect(await dealScores()).toMatchObject({ n_scored: 2n, slope_per_30d: null });
    warehouse.close();
    await load(...['c1', 'c2', 'c3'].map((id, i) => ({ id, deal: 'd', score: i })));
    expect(await dealScores()).toMatchObject({ n_scored: 3n, slope_per_30d: null, score_first: 0, score_last: 2 });
  });

  test('has scores of an open deal, of which no call is eligible yet; private calls say nothing', async () => {
    await load(
      { id: 'c1', deal: 'd', won: null, daysToClose: 40, score: 40 },
      { id: 'c2', deal: 'd', won: null, daysToClose: 30, score: 90, columns: { is_private: true } },
    );
    expect(await dealScores()).toMatchObject({
      n_calls: 2n,
      n_eligible: 0n,
      n_scored: 1n,
      score_mean: 40,
      is_won: null,
    });
  });

  test('keeps runs made elsewhere and calls of a closed stage out of the scores of a closed deal', async () => {
    await load(
      { id: 'c1', deal: 'd', score: 40 },
      { id: 'c2', deal: 'd', score: 90, run: { origin: 'collected' } },
      { id: 'c3', deal: 'd', score: 90, columns: { stage_at_call: 'Closed Won' } },
      { id: 'c4', deal: null, score: 90 },
      { id: 'gone', deal: 'd', score: 90, columns: { gone_at: '2026-05-01T00:00:00Z' } },
    );
    expect(await dealScores()).toMatchObject({ n_calls: 3n, n_eligible: 1n, score_max: 40 });
  });
});
