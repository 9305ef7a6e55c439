// The analysis of a real file: what it reads, what it leaves in the an_ tables and what the marts then show.
import { afterEach, describe, expect, test } from 'vitest';
import { createMarts } from '../../../src/analytics/marts.ts';
import { parseAnalyticsSettings } from '../../../src/analytics/settings.ts';
import { analyze } from '../../../src/analytics/statistics/analyze.ts';
import type { Analysis } from '../../../src/analytics/statistics/results.ts';
import { storeAnalysis } from '../../../src/analytics/statistics/results.ts';
import type { Database } from '../../../src/duckdb/connection.ts';
import { openInMemory } from '../../../src/duckdb/connection.ts';
import { callRow, runRow } from '../deals-fixture.ts';
import { buildGuideWorld } from '../guide-world.ts';
import { mean, pearson, seeded } from '../statistics.ts';
import { streamColumns } from '../warehouse.ts';

let database: Database;
afterEach(() => database.close());

type Row = Record<string, unknown>;
const options = { seed: 1, draws: 300, toolVersion: '0' };

/** A database through our own door, with streams as JSON for what is nested. */
async function load(calls: readonly Row[], runs: readonly Row[], settings: unknown = {}): Promise<void> {
  database = await openInMemory();
  await database.exclusive(async (session) => {
    for (const [stream, rows] of [
      ['calls', calls],
      ['semarize_runs', runs],
    ] as const) {
      const columns = Object.entries(streamColumns[stream]).map(([name, type]) => [
        name,
        /\[\]$/.test(type) ? 'JSON' : type,
      ]);
      const list = columns.map(([name, type]) => `"${name}" ${type}`).join(', ');
      await session.run(`CREATE TABLE ${stream} (${list})`);
      for (let start = 0; start < rows.length; start += 200) {
        const chunk = JSON.stringify(rows.slice(start, start + 200));
        const types = JSON.stringify([Object.fromEntries(columns as [string, string][])]);
        await session.run(
          `INSERT INTO ${stream} BY NAME SELECT unnest(from_json($1::JSON, '${types}'), recursive := true)`,
          [chunk],
        );
      }
    }
    await createMarts(session, parseAnalyticsSettings(settings));
  });
}

const rows = (sql: string) => database.exclusive((session) => session.rows(sql));
const row = async (sql: string) => {
  const found = await rows(sql);
  expect(found).toHaveLength(1);
  return found[0] as Row;
};
const run = (more: Partial<typeof options> = {}): Promise<Analysis> =>
  database.exclusive((session) => analyze(session, { ...options, ...more }));
const keep = (analysis: Analysis) => database.exclusive((session) => storeAnalysis(session, analysis));

const guide = buildGuideWorld();
const guideKits = {
  kits: [
    { code: 'A', win_threshold: guide.thresholdA },
    { code: 'B', win_threshold: guide.thresholdB },
  ],
};

async function loadGuide(world = guide, settings: unknown = guideKits): Promise<void> {
  await load(
    world.deals.map(({ won }, i) => callRow({ id: `c${i}`, won, closesLater: i })),
    world.deals.flatMap(({ a, b }, i) => [
      runRow({ call: `c${i}`, kit: 'A', bricks: { overall_score: a } }),
      runRow({ call: `c${i}`, kit: 'B', bricks: { overall_score: b } }),
    ]),
    settings,
  );
}

describe('the comparison of the guide', () => {
  test('has Williams t 4.50, limits around its differences, and is no longer stale', async () => {
    await loadGuide();
    await keep(await run());
    const found = await row('FROM mart_framework_ab');
    expect(Number(found['williams_t']).toFixed(2)).toBe('4.50');
    expect(Number(found['p_value'])).toBeLessThan(0.0001);
    for (const name of ['relative_gain', 'auc_difference', 'difference']) {
      expect(Number(found[`${name}_low`]), name).toBeLessThan(Number(found[name]));
      expect(Number(found[`${name}_high`]), name).toBeGreaterThan(Number(found[name]));
    }
    // Twelve and 24 of the lost are called wins; who is called by one kit alone decides.
    const lost = guide.deals.filter(({ won }) => !won);
    const [b, c] = [
      lost.filter((deal) => deal.a >= guide.thresholdA && deal.b < guide.thresholdB).length,
      lost.filter((deal) => deal.a < guide.thresholdA && deal.b >= guide.thresholdB).length,
    ];
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);
    const tail = Array.from({ length: Math.min(b, c) + 1 }, (_, k) => choose(b + c, k)).reduce(
      (sum, ways) => sum + ways,
      0,
    );
    expect(found['mcnemar_p']).toBeCloseTo(Math.min(1, (2 * tail) / 2 ** (b + c)), 9);
    expect(found).toMatchObject({ winner: 'a', is_stale: false });
  });

  test('at n = 30 has t 1.67, p .107 and no winner', async () => {
    await loadGuide(buildGuideWorld(30), { kits: [{ code: 'A' }, { code: 'B' }] });
    await keep(await run());
    const found = await row('FROM mart_framework_ab');
    expect([Number(found['williams_t']).toFixed(2), Number(found['p_value']).toFixed(3)]).toEqual(['1.67', '0.107']);
    expect(found).toMatchObject({ winner: 'undecided', verdict: 'indicative' });
  });

  test('is the same to the last bit for the same seed, whatever the order of the rows; another seed moves the limits', async () => {
    await loadGuide(buildGuideWorld(40), {});
    const first = await run();
    await database.exclusive(async (session) => {
      await session.run('CREATE TABLE other AS SELECT * FROM semarize_runs ORDER BY run_id DESC');
      await session.run('DELETE FROM semarize_runs');
      await session.run('INSERT INTO semarize_runs FROM other');
    });
    expect(await run()).toEqual(first);
    const other = await run({ seed: 2 });
    expect(other.tables.an_framework_ab[0]?.['difference_low']).not.toBe(
      first.tables.an_framework_ab[0]?.['difference_low'],
    );
    expect(other.tables.an_framework_ab[0]?.['p_value']).toBe(first.tables.an_framework_ab[0]?.['p_value']);
    expect(other.analysisId).not.toBe(first.analysisId);
  });
});

/** Exact p of r by integrating the density of t: Simpson's rule, far from the code under test. */
function integratedP(r: number, n: number): number {
  const df = n - 2;
  const t = Math.abs(r) * Math.sqrt(df / (1 - r * r));
  const density = (x: number) => (1 + (x * x) / df) ** (-(df + 1) / 2);
  const integral = (from: number, to: number, steps = 20_000) => {
    const width = (to - from) / steps;
    const inner = Array.from({ length: steps - 1 }, (_, i) => (i % 2 === 0 ? 4 : 2) * density(from + (i + 1) * width));
    return (width / 3) * (density(from) + density(to) + inner.reduce((sum, value) => sum + value, 0));
  };
  return integral(t, t + 60) / integral(0, 60);
}

describe('features', () => {
  const random = seeded(9);
  const deals = Array.from({ length: 90 }, (_, i) => ({
    won: i % 3 !== 0,
    depth: Math.round(10 * random()) + (i % 3 === 0 ? 0 : 2),
    flag: random() < 0.5,
    risk: ['low', 'high', 'medium'][Math.floor(3 * random())],
    rare: i < 5,
  }));
  const loadDeals = (some = deals) =>
    load(
      some.map(({ won }, i) => callRow({ id: `c${i}`, won })),
      some.map(({ won: _, ...bricks }, i) => runRow({ call: `c${i}`, bricks })),
    );

  test('have p, q over one family, limits and a ceiling; those with too few deals have none', async () => {
    await loadDeals();
    const analysis = await run();
    await keep(analysis);
    const depth = await row(`FROM mart_win_correlation WHERE brick_key = 'depth'`);
    const r = pearson(
      deals.map((deal) => deal.depth),
      deals.map(({ won }) => Number(won)),
    );
    expect(depth['p_value']).toBeCloseTo(integratedP(r, 90), 8);
    expect(Number(depth['boot_low'])).toBeLessThan(r);
    expect(Number(depth['boot_high'])).toBeGreaterThan(r);
    expect(Number(depth['auc_low'])).toBeLessThan(Number(depth['auc']));
    // The ceiling at a win rate of two thirds, from tables: z = .4307.
    expect(depth['r_ceiling']).toBeCloseTo(
      Math.exp(-(0.430727299 ** 2) / 2) / Math.sqrt(2 * Math.PI) / Math.sqrt(2 / 9),
      6,
    );
    expect(depth).toMatchObject({ is_stale: false, tests_in_family: analysis.tables.an_win_correlation.length });
    // depth, flag, three levels of risk and risk as a whole; rare has 5 deals only.
    expect(analysis.tables.an_win_correlation).toHaveLength(6);
    expect(
      await row(`SELECT verdict, p_value, boot_low, is_stale FROM mart_win_correlation WHERE brick_key = 'rare'`),
    ).toEqual({
      verdict: 'too_few',
      p_value: null,
      boot_low: null,
      is_stale: null,
    });
    const whole = await row(`FROM mart_win_correlation WHERE brick_key = 'risk' AND level IS NULL`);
    expect(whole).toMatchObject({ aggregation: 'category', estimate: null, verdict: 'indicative', is_stale: false });
    expect(Number(whole['cramers_v'])).toBeGreaterThanOrEqual(0);
    const tests = await rows(
      'SELECT p_value AS p, q_value AS q FROM mart_win_correlation WHERE p_value IS NOT NULL ORDER BY p_value DESC',
    );
    let least = 1;
    for (const [i, { p, q }] of tests.entries()) {
      least = Math.min(least, (Number(p) * tests.length) / (tests.length - i));
      expect(q).toBeCloseTo(least, 12);
    }
  });

  test('are stale when an outcome changes, and not when the same data is read again', async () => {
    await loadDeals();
    await keep(await run());
    await database.exclusive((session) => session.run(`UPDATE calls SET extracted_at = '2027-01-01T00:00:00Z'`));
    expect(await row(`SELECT count(*) AS n FROM mart_win_correlation WHERE is_stale`)).toEqual({ n: 0 });
    await database.exclusive((session) =>
      session.run(`UPDATE calls SET is_won_now = NOT is_won_now WHERE call_id = 'c1'`),
    );
    expect(await row(`SELECT is_stale FROM mart_win_correlation WHERE brick_key = 'depth'`)).toEqual({
      is_stale: true,
    });
  });

  test('one brick less changes nobody else’s numbers but q', async () => {
    await loadDeals();
    const withAll = (await run()).tables.an_win_correlation.find((found) => found['brick_key'] === 'flag');
    await database.close();
    await load(
      deals.map(({ won }, i) => callRow({ id: `c${i}`, won })),
      deals.map(({ flag }, i) => runRow({ call: `c${i}`, bricks: { flag } })),
    );
    const alone = (await run()).tables.an_win_correlation.find((found) => found['brick_key'] === 'flag');
    for (const column of ['estimate', 'boot_low', 'boot_high', 'p_value', 'n_degenerate'])
      expect(alone?.[column], column).toBe(withAll?.[column]);
    expect(alone).toMatchObject({ tests_in_family: 1 });
  });

  test('29 deals have no p, and no data has no analysis', async () => {
    await loadDeals(deals.slice(0, 29));
    expect((await run()).tables.an_win_correlation).toEqual([]);
    await database.exclusive((session) => session.run('DELETE FROM calls'));
    expect(await run()).toMatchObject({ analyzedAsOf: null, tables: { an_framework_ab: [] } });
  });
});

test('without marts the next step is named', async () => {
  database = await openInMemory();
  await expect(run()).rejects.toMatchObject({ area: 'config', hint: expect.stringContaining('gong-elt marts') });
});

describe('the scorer', () => {
  const texts = Array.from({ length: 40 }, (_, i) => i);
  const again = (i: number, attempt: number, month: number, bricks: Row) =>
    runRow({
      call: `c${i}`,
      bricks,
      columns: {
        run_id: `r${i}-${attempt}`,
        transcript_hash: `hash${i}`,
        requested_at: `2026-0${month}-0${attempt}T00:00:00.000Z`,
      },
    });
  const calls = texts.map((i) => callRow({ id: `c${i}`, won: i % 2 === 0 }));

  test('has the share of equal answers before the analysis, and its reliability after it', async () => {
    const random = seeded(3);
    const pairs = texts.map((i) => {
      const first = 5 + i / 4;
      return { i, first, second: first + random() - 0.5, same: i % 4 !== 0, month: i < 20 ? 3 : 4 };
    });
    await load(
      calls,
      pairs.flatMap(({ i, first, second, same, month }) => [
        again(i, 1, month, { depth: first, seen: i % 2 === 0, topics: ['a', 'b'], pain_point: i === 0 ? null : 'x' }),
        again(i, 2, month, { depth: second, seen: same === (i % 2 === 0), topics: ['b', 'a'], pain_point: 'x' }),
      ]),
    );
    const trust = (brick: string, month = 'NULL') =>
      row(`FROM mart_scorer_trust WHERE brick_key = '${brick}' AND month IS NOT DISTINCT FROM ${month}`);
    expect(await trust('seen')).toMatchObject({
      n_pairs: 40,
      n_equal: 30,
      share_equal: 0.75,
      reliability: null,
      is_stale: null,
    });
    // A list in another order is the same; a value beside null is not.
    expect(await trust('topics')).toMatchObject({ n_pairs: 40, n_equal: 40 });
    expect(await trust('pain_point')).toMatchObject({ n_pairs: 40, n_equal: 39 });

    await keep(await run());
    const depth = await trust('depth');
    // ICC(2,1) by its mean squares.
    const grand = mean(pairs.flatMap(({ first, second }) => [first, second]));
    const [meanA, meanB] = [mean(pairs.map(({ first }) => first)), mean(pairs.map(({ second }) => second))];
    const msb = (2 * pairs.reduce((sum, { first, second }) => sum + ((first + second) / 2 - grand) ** 2, 0)) / 39;
    const msj = 40 * ((meanA - grand) ** 2 + (meanB - grand) ** 2);
    const mse =
      pairs.reduce((sum, { first, second }) => {
        const middle = (first + second) / 2;
        return sum + (first - middle - meanA + grand) ** 2 + (second - middle - meanB + grand) ** 2;
      }, 0) / 39;
    const icc = (msb - mse) / (msb + mse + (2 * (msj - mse)) / 40);
    expect(depth).toMatchObject({ statistic: 'icc', drift: false, is_stale: false, pairs_missing: 0 });
    expect(depth['reliability']).toBeCloseTo(icc, 9);
    expect(await trust('seen')).toMatchObject({ statistic: 'kappa' });
    expect(await trust('topics')).toMatchObject({ statistic: null, reliability: null });
    expect(await trust('depth', `DATE '2026-03-01'`)).toMatchObject({ n_pairs: 20 });
    const corrected = await row(
      `SELECT estimate / sqrt(${icc}) AS expected, r_corrected FROM mart_win_correlation WHERE brick_key = 'depth'`,
    );
    expect(corrected['r_corrected']).toBeCloseTo(Number(corrected['expected']), 9);
  });

  test('drifts when the newest month agrees less than the months before', async () => {
    await load(
      calls,
      texts.flatMap((i) => [
        again(i, 1, i < 20 ? 3 : 4, { seen: i % 2 === 0 }),
        again(i, 2, i < 20 ? 3 : 4, { seen: i < 20 || i % 3 === 0 ? i % 2 === 0 : i % 2 !== 0 }),
      ]),
    );
    await keep(await run());
    expect(await row('SELECT drift FROM mart_scorer_trust WHERE month IS NULL')).toEqual({ drift: true });
  });

  test('with fewer than 30 pairs corrects nothing', async () => {
    await load(
      calls,
      texts.flatMap((i) => [again(i, 1, 3, { depth: i }), ...(i < 29 ? [again(i, 2, 3, { depth: i + (i % 2) })] : [])]),
    );
    await keep(await run());
    expect(await row('SELECT n_pairs, pairs_missing FROM mart_scorer_trust WHERE month IS NULL')).toEqual({
      n_pairs: 29,
      pairs_missing: 1,
    });
    expect(await row('SELECT r_corrected FROM mart_win_correlation')).toEqual({ r_corrected: null });
  });

  test('is compared with the scorecards of people, per reviewer', async () => {
    await load(
      calls,
      texts.map((i) => runRow({ call: `c${i}`, bricks: { depth: i % 10, seen: i % 2 === 0 } })),
      {
        scorecards: [
          { question: 'q1', kit_code: 'KIT', brick_key: 'depth' },
          { question: 'q2', kit_code: 'KIT', brick_key: 'seen', levels: { Yes: 'true', No: 'false' } },
        ],
      },
    );
    const answered = texts.map((i) => ({
      call_id: `c${i}`,
      reviewer_user_id: i < 25 ? 'ann' : 'bob',
      answers: [
        { question_id: 'q1', score: 10 * (i % 10) + (i % 3), not_applicable: i === 39 },
        { question_id: 'q2', answer_text: i % 2 === 0 && i !== 0 ? 'Yes' : 'No' },
      ],
    }));
    await database.exclusive(async (session) => {
      await session.run('CREATE TABLE answered_scorecards (call_id VARCHAR, reviewer_user_id VARCHAR, answers JSON)');
      for (const { call_id: call, reviewer_user_id: reviewer, answers } of answered)
        await session.run('INSERT INTO answered_scorecards VALUES ($1, $2, $3)', [
          call,
          reviewer,
          JSON.stringify(answers),
        ]);
    });
    await keep(await run());
    const people = (brick: string, reviewer: string) =>
      row(
        `FROM mart_scorer_trust WHERE comparison = 'human' AND brick_key = '${brick}' AND reviewer IS NOT DISTINCT FROM ${reviewer}`,
      );
    const depth = await people('depth', 'NULL');
    const kept = texts.slice(0, 39);
    expect(depth).toMatchObject({ n_pairs: 39, statistic: 'r' });
    expect(depth['reliability']).toBeCloseTo(
      pearson(
        kept.map((i) => 10 * (i % 10) + (i % 3)),
        kept.map((i) => i % 10),
      ),
      9,
    );
    expect(await people('seen', 'NULL')).toMatchObject({ n_pairs: 40, n_equal: 39, statistic: 'kappa' });
    expect(await people('seen', `'bob'`)).toMatchObject({ n_pairs: 15, n_equal: 15, reliability: 1 });
  });
});
