// How large a correlation with won or lost can get.
import { normalQuantile } from './distributions.ts';

/**
 * Largest point-biserial r of a normal score that the outcome cuts in two: the normal density at z_p, divided by √(p(1−p)).
 * @param winRate strictly between 0 and 1
 */
export function correlationCeiling(winRate: number): number {
  const z = normalQuantile(winRate);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return density / Math.sqrt(winRate * (1 - winRate));
}
