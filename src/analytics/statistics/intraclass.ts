// Agreement of two measurements of a number.
import type { Interval } from './bootstrap.ts';
import { fQuantile } from './distributions.ts';

/**
 * ICC(2,1) of pairs: two-way random effects, absolute agreement, single measurement (Shrout & Fleiss 1979), with the 95 %
 * limits of McGraw & Wong (1996).
 * @param pairs [first, second] of a text
 * @returns undefined when nothing varies; limits are undefined when the pairs leave no error to measure by
 */
export function intraclassCorrelation(
  pairs: readonly (readonly [number, number])[],
): { icc: number; limits: Interval | undefined } | undefined {
  const n = pairs.length;
  if (n < 2) return undefined;
  const mean = pairs.reduce((total, [a, b]) => total + a + b, 0) / (2 * n);
  const [meanFirst, meanSecond] = [0, 1].map(
    (side) => pairs.reduce((total, pair) => total + (pair[side] ?? 0), 0) / n,
  ) as [number, number];
  const between = (2 * pairs.reduce((total, [a, b]) => total + ((a + b) / 2 - mean) ** 2, 0)) / (n - 1);
  const sides = n * ((meanFirst - mean) ** 2 + (meanSecond - mean) ** 2);
  // With two measurements the residual of a pair is the same on both sides.
  const error = pairs.reduce((total, [a, b]) => total + (a - b - (meanFirst - meanSecond)) ** 2, 0) / (2 * (n - 1));
  const total = between + error + (2 * (sides - error)) / n;
  if (!(total > 0)) return undefined;
  const icc = (between - error) / total;
  if (error === 0) return { icc, limits: undefined };
  return { icc, limits: limitsOf(icc, n, between, sides, error) };
}

function limitsOf(icc: number, n: number, between: number, sides: number, error: number): Interval | undefined {
  const k = 2;
  const ratio = sides / error;
  const rest = n * (1 + (k - 1) * icc) - k * icc;
  const df =
    ((k - 1) * (n - 1) * (k * icc * ratio + rest) ** 2) / ((n - 1) * k ** 2 * icc ** 2 * ratio ** 2 + rest ** 2);
  if (!(df > 0) || !Number.isFinite(df)) return undefined;
  const above = fQuantile(0.975, n - 1, df);
  const below = fQuantile(0.975, df, n - 1);
  const noise = k * sides + (k * n - k - n) * error;
  const low = (n * (between - above * error)) / (above * noise + n * between);
  const high = (n * (below * between - error)) / (noise + n * below * between);
  return Number.isFinite(low) && Number.isFinite(high)
    ? { low: Math.max(-1, low), high: Math.min(1, high) }
    : undefined;
}
