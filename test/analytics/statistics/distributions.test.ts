import { expect, test } from 'vitest';
import {
  chiSquareUpper,
  fairBinomialCdf,
  fQuantile,
  normalQuantile,
  studentTwoSided,
} from '../../../src/analytics/statistics/distributions.ts';
import { lnBeta } from '../../../src/analytics/statistics/special-functions.ts';
import { expectEqual, readReference } from './reference.ts';

const reference = readReference<Record<string, Record<string, number>[]>>('distributions');
const of = (name: string) => reference[name] ?? [];

test.each([
  ['student', 'p', ({ t = 0, df = 0 }) => studentTwoSided(t, df)],
  ['chi_square', 'p', ({ x = 0, df = 0 }) => chiSquareUpper(x, df)],
  ['normal', 'z', ({ p = 0 }) => normalQuantile(p)],
  ['f', 'f', ({ p = 0, df1 = 0, df2 = 0 }) => fQuantile(p, df1, df2)],
  ['binomial', 'p', ({ k = 0, n = 0 }) => fairBinomialCdf(k, n)],
  ['ln_beta', 'value', ({ a = 0, b = 0 }) => lnBeta(a, b)],
] as [string, string, (row: Record<string, number>) => number][])('%s is that of SciPy', (name, column, compute) => {
  expect(of(name).length).toBeGreaterThan(5);
  for (const row of of(name)) expectEqual(compute(row), row[column] ?? Number.NaN, row);
});

test('small tails keep their digits, not only their size', () => {
  for (const row of of('student').filter(({ p = 0 }) => p > 0 && p < 1e-6))
    expect(studentTwoSided(row['t'] ?? 0, row['df'] ?? 0) / (row['p'] ?? 1)).toBeCloseTo(1, 8);
});
