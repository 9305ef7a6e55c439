import { afterEach, describe, expect, test } from 'vitest';
import { callRow, insertDeals, runRow } from './deals-fixture.ts';
import { readReference } from './statistics/reference.ts';
import { auc, fisher, mean, pearson, seeded, wilson } from './statistics.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

type Deals = Parameters<typeof insertDeals>[1];

async function load(deals: Deals): Promise<void> {
  warehouse = await openWarehouse();
  await insertDeals(warehouse, deals);
  await warehouse.createMarts();
}

const feature = (brick: string, level: string | null = null) =>
  warehouse.row(
    `SELECT * FROM mart_win_correlation WHERE brick_key = '${brick}' AND level IS NOT DISTINCT FROM ${level === null ? 'NULL' : `'${level}'`}`,
  );

function expectClose(row: Record<string, unknown>, expected: Record<string, number | undefined>): void {
  for (const [column, value] of Object.entries(expected))
    expect(row[column], column).toBeCloseTo(value ?? Number.NaN, 10);
}

/** `n` deals of which a given number is won, spread evenly. */
function someDeals(n: number, won: number, bricksOf: (won: boolean, index: number) => Record<string, unknown>): Deals {
  return Array.from({ length: n }, (_, i) => {
    const isWon = Math.floor(((i + 1) * won) / n) > Math.floor((i * won) / n);
    return { won: isWon, bricks: bricksOf(isWon, i) };
  });
}

describe('one feature against won and lost', () => {
  test('a number has r, limits, AUC with ties, Spearman and means that agree with plain arithmetic', async () => {
    const random = seeded(3);
    const deals = someDeals(120, 50, (won) => ({ depth: Math.round(6 * random() + (won ? 2 : 0)) }));
    await load(deals);
    const row = await feature('depth');
    const [xs, ys] = [deals.map(({ bricks }) => Number(bricks['depth'])), deals.map(({ won }) => Number(won))];
    const [won, lost] = [1, 0].map((y) => xs.filter((_, i) => ys[i] === y)) as [number[], number[]];
    const rank = (x: number) =>
      xs.filter((other) => other < x).length + (xs.filter((other) => other === x).length + 1) / 2;
    const r = pearson(xs, ys);
    const [ciLow, ciHigh] = fisher(r, 120);
    const [rateLow, rateHigh] = wilson(50, 120);
    expect(row).toMatchObject({
      value_kind: 'number',
      aggregation: 'mean',
      kit_version_id: 'v1',
      n_calls: 120n,
      n_deals: 120n,
      n_won: 50n,
      n_lost: 70n,
      verdict: 'usable',
      n_true_won: null,
      win_rate_if_true: null,
      risk_difference: null,
    });
    expectClose(row, {
      estimate: r,
      ci_low: ciLow,
      ci_high: ciHigh,
      auc: auc(won, lost),
      spearman: pearson(xs.map(rank), ys),
      mean_won: mean(won),
      mean_lost: mean(lost),
      win_rate: 50 / 120,
      win_rate_low: rateLow,
      win_rate_high: rateHigh,
      confident_only: r,
    });
    for (const column of [
      'boot_low',
      'boot_high',
      'p_value',
      'q_value',
      'tests_in_family',
      'auc_low',
      'r_ceiling',
      'is_stale',
    ])
      expect(row[column], column).toBeNull();
  });

  test('a number has the r, limits, AUC and Spearman of SciPy, and rates the limits of statsmodels', async () => {
    for (const { k, n, low, high } of readReference<Record<'k' | 'n' | 'low' | 'high', number>[]>('wilson')) {
      expect(Math.max(0, wilson(k, n)[0] ?? 0)).toBeCloseTo(low, 12);
      expect(Math.min(1, wilson(k, n)[1] ?? 0)).toBeCloseTo(high, 12);
    }
    type World = { x: number[]; won: number[] } & Record<'r' | 'ci_low' | 'ci_high' | 'auc' | 'spearman', number>;
    for (const world of readReference<World[]>('features')) {
      if (world.x.length > 30) warehouse.close();
      await load(world.x.map((depth, i) => ({ won: world.won[i] === 1, bricks: { depth } })));
      const { r, ci_low, ci_high, auc: area, spearman } = world;
      const row = await feature('depth');
      for (const [column, value] of Object.entries({ estimate: r, ci_low, ci_high, auc: area, spearman }))
        expect(row[column], column).toBeCloseTo(value, 9);
    }
  });

  test('a boolean has phi, its 2×2 table and the win rates with and without it', async () => {
    const random = seeded(5);
    const deals = someDeals(60, 30, (won) => ({ next_step: random() < (won ? 0.7 : 0.4) }));
    await load(deals);
    const row = await feature('next_step');
    const count = (has: boolean, won: boolean) =>
      deals.filter((deal) => deal.won === won && deal.bricks['next_step'] === has).length;
    const [a, b, c, d] = [count(true, true), count(true, false), count(false, true), count(false, false)];
    const phi = pearson(
      deals.map(({ bricks }) => Number(bricks['next_step'])),
      deals.map(({ won }) => Number(won)),
    );
    expect(row).toMatchObject({ value_kind: 'boolean', aggregation: 'share', verdict: 'indicative', auc: null });
    expect([row['n_true_won'], row['n_true_lost'], row['n_false_won'], row['n_false_lost']].map(Number)).toEqual([
      a,
      b,
      c,
      d,
    ]);
    const [trueLow, trueHigh] = wilson(a, a + b);
    const [falseLow, falseHigh] = wilson(c, c + d);
    expectClose(row, {
      estimate: phi,
      ci_low: fisher(phi, 60)[0],
      ci_high: fisher(phi, 60)[1],
      win_rate_if_true: a / (a + b),
      win_rate_if_true_low: trueLow,
      win_rate_if_true_high: trueHigh,
      win_rate_if_false: c / (c + d),
      win_rate_if_false_low: falseLow,
      win_rate_if_false_high: falseHigh,
      risk_difference: a / (a + b) - c / (c + d),
      mean_won: a / (a + c),
      mean_lost: b / (b + d),
    });
  });

  test('a category and a list become one feature a level, counted against every deal that has a value', async () => {
    const levels = ['high', 'medium', 'low'];
    const deals = someDeals(90, 45, (won, i) => ({
      risk: i % 10 === 9 ? null : levels[(i + (won ? 0 : 1)) % 3],
      rivals: i % 4 === 0 ? [] : won ? ['acme', 'beta', 'acme'] : ['beta'],
    }));
    await load(deals);
    for (const level of levels) {
      const valued = deals.filter(({ bricks }) => bricks['risk'] !== null);
      const phi = pearson(
        valued.map(({ bricks }) => Number(bricks['risk'] === level)),
        valued.map(({ won }) => Number(won)),
      );
      const row = await feature('risk', level);
      expect(row).toMatchObject({ value_kind: 'text', n_deals: 81n, aggregation: 'share' });
      expectClose(row, { estimate: phi });
      expect(
        Number(row['n_true_won']) +
          Number(row['n_true_lost']) +
          Number(row['n_false_won']) +
          Number(row['n_false_lost']),
      ).toBe(81);
    }
    // An empty list is a value: it has none of the items.
    const phi = pearson(
      deals.map(({ bricks }) => Number((bricks['rivals'] as string[]).includes('acme'))),
      deals.map(({ won }) => Number(won)),
    );
    const acme = await feature('rivals', 'acme');
    expect(acme).toMatchObject({ value_kind: 'list', n_deals: 90n, n_true_lost: 0n });
    expectClose(acme, { estimate: phi });
  });

  test('levels that fewer than five deals have are left out, and so is free text', async () => {
    await load(
      someDeals(40, 20, (_, i) => ({
        pain_point: `words of call ${i}`,
        risk: i < 4 ? 'rare' : i < 9 ? 'five' : 'usual',
      })),
    );
    const levels = await warehouse.rows('SELECT level FROM mart_win_correlation ORDER BY level');
    // NULL is the category as a whole; of free text there is none.
    expect(levels).toEqual([{ level: 'five' }, { level: 'usual' }, { level: null }]);
  });

  test('a brick that changes its kind of value is a row of each kind', async () => {
    await load(someDeals(40, 20, (_, i) => ({ odd: i % 2 === 0 ? i : i % 3 === 0 })));
    const rows = await warehouse.rows('SELECT value_kind, n_deals FROM mart_win_correlation ORDER BY value_kind');
    expect(rows).toEqual([
      { value_kind: 'boolean', n_deals: 20n },
      { value_kind: 'number', n_deals: 20n },
    ]);
  });
});

describe('the deal as the unit', () => {
  test('calls of one deal are one observation: the mean of a number, the share of a boolean', async () => {
    warehouse = await openWarehouse();
    const calls = Array.from({ length: 120 }, (_, i) => callRow({ id: `c${i}`, deal: `d${i % 40}`, won: i % 2 === 0 }));
    const score = (i: number) => (i % 40) + (i < 40 ? -5 : i < 80 ? 0 : 8);
    await warehouse.insert('calls', calls);
    await warehouse.insert(
      'semarize_runs',
      calls.map(({ call_id: call }, i) => runRow({ call, bricks: { depth: score(i), seen: i >= 80 && i % 3 === 0 } })),
    );
    await warehouse.createMarts();
    const ids = Array.from({ length: 40 }, (_, d) => d);
    const outcome = ids.map((d) => Number(d % 2 === 0));
    const means = ids.map((d) => mean([score(d), score(d + 40), score(d + 80)]));
    const depth = await feature('depth');
    expect(depth).toMatchObject({ n_calls: 120n, n_deals: 40n, n_won: 20n });
    expectClose(depth, { estimate: pearson(means, outcome) });
    expectClose(await feature('seen'), {
      estimate: pearson(
        ids.map((d) => Number((d + 80) % 3 === 0)),
        outcome,
      ),
    });
  });

  test('the two sensitivities see the early calls and the confident answers only', async () => {
    warehouse = await openWarehouse();
    const deals = Array.from({ length: 40 }, (_, i) => ({
      won: i % 2 === 0,
      early: ((i * 7) % 11) + (i % 4),
      late: (i * 5) % 13,
    }));
    const calls = deals.flatMap(({ won }, i) => [
      callRow({ id: `early${i}`, deal: `d${i}`, won, daysToClose: 14 }),
      callRow({ id: `late${i}`, deal: `d${i}`, won, daysToClose: 13 }),
    ]);
    await warehouse.insert('calls', calls);
    const answer = (value: unknown, confidence: number) => ({ value, confidence });
    await warehouse.insert(
      'semarize_runs',
      deals.flatMap(({ early, late }, i) => [
        runRow({
          call: `early${i}`,
          bricks: {
            depth: answer(early, 0.7),
            flag: answer(early > 5, 0.69),
            // The last deals have no confident answer at all: they are no deals without the item.
            list: answer([early > 5 ? 'yes' : 'no'], i < 36 ? 0.9 : 0.1),
          },
        }),
        runRow({
          call: `late${i}`,
          bricks: {
            depth: answer(late, 0.69),
            flag: answer(late > 6, 0.7),
            list: answer([late > 6 ? 'yes' : 'no'], 0.1),
          },
        }),
      ]),
    );
    await warehouse.createMarts();
    const outcome = deals.map(({ won }) => Number(won));
    const r = (value: (deal: (typeof deals)[number]) => number) => pearson(deals.map(value), outcome);
    const depth = await feature('depth');
    expectClose(depth, {
      estimate: r(({ early, late }) => (early + late) / 2),
      without_last_14d: r(({ early }) => early),
      confident_only: r(({ early }) => early),
    });
    expectClose(await feature('flag'), {
      estimate: r(({ early, late }) => (Number(early > 5) + Number(late > 6)) / 2),
      any_call: r(({ early, late }) => Number(early > 5 || late > 6)),
      without_last_14d: r(({ early }) => Number(early > 5)),
      confident_only: r(({ late }) => Number(late > 6)),
    });
    expectClose(await feature('list', 'yes'), {
      estimate: r(({ early, late }) => (Number(early > 5) + Number(late > 6)) / 2),
      any_call: r(({ early, late }) => Number(early > 5 || late > 6)),
      without_last_14d: r(({ early }) => Number(early > 5)),
      confident_only: pearson(
        deals.slice(0, 36).map(({ early }) => Number(early > 5)),
        outcome.slice(0, 36),
      ),
    });
  });
});

describe('guards', () => {
  const estimates = [
    'estimate',
    'ci_low',
    'ci_high',
    'auc',
    'spearman',
    'risk_difference',
    'p_value',
    'without_last_14d',
    'confident_only',
  ];

  test('a constant brick has no estimate and says no_variation, never NaN', async () => {
    // Three calls of .7 have a mean of .6999999999999998, one call has .7.
    warehouse = await openWarehouse();
    const calls = Array.from({ length: 60 }, (_, i) =>
      [0, 1, 2].slice(0, i % 2 === 0 ? 3 : 1).map((k) => callRow({ id: `c${i}-${k}`, deal: `d${i}`, won: i % 4 < 2 })),
    ).flat();
    await warehouse.insert('calls', calls);
    await warehouse.insert(
      'semarize_runs',
      calls.map(({ call_id: call }) =>
        runRow({ call, bricks: { share: 0.7, always: true, never: false, same: 'one' } }),
      ),
    );
    await warehouse.createMarts();
    for (const [brick, level] of [
      ['share', null],
      ['always', null],
      ['never', null],
      ['same', 'one'],
    ] as const) {
      const row = await feature(brick, level);
      expect(row, brick).toMatchObject({ verdict: 'no_variation', n_deals: 60n, n_won: 30n, win_rate: 0.5 });
      for (const column of estimates) expect(row[column], `${brick} ${column}`).toBeNull();
      expect(Object.values(row).some((value) => Number.isNaN(value))).toBe(false);
    }
    expect((await feature('share'))['mean_won']).toBeCloseTo(0.7, 12);
  });

  test('an outcome that never varies has no estimate either', async () => {
    await load(someDeals(40, 40, (_, i) => ({ depth: i, flag: i % 2 === 0 })));
    for (const brick of ['depth', 'flag'])
      expect(await feature(brick)).toMatchObject({
        verdict: 'no_variation',
        estimate: null,
        auc: null,
        n_lost: 0n,
        lost_missing: 10n,
      });
  });

  test('29 deals are too few: counts and means only, and how many are missing', async () => {
    const deals = someDeals(29, 9, (won, i) => ({ depth: i + (won ? 5 : 0), flag: i % 3 === 0 }));
    await load(deals);
    for (const brick of ['depth', 'flag']) {
      const row = await feature(brick);
      expect(row).toMatchObject({
        verdict: 'too_few',
        n_deals: 29n,
        n_won: 9n,
        n_lost: 20n,
        deals_missing: 1n,
        won_missing: 1n,
        lost_missing: 0n,
      });
      for (const column of [...estimates, 'win_rate_if_true', 'win_rate_if_false_high'])
        expect(row[column], column).toBeNull();
    }
    const won = deals.filter((deal) => deal.won).map(({ bricks }) => Number(bricks['depth']));
    expect((await feature('depth'))['mean_won']).toBeCloseTo(mean(won), 12);
  });

  test.each([
    [30, 10, 'indicative'],
    [30, 9, 'too_few'],
    [99, 50, 'indicative'],
    [100, 19, 'indicative'],
    [100, 20, 'usable'],
  ])('%i deals with %i won are %s', async (n, won, verdict) => {
    await load(someDeals(n, won, (_, i) => ({ depth: (i * 7) % 13 })));
    expect(await feature('depth')).toMatchObject({ verdict, n_won: BigInt(won) });
  });

  test('an absurd number is no value, and stops nothing', async () => {
    await load([
      ...someDeals(40, 20, (won, i) => ({ depth: (i % 7) + (won ? 2 : 0) })),
      { won: true, bricks: { depth: 1e308 } },
      { won: false, bricks: { depth: -1e308 } },
    ]);
    expect(await feature('depth')).toMatchObject({ n_deals: 40n, verdict: 'indicative' });
  });

  test('a feature that splits won and lost perfectly has r but no limits', async () => {
    await load(someDeals(40, 20, (won) => ({ flag: won })));
    expect(await feature('flag')).toMatchObject({
      estimate: 1,
      ci_low: null,
      ci_high: null,
      win_rate_if_true: 1,
      win_rate_if_false: 0,
    });
  });

  test('bricks without a closed deal are listed as having no outcome', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [callRow({ id: 'c1', won: null }), callRow({ id: 'c2', deal: null })]);
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'c1', bricks: { depth: 3 } }),
      runRow({ call: 'c2', bricks: { flag: true } }),
    ]);
    await warehouse.createMarts();
    const none = {
      verdict: 'no_outcome',
      n_deals: 0n,
      n_won: 0n,
      n_calls: 0n,
      estimate: null,
      win_rate: null,
      deals_missing: 30n,
    };
    expect(await feature('depth')).toMatchObject({ ...none, n_true_won: null });
    expect(await feature('flag')).toMatchObject({ ...none, n_true_won: 0n });
  });
});
