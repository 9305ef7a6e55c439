// Two scores of the same deals against the same outcome.
import { studentTwoSided } from './distributions.ts';

export interface TestResult {
  readonly t: number;
  readonly p: number;
}

/**
 * Williams' t of r₁ − r₂, two correlations that share the outcome, with n − 3 degrees of freedom (Williams 1959; Steiger 1980,
 * eq. 7).
 * @param r12 correlation of the two scores with each other
 * @returns undefined where it is not defined: too few deals, or scores that determine each other
 */
export function williamsTest(r1: number, r2: number, r12: number, n: number): TestResult | undefined {
  if (n <= 3) return undefined;
  const determinant = 1 - r1 * r1 - r2 * r2 - r12 * r12 + 2 * r1 * r2 * r12;
  const mean = (r1 + r2) / 2;
  const spread = 2 * ((n - 1) / (n - 3)) * determinant + mean * mean * (1 - r12) ** 3;
  const t = (r1 - r2) * Math.sqrt(((n - 1) * (1 + r12)) / spread);
  return Number.isFinite(t) && spread > 0 ? { t, p: studentTwoSided(t, n - 3) } : undefined;
}
