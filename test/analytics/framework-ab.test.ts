import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { GuideDeal, GuideWorld } from './guide-world.ts';
import { buildGuideWorld } from './guide-world.ts';
import { readReference } from './statistics/reference.ts';
import { auc, fisher, fprAtTpr80, mean, pearson, wilson } from './statistics.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const kitsOf = (
  world: GuideWorld,
  first = 'A1B2C3D4',
  second = '6AD3F0B6',
  labels = ['MEDDICC v2', 'Custom SPICED'],
) => ({
  kits: [
    { code: first, label: labels[0], win_threshold: world.thresholdA },
    { code: second, label: labels[1], win_threshold: world.thresholdB },
  ],
});

/** Deal i closes i hours after the first, so that older and newer halves are known. */
async function loadWorld(world: GuideWorld, first = 'A1B2C3D4', second = '6AD3F0B6'): Promise<void> {
  warehouse = await openWarehouse();
  const id = (index: number) => `c${String(index).padStart(3, '0')}`;
  await warehouse.insert(
    'calls',
    world.deals.map(({ won }, i) => callRow({ id: id(i), won, closesLater: i })),
  );
  await warehouse.insert(
    'semarize_runs',
    world.deals.flatMap(({ a, b }, i) => [
      runRow({ call: id(i), kit: first, bricks: { overall_score: a } }),
      runRow({ call: id(i), kit: second, bricks: { overall_score: b } }),
    ]),
  );
}

/** Zou's limits as Python computed them from r .73 and .51, .5 between them: about [.120, .327], at 30 deals [−.044, .530]. */
function expectZou(row: Record<string, unknown>, n: number): void {
  type Reference = { r1: number; n: number; zou: { low: number; high: number } };
  const found = readReference<Reference[]>('dependent-correlations').find((one) => one.r1 === 0.73 && one.n === n);
  expect(row['difference_low']).toBeCloseTo(found?.zou.low ?? Number.NaN, 9);
  expect(row['difference_high']).toBeCloseTo(found?.zou.high ?? Number.NaN, 9);
  expect(found?.zou.low.toFixed(3)).toBe(n === 200 ? '0.120' : '-0.044');
}

const compare = () => warehouse.row('FROM mart_framework_ab');

describe('the comparison of the guide', () => {
  test('has its averages, correlations, false-positive rates and its winner without the analysis', async () => {
    const world = buildGuideWorld();
    await loadWorld(world);
    await warehouse.createMarts(kitsOf(world));
    const row = await compare();

    expect(row).toMatchObject({
      kit_code_a: 'A1B2C3D4',
      kit_code_b: '6AD3F0B6',
      kit_label_a: 'MEDDICC v2',
      kit_label_b: 'Custom SPICED',
      n_common_calls: 200n,
      n_deals: 200n,
      n_won: 100n,
      n_lost: 100n,
      threshold_source: 'settings',
      fp_a: 12n,
      tn_a: 88n,
      fp_b: 24n,
      tn_b: 76n,
      in_sample: 'unknown',
      n_only_a: 0n,
      n_only_b: 0n,
      version_changed_at_a: null,
      winner: 'a',
      verdict: 'usable',
      relative_gain_low: null,
      williams_t: null,
      p_value: null,
      mcnemar_p: null,
      is_stale: null,
    });
    expect(row['avg_score_a']).toBeCloseTo(71, 9);
    expect(row['avg_score_b']).toBeCloseTo(64, 9);
    expect(row['win_correlation_a']).toBeCloseTo(0.73, 9);
    expect(row['win_correlation_b']).toBeCloseTo(0.51, 9);
    expect(row['r_ab']).toBeCloseTo(0.5, 9);
    expect(row['difference']).toBeCloseTo(0.22, 9);
    expect(row['relative_gain']).toBeCloseTo(0.4314, 4);
    expectZou(row, 200);
    expect(row['tpr_a']).toBe(Number(row['tp_a']) / 100);
    expect(row['fpr_a']).toBe(0.12);
    expect(row['fpr_b']).toBe(0.24);
    expect([row['fpr_a_low'], row['fpr_a_high']].map((limit) => Math.round(1000 * Number(limit)))).toEqual([70, 198]);
    expect([row['fpr_b_low'], row['fpr_b_high']].map((limit) => Math.round(1000 * Number(limit)))).toEqual([167, 332]);
    const limits = ['a_low', 'a_high', 'b_low', 'b_high'].map((name) =>
      Number(row[`win_correlation_${name}`]).toFixed(2),
    );
    expect(limits).toEqual(['0.66', '0.79', '0.40', '0.61']);
  });

  test('agrees with plain arithmetic in every column that is computed', async () => {
    const world = buildGuideWorld();
    await loadWorld(world);
    await warehouse.createMarts(kitsOf(world));
    const row = await compare();
    const outcome = world.deals.map(({ won }) => Number(won));

    for (const [side, threshold] of [
      ['a', world.thresholdA],
      ['b', world.thresholdB],
    ] as const) {
      const scores = world.deals.map((deal) => deal[side]);
      const won = world.deals.filter((deal) => deal.won).map((deal) => deal[side]);
      const lost = world.deals.filter((deal) => !deal.won).map((deal) => deal[side]);
      const r = pearson(scores, outcome);
      const tp = won.filter((score) => score >= threshold).length;
      const fp = lost.filter((score) => score >= threshold).length;
      const [ciLow, ciHigh] = fisher(r, 200);
      const [fdrLow, fdrHigh] = wilson(fp, fp + tp);
      const expected = {
        [`avg_score_${side}`]: mean(scores),
        [`win_correlation_${side}`]: r,
        [`win_correlation_${side}_low`]: ciLow,
        [`win_correlation_${side}_high`]: ciHigh,
        [`auc_${side}`]: auc(won, lost),
        [`fpr_at_tpr80_${side}`]: fprAtTpr80(won, lost),
        [`fdr_${side}`]: fp / (fp + tp),
        [`fdr_${side}_low`]: fdrLow,
        [`fdr_${side}_high`]: fdrHigh,
      };
      for (const [column, value] of Object.entries(expected))
        expect(row[column], column).toBeCloseTo(value ?? Number.NaN, 9);
      expect(row).toMatchObject({ [`tp_${side}`]: BigInt(tp), [`fn_${side}`]: BigInt(won.length - tp) });
    }
    expect(row['auc_difference']).toBeCloseTo(Number(row['auc_a']) - Number(row['auc_b']), 12);
  });

  test('does not change a number when the kits are renamed', async () => {
    const world = buildGuideWorld();
    const names = /^kit_(code|label)_/;
    const numbersOf = (row: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(row).filter(([column]) => !names.test(column)));
    await loadWorld(world);
    await warehouse.createMarts(kitsOf(world));
    const before = await compare();
    warehouse.close();
    await loadWorld(world, 'ZZZ', 'AAA');
    await warehouse.createMarts(kitsOf(world, 'ZZZ', 'AAA', ['Custom SPICED', 'MEDDICC v2']));
    const after = await compare();
    expect(after['kit_label_a']).toBe('Custom SPICED');
    expect(numbersOf(after)).toEqual(numbersOf(before));
  });

  test('is indicative with 30 deals and says too few, with counts and means only, with 29', async () => {
    const world = buildGuideWorld(30);
    await loadWorld(world);
    await warehouse.createMarts(kitsOf(world));
    expect(await compare()).toMatchObject({
      n_deals: 30n,
      verdict: 'indicative',
      winner: 'undecided',
      deals_missing: 0n,
    });
    expect((await compare())['win_correlation_a']).toBeCloseTo(0.73, 9);

    await warehouse.run(`DELETE FROM calls WHERE call_id = 'c000'`);
    const few = await compare();
    expect(few).toMatchObject({
      n_deals: 29n,
      n_lost: 14n,
      verdict: 'too_few',
      winner: 'undecided',
      deals_missing: 1n,
    });
    expect(few['avg_score_a']).toBeCloseTo(mean(world.deals.slice(1).map(({ a }) => a)), 9);
    expect(BigInt(Number(few['fp_a'])) + BigInt(Number(few['tn_a']))).toBe(14n);
    const estimates = /^(win_correlation|r_ab|difference|relative_gain|auc|fpr|fdr|p_value)/;
    for (const [column, value] of Object.entries(few)) if (estimates.test(column)) expect(value, column).toBeNull();
  });

  test("names a winner when Zou's interval leaves out 0, and nobody when it does not", async () => {
    const world = buildGuideWorld(30);
    await loadWorld(world);
    await warehouse.createMarts(kitsOf(world));
    const row = await compare();
    expectZou(row, 30);
    expect(row['winner']).toBe('undecided');

    warehouse.close();
    const large = buildGuideWorld();
    await loadWorld({ ...large, deals: large.deals.map(({ won, a, b }) => ({ won, a: b, b: a })) });
    await warehouse.createMarts(kitsOf(large));
    expect(await compare()).toMatchObject({ winner: 'b' });
  });
});

describe('thresholds that are not configured', () => {
  /** Largest TPR − FPR over the deals given; of equals the highest. */
  function bestThreshold(deals: { won: boolean; score: number }[]): number {
    const share = (won: boolean, threshold: number) => {
      const those = deals.filter((deal) => deal.won === won);
      return those.filter((deal) => deal.score >= threshold).length / those.length;
    };
    const ranked = deals
      .map(({ score }) => ({ score, gain: share(true, score) - share(false, score) }))
      .toSorted((x, y) => y.gain - x.gain || y.score - x.score);
    return ranked[0]?.score ?? Number.NaN;
  }

  test('are chosen on the older half and tested on the newer', async () => {
    const world = buildGuideWorld();
    await loadWorld(world);
    await warehouse.createMarts();
    const row = await compare();
    // Without settings the code decides which kit is a: 6AD3F0B6 holds the scores b of the world.
    const older = world.deals.slice(0, 100).map(({ won, b }) => ({ won, score: b }));
    const newer = world.deals.slice(100);
    const threshold = bestThreshold(older);
    expect(row).toMatchObject({ kit_code_a: '6AD3F0B6', threshold_source: 'older_half', in_sample: 'no' });
    expect(row['threshold_a']).toBeCloseTo(threshold, 8);
    expect(row['fp_a']).toBe(BigInt(newer.filter(({ won, b }) => !won && b >= threshold).length));
    expect(row['tn_a']).toBe(BigInt(newer.filter(({ won, b }) => !won && b < threshold).length));
    expect(row['n_deals']).toBe(200n);
  });

  test('test the configured one of the other kit on the same newer half', async () => {
    const world = buildGuideWorld();
    await loadWorld(world);
    await warehouse.createMarts({
      kits: [{ code: 'A1B2C3D4', win_threshold: world.thresholdA }, { code: '6AD3F0B6' }],
    });
    const row = await compare();
    expect(row).toMatchObject({ threshold_source: 'mixed', threshold_a: world.thresholdA });
    const newer = world.deals.slice(100);
    expect(row['fp_a']).toBe(BigInt(newer.filter(({ won, a }) => !won && a >= world.thresholdA).length));
    expect(Number(row['tp_b']) + Number(row['fn_b'])).toBe(newer.filter(({ won }) => won).length);
  });

  test('are the highest of those that separate equally well, also where scores are equal', async () => {
    // Of each half: 15 won and 15 lost. TPR − FPR is 3/15 at 3 as well as at 2.
    const half = [3, 2, 1].flatMap((score, i) => [
      ...Array<GuideDeal>([5, 3, 7][i] ?? 0).fill({ won: true, a: score, b: 10 * score }),
      ...Array<GuideDeal>([2, 3, 10][i] ?? 0).fill({ won: false, a: score, b: 10 * score }),
    ]);
    const deals = [...half, ...half];
    await loadWorld({ deals, thresholdA: 0, thresholdB: 0 });
    await warehouse.createMarts();
    const row = await compare();
    expect(row).toMatchObject({ threshold_a: 30, threshold_b: 3, tp_b: 5n, fp_b: 2n, tn_b: 13n, fn_b: 10n });
    const scores = (won: boolean) => deals.filter((deal) => deal.won === won).map((deal) => deal.b);
    expect(row['auc_a']).toBeCloseTo(auc(scores(true), scores(false)), 12);
  });

  test('are not chosen from too few deals', async () => {
    const world = buildGuideWorld(28);
    await loadWorld(world);
    await warehouse.createMarts();
    expect(await compare()).toMatchObject({
      verdict: 'too_few',
      threshold_a: null,
      threshold_source: null,
      in_sample: null,
      fp_a: null,
    });
  });
});

describe('who is compared', () => {
  test('only calls that both kits scored count, and a deal is the mean over them', async () => {
    warehouse = await openWarehouse();
    const calls = ['c1', 'c2', 'c3'].map((id) => callRow({ id, deal: 'd1' }));
    await warehouse.insert('calls', calls);
    const scored = (call: string, kit: string, score: number | null) =>
      runRow({ call, kit, bricks: { overall_score: score } });
    await warehouse.insert('semarize_runs', [
      scored('c1', 'A', 10),
      scored('c1', 'B', 50),
      scored('c2', 'A', 30),
      scored('c2', 'B', 70),
      scored('c3', 'A', 95),
      scored('c3', 'B', null),
    ]);
    await warehouse.createMarts();
    expect(await compare()).toMatchObject({
      n_common_calls: 2n,
      n_deals: 1n,
      avg_score_a: 20,
      avg_score_b: 60,
      n_only_a: 0n,
      n_only_calls_a: 1n,
    });
  });

  test('deals and calls that one kit alone scored stand beside', async () => {
    warehouse = await openWarehouse();
    const rows = { c1: 'd1', c2: 'd1', c3: 'd2', c4: 'd3', c5: 'd4' };
    await warehouse.insert(
      'calls',
      Object.entries(rows).map(([id, deal]) => callRow({ id, deal })),
    );
    const scored = { A: ['c1', 'c3', 'c4'], B: ['c2', 'c4', 'c5'] };
    await warehouse.insert(
      'semarize_runs',
      Object.entries(scored).flatMap(([kit, calls]) =>
        calls.map((call) => runRow({ call, kit, bricks: { overall_score: 50 } })),
      ),
    );
    await warehouse.createMarts();
    // Both scored d1, though not on the same call; c4 alone is common.
    expect(await compare()).toMatchObject({
      n_deals: 1n,
      n_common_calls: 1n,
      n_only_a: 1n,
      n_only_b: 1n,
      n_only_calls_a: 2n,
      n_only_calls_b: 2n,
    });
  });

  test('a pair without a closed deal says so, and a kit of another purpose is left out', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [callRow({ id: 'c1', won: null })]);
    const kits = ['A', 'B', 'C', 'D'];
    await warehouse.insert(
      'semarize_runs',
      kits.map((kit) => runRow({ call: 'c1', kit, bricks: { overall_score: 50 } })),
    );
    await warehouse.createMarts({
      kits: [
        { code: 'C', purpose: 'pricing_audit' },
        { code: 'D', purpose: 'framework' },
      ],
    });
    const pairs = await warehouse.rows(
      'SELECT kit_code_a, kit_code_b, verdict, n_deals, winner FROM mart_framework_ab ORDER BY ALL',
    );
    const open = { verdict: 'no_outcome', n_deals: 0n, winner: null };
    // D stands in the settings, so it comes first.
    expect(pairs).toEqual([
      { kit_code_a: 'A', kit_code_b: 'B', ...open },
      { kit_code_a: 'D', kit_code_b: 'A', ...open },
      { kit_code_a: 'D', kit_code_b: 'B', ...open },
    ]);
  });

  test('a kit that gives every deal the same score has no estimate, and no NaN', async () => {
    const world = buildGuideWorld();
    await loadWorld({ ...world, deals: world.deals.map((deal) => ({ ...deal, b: 64 })) });
    await warehouse.createMarts(kitsOf(world));
    const row = await compare();
    expect(row).toMatchObject({ verdict: 'no_variation', win_correlation_b: null, r_ab: null, winner: null });
    expect(Object.values(row).filter((value) => Number.isNaN(value))).toEqual([]);
  });
});
