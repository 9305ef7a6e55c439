// Agreement of two raters on levels.
import type { Interval } from './bootstrap.ts';

const z = 1.959963984540054;

/**
 * Cohen's kappa with quadratic weights (Cohen 1968); of two levels it is the unweighted one. 95 % limits by its large-sample
 * variance (Fleiss, Cohen & Everitt 1969).
 * @param pairs [first, second], each a whole number from 0 to nLevels − 1 in the order of the levels
 * @param weighting `none` for levels without an order
 * @returns undefined when both raters have one and the same level throughout
 */
export function cohensKappa(
  pairs: readonly (readonly [number, number])[],
  nLevels: number,
  weighting: 'quadratic' | 'none',
): { kappa: number; limits: Interval } | undefined {
  const n = pairs.length;
  const cells = new Float64Array(nLevels * nLevels);
  const rows = new Float64Array(nLevels);
  const columns = new Float64Array(nLevels);
  for (const [first, second] of pairs) {
    cells[first * nLevels + second] = (cells[first * nLevels + second] ?? 0) + 1 / n;
    rows[first] = (rows[first] ?? 0) + 1 / n;
    columns[second] = (columns[second] ?? 0) + 1 / n;
  }
  const weight = (i: number, j: number) =>
    weighting === 'none' ? Number(i === j) : 1 - ((i - j) / Math.max(1, nLevels - 1)) ** 2;
  const places = Array.from({ length: nLevels }, (_, i) => i);
  const sumOver = (term: (i: number, j: number) => number) =>
    places.reduce((total, i) => places.reduce((inner, j) => inner + term(i, j), total), 0);

  const observed = sumOver((i, j) => weight(i, j) * (cells[i * nLevels + j] ?? 0));
  const expected = sumOver((i, j) => weight(i, j) * (rows[i] ?? 0) * (columns[j] ?? 0));
  const room = 1 - expected;
  if (n === 0 || room < 1e-12) return undefined;
  const kappa = (observed - expected) / room;
  const rowMeans = places.map((i) => places.reduce((total, j) => total + weight(i, j) * (columns[j] ?? 0), 0));
  const columnMeans = places.map((j) => places.reduce((total, i) => total + weight(i, j) * (rows[i] ?? 0), 0));
  const spread = sumOver(
    (i, j) =>
      (cells[i * nLevels + j] ?? 0) * (weight(i, j) - ((rowMeans[i] ?? 0) + (columnMeans[j] ?? 0)) * (1 - kappa)) ** 2,
  );
  const variance = Math.max(0, spread - (kappa - expected * (1 - kappa)) ** 2) / (n * room * room);
  const half = z * Math.sqrt(variance);
  return { kappa, limits: { low: Math.max(-1, kappa - half), high: Math.min(1, kappa + half) } };
}
