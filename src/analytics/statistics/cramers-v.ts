// A whole category against won and lost.

import type { Draws } from './bootstrap.ts';
import { chiSquareUpper } from './distributions.ts';
import { createGenerator } from './generator.ts';

export interface CategoryAssociation {
  /** Cramér's V, corrected for bias (Bergsma 2013); 0 to 1. */
  readonly v: number;
  readonly p: number;
  /** chi_square, or permutation where a cell is expected to hold fewer than 5. */
  readonly method: 'chi_square' | 'permutation';
}

/**
 * @param levels one whole number a deal, 0 to the number of levels − 1; every one occurs
 * @param won 1 won, 0 lost
 * @returns undefined when there are not two levels and two outcomes
 */
export function categoryAssociation(
  levels: ArrayLike<number>,
  won: ArrayLike<number>,
  { seed, draws }: Draws,
): CategoryAssociation | undefined {
  const n = levels.length;
  const nLevels = Math.max(-1, ...Array.from(levels)) + 1;
  const sizes = new Array<number>(nLevels).fill(0);
  let nWon = 0;
  for (let i = 0; i < n; i += 1) {
    sizes[levels[i] ?? 0] = (sizes[levels[i] ?? 0] ?? 0) + 1;
    nWon += won[i] ?? 0;
  }
  if (nLevels < 2 || nWon === 0 || nWon === n) return undefined;

  const chiSquareOf = (outcome: ArrayLike<number>) => {
    const wonOf = new Array<number>(nLevels).fill(0);
    for (let i = 0; i < n; i += 1) wonOf[levels[i] ?? 0] = (wonOf[levels[i] ?? 0] ?? 0) + (outcome[i] ?? 0);
    return sizes.reduce((total, size, level) => {
      const expected = (size * nWon) / n;
      const distance = (wonOf[level] ?? 0) - expected;
      return total + distance ** 2 / expected + distance ** 2 / (size - expected);
    }, 0);
  };
  const chiSquare = chiSquareOf(won);
  const smallest = (Math.min(...sizes) * Math.min(nWon, n - nWon)) / n;
  const method = smallest < 5 ? 'permutation' : 'chi_square';
  const p =
    method === 'permutation'
      ? permutationP(chiSquare, chiSquareOf, won, { seed, draws })
      : chiSquareUpper(chiSquare, nLevels - 1);
  return { v: correctedV(chiSquare, n, nLevels), p, method };
}

/** Bias-corrected V of a table of `nLevels` × 2. */
function correctedV(chiSquare: number, n: number, nLevels: number): number {
  const phiSquare = Math.max(0, chiSquare / n - (nLevels - 1) / (n - 1));
  const [rows, columns] = [nLevels, 2].map((size) => size - (size - 1) ** 2 / (n - 1)) as [number, number];
  return Math.sqrt(phiSquare / (Math.min(rows, columns) - 1));
}

/** (1 + draws that are as large) / (1 + draws), outcomes shuffled over the deals. */
function permutationP(
  observed: number,
  statistic: (outcome: Uint8Array) => number,
  won: ArrayLike<number>,
  { seed, draws }: Draws,
): number {
  const generator = createGenerator(seed);
  const shuffled = Uint8Array.from(won);
  let asLarge = 0;
  for (let draw = 0; draw < draws; draw += 1) {
    for (let i = shuffled.length - 1; i > 0; i -= 1) {
      const j = generator.below(i + 1);
      const kept = shuffled[i] ?? 0;
      shuffled[i] = shuffled[j] ?? 0;
      shuffled[j] = kept;
    }
    // The same table summed in the same order is the same number; a hair is left for tables that are equal by symmetry.
    if (statistic(shuffled) >= observed * (1 - 1e-12)) asLarge += 1;
  }
  return (1 + asLarge) / (1 + draws);
}
