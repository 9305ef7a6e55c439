import { describe, expect, test } from 'vitest';
import { bootstrapDeals } from '../../../src/analytics/statistics/bootstrap.ts';
import { correlationCeiling } from '../../../src/analytics/statistics/ceiling.ts';
import { orderOf, weightedAuc, weightedCorrelation } from '../../../src/analytics/statistics/correlation.ts';
import { categoryAssociation } from '../../../src/analytics/statistics/cramers-v.ts';
import { williamsTest } from '../../../src/analytics/statistics/dependent-correlations.ts';
import { correlationP } from '../../../src/analytics/statistics/distributions.ts';
import { createGenerator } from '../../../src/analytics/statistics/generator.ts';
import { intraclassCorrelation } from '../../../src/analytics/statistics/intraclass.ts';
import { cohensKappa } from '../../../src/analytics/statistics/kappa.ts';
import { mcNemarExact } from '../../../src/analytics/statistics/mcnemar.ts';
import { benjaminiHochberg } from '../../../src/analytics/statistics/multiple-testing.ts';
import { expectEqual, readReference } from './reference.ts';

type Pair = [number, number];
const once = (n: number) => new Uint32Array(n).fill(1);

describe('equal to SciPy, statsmodels and pingouin', () => {
  test('r, its exact p, AUC with ties and the ceiling', () => {
    const rows = readReference<Record<string, number & number[]>[]>('features');
    expect(rows).toHaveLength(4);
    for (const row of rows as unknown as {
      x: number[];
      won: number[];
      r: number;
      p: number;
      auc: number;
      ceiling: number;
    }[]) {
      const [x, won] = [Float64Array.from(row.x), Uint8Array.from(row.won)];
      const n = x.length;
      expectEqual(weightedCorrelation(x, won, once(n)), row.r, n);
      expectEqual(correlationP(row.r, n), row.p, n);
      expectEqual(weightedAuc({ x, won }, orderOf(x), once(n)), row.auc, n);
      expectEqual(correlationCeiling(row.won.filter((y) => y === 1).length / n), row.ceiling, n);
    }
  });

  test('Benjamini-Hochberg, in the order of the tests', () => {
    for (const { p, q } of readReference<{ p: number[]; q: number[] }[]>('multiple-testing'))
      for (const [index, found] of benjaminiHochberg(p).entries()) expectEqual(found, q[index] ?? Number.NaN, p);
  });

  test("McNemar's exact test", () => {
    for (const { b, c, p } of readReference<{ b: number; c: number; p: number }[]>('mcnemar'))
      expectEqual(mcNemarExact(b, c), p, { b, c });
  });

  test("Williams' t and its p", () => {
    const rows = readReference<Record<'r1' | 'r2' | 'r12' | 'n' | 't' | 'p', number>[]>('dependent-correlations');
    for (const row of rows) {
      const found = williamsTest(row.r1, row.r2, row.r12, row.n);
      expectEqual(found?.t, row.t, row);
      expectEqual(found?.p, row.p, row);
    }
    expect(rows[0]?.t.toFixed(2)).toBe('4.50');
    expect([rows[1]?.t.toFixed(2), rows[1]?.p.toFixed(3)]).toEqual(['1.67', '0.107']);
  });

  test("Cramér's V and the p of chi-square", () => {
    for (const { sizes, won, p, v } of readReference<{ sizes: number[]; won: number[]; p: number; v: number }[]>(
      'categories',
    )) {
      const levels = sizes.flatMap((size, level) => new Array<number>(size).fill(level));
      const outcome = sizes.flatMap((size, level) =>
        Array.from({ length: size }, (_, i) => Number(i < (won[level] ?? 0))),
      );
      const found = categoryAssociation(levels, outcome, { seed: 1, draws: 100 });
      expect(found?.method).toBe('chi_square');
      expectEqual(found?.v, v, sizes);
      expectEqual(found?.p, p, sizes);
    }
  });

  test('kappa, weighted and not, with its limits', () => {
    const rows =
      readReference<
        { pairs: Pair[]; levels: number; weighting: 'quadratic' | 'none'; kappa: number; low: number; high: number }[]
      >('kappa');
    for (const row of rows) {
      const found = cohensKappa(row.pairs, row.levels, row.weighting);
      expectEqual(found?.kappa, row.kappa, row.weighting);
      expectEqual(found?.limits.low, row.low, row.weighting);
      expectEqual(found?.limits.high, row.high, row.weighting);
    }
  });

  test('ICC(2,1) with its limits', () => {
    for (const row of readReference<{ pairs: Pair[]; icc: number; low: number; high: number }[]>('icc')) {
      const found = intraclassCorrelation(row.pairs);
      expectEqual(found?.icc, row.icc, row.pairs.length);
      expectEqual(found?.limits?.low, row.low, row.pairs.length);
      expectEqual(found?.limits?.high, row.high, row.pairs.length);
    }
  });

  test('the generator and the bootstrap, written once more in Python', () => {
    type Limits = [number, number];
    const { first, worlds } = readReference<{
      first: number[];
      worlds: {
        x: number[];
        second: number[];
        won: number[];
        seed: number;
        draws: number;
        n_degenerate: number;
        r: Limits;
        auc: Limits;
        difference: Limits;
        auc_difference: Limits;
      }[];
    }>('bootstrap');
    const generator = createGenerator(1);
    expect(first.map(() => generator.next())).toEqual(first);
    for (const world of worlds) {
      const [x, second, won] = [
        Float64Array.from(world.x),
        Float64Array.from(world.second),
        Uint8Array.from(world.won),
      ];
      const [order, secondOrder] = [orderOf(x), orderOf(second)];
      const found = bootstrapDeals(won.length, world, (counts) => {
        const [a, b] = [weightedCorrelation(x, won, counts), weightedCorrelation(second, won, counts)];
        const [aucA, aucB] = [
          weightedAuc({ x, won }, order, counts),
          weightedAuc({ x: second, won }, secondOrder, counts),
        ];
        if (a === undefined || b === undefined || aucA === undefined || aucB === undefined) return undefined;
        return [a, aucA, a - b, aucA - aucB];
      });
      expect(found?.nDegenerate).toBe(world.n_degenerate);
      for (const [place, name] of (['r', 'auc', 'difference', 'auc_difference'] as const).entries()) {
        expectEqual(found?.intervals[place]?.low, world[name][0], name);
        expectEqual(found?.intervals[place]?.high, world[name][1], name);
      }
    }
    expect(worlds.some((world) => world.n_degenerate > 0)).toBe(true);
  });
});

describe('a small category', () => {
  // 3 + 3 deals, all won with level 0: 2 of the 20 ways to choose the won are as far apart.
  const levels = [0, 0, 0, 1, 1, 1];
  const won = [1, 1, 1, 0, 0, 0];

  test('has a permutation p near that of all permutations, the same for the same seed', () => {
    const found = categoryAssociation(levels, won, { seed: 1, draws: 20_000 });
    expect(found?.method).toBe('permutation');
    expect(Math.abs((found?.p ?? 1) - 0.1)).toBeLessThan(0.007);
    expect(categoryAssociation(levels, won, { seed: 1, draws: 20_000 })).toEqual(found);
    expect(categoryAssociation(levels, won, { seed: 2, draws: 20_000 })?.p).not.toBe(found?.p);
  });

  test('has none with one level or one outcome', () => {
    expect(categoryAssociation([0, 0], [1, 0], { seed: 1, draws: 10 })).toBeUndefined();
    expect(categoryAssociation([0, 1], [1, 1], { seed: 1, draws: 10 })).toBeUndefined();
    expect(categoryAssociation([], [], { seed: 1, draws: 10 })).toBeUndefined();
  });
});

describe('what cannot be estimated is undefined, never NaN', () => {
  test('a score or an outcome that does not vary', () => {
    expect(weightedCorrelation([0.7, 0.7, 0.7], [1, 0, 1], once(3))).toBeUndefined();
    expect(weightedCorrelation([1, 2, 3], [1, 1, 1], once(3))).toBeUndefined();
    expect(
      weightedAuc({ x: Float64Array.of(1, 2), won: Uint8Array.of(1, 1) }, Uint32Array.of(0, 1), once(2)),
    ).toBeUndefined();
  });

  test('a sample that is degenerate in nearly every draw', () => {
    expect(bootstrapDeals(3, { seed: 1, draws: 10 }, () => undefined)).toBeUndefined();
  });

  test('a statistic that is not finite in the upper tail has no limits', () => {
    let draw = 0;
    const found = bootstrapDeals(3, { seed: 1, draws: 100 }, () => {
      draw += 1;
      return [draw % 10 === 0 ? Number.POSITIVE_INFINITY : 1];
    });
    expect(found?.intervals).toEqual([undefined]);
  });

  test('scores that determine each other, and raters who always say the same', () => {
    expect(williamsTest(0.5, 0.5, 1, 50)).toBeUndefined();
    expect(
      cohensKappa(
        [
          [0, 0],
          [0, 0],
        ],
        2,
        'none',
      ),
    ).toBeUndefined();
    expect(
      intraclassCorrelation([
        [4, 4],
        [4, 4],
      ]),
    ).toBeUndefined();
    expect(
      intraclassCorrelation([
        [1, 1],
        [4, 4],
      ]),
    ).toEqual({ icc: 1, limits: undefined });
  });
});
