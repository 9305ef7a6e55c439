// The bootstrap by deal: deals are drawn with replacement and keep their calls, since the calls of a deal share its outcome.
import { createGenerator } from './generator.ts';

export interface Draws {
  readonly seed: number;
  /** How many draws are kept. */
  readonly draws: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Bootstrapped {
  /** 95 % percentile limits of each statistic; undefined where a limit is not finite. */
  readonly intervals: readonly (Interval | undefined)[];
  /** Draws without an estimate; each was drawn again. */
  readonly nDegenerate: number;
}

/** A sample that is degenerate this many times for every draw that is kept has no interval. */
const patience = 20;

/**
 * @param n deals
 * @param estimate of a draw: `counts[i]` says how often deal i is in it. Undefined for a degenerate draw: one outcome only, or a
 *   score that does not vary
 * @returns undefined when nearly every draw is degenerate
 */
export function bootstrapDeals(
  n: number,
  { seed, draws }: Draws,
  estimate: (counts: Uint32Array) => readonly number[] | undefined,
): Bootstrapped | undefined {
  // Each statistic begins at the seed: a brick more or less changes nobody else's limits.
  const generator = createGenerator(seed);
  const counts = new Uint32Array(n);
  const kept: number[][] = [];
  let nDegenerate = 0;
  while (kept.length < draws) {
    counts.fill(0);
    for (let drawn = 0; drawn < n; drawn += 1) {
      const index = generator.below(n);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    const values = estimate(counts);
    if (values !== undefined) kept.push([...values]);
    else {
      nDegenerate += 1;
      if (nDegenerate > patience * draws) return undefined;
    }
  }
  const intervals = (kept[0] ?? []).map((_, place) =>
    percentileLimits(kept.map((values) => values[place] ?? Number.NaN)),
  );
  return { intervals, nDegenerate };
}

/** The 2.5 % and 97.5 % quantiles, between neighbours by straight lines (Hyndman & Fan's type 7, as numpy has it). */
function percentileLimits(values: readonly number[]): Interval | undefined {
  const sorted = Float64Array.from(values).sort();
  const [low, high] = [0.025, 0.975].map((share) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? Number.NaN;
    const above = sorted[Math.ceil(place)] ?? Number.NaN;
    return below === above ? below : below + (above - below) * (place - Math.floor(place));
  }) as [number, number];
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : undefined;
}
