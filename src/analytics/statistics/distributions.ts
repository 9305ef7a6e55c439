// Exact tails and quantiles of the distributions that the tests use.
import { regularisedBeta, regularisedGammaQ } from './special-functions.ts';

/** P(|T| ≥ |t|) of Student's t. @param df > 0 */
export function studentTwoSided(t: number, df: number): number {
  const total = df + t * t;
  return regularisedBeta(df / total, df / 2, 0.5, (t * t) / total);
}

/**
 * p of Pearson's r: t = r √((n−2)/(1−r²)) with n − 2 degrees of freedom; 0 for |r| = 1.
 * @param n > 2
 */
export function correlationP(r: number, n: number): number {
  const rest = 1 - r * r;
  // df / (df + t²) is 1 − r².
  return regularisedBeta(Math.max(0, rest), (n - 2) / 2, 0.5, Math.min(1, r * r));
}

/** P(X² ≥ x) of chi-square. @param df > 0 */
export function chiSquareUpper(x: number, df: number): number {
  return regularisedGammaQ(df / 2, x / 2);
}

/** P(K ≤ k) of n throws of a coin. */
export function fairBinomialCdf(k: number, n: number): number {
  return k >= n ? 1 : regularisedBeta(0.5, n - k, k + 1);
}

/** The value that a share `p` of the normal distribution lies below. @param p strictly between 0 and 1 */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  const size = findRoot((z) => tail - regularisedGammaQ(0.5, (z * z) / 2) / 2, 0, 40);
  return p < 0.5 ? -size : size;
}

/** The value that a share `p` of the F distribution lies below. @param p strictly between 0 and 1 */
export function fQuantile(p: number, df1: number, df2: number): number {
  // By x = df1·f / (df1·f + df2), which lies between 0 and 1.
  const x = findRoot((share) => regularisedBeta(share, df1 / 2, df2 / 2) - p, 0, 1);
  return (df2 * x) / (df1 * (1 - x));
}

/** Where a rising function crosses 0, by bisection to the last bit. */
function findRoot(rising: (x: number) => number, from: number, to: number): number {
  let low = from;
  let high = to;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
}
