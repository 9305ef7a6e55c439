// How well two answers about the same thing agree, by the statistic that fits their kind. Pure.
import type { Interval } from './bootstrap.ts';
import { weightedCorrelation } from './correlation.ts';
import { intraclassCorrelation } from './intraclass.ts';
import { cohensKappa } from './kappa.ts';

export interface Agreement {
  readonly statistic: 'icc' | 'kappa' | 'r';
  readonly value: number;
  readonly limits: Interval | undefined;
}

/** Two values as text; both are there. */
export type ValuePair = readonly [string, string];

/** A brick with more levels holds free text, which has no kappa. */
const mostLevels = 50;
const z = 1.959963984540054;

/**
 * @param kind as in semarize_bricks; lists have no statistic
 * @param points of levels in order; when every level that occurs has points they are weighted by their distance
 * @returns undefined when there is nothing to estimate
 */
export function agreementOf(
  kind: string,
  pairs: readonly ValuePair[],
  points: ReadonlyMap<string, number>,
): Agreement | undefined {
  if (kind === 'number') {
    const found = intraclassCorrelation(pairs.map(([a, b]) => [Number(a), Number(b)] as const));
    return found && { statistic: 'icc', value: found.icc, limits: found.limits };
  }
  return kind === 'boolean' || kind === 'text' ? levelAgreement(pairs, points) : undefined;
}

/** Numbers of people and of a kit need not be on one scale: Pearson's r with Fisher's limits. */
export function numberAgreement(pairs: readonly ValuePair[]): Agreement | undefined {
  const [xs, ys] = [pairs.map(([a]) => Number(a)), pairs.map(([, b]) => Number(b))];
  const r = weightedCorrelation(xs, ys, new Array<number>(pairs.length).fill(1));
  if (r === undefined) return undefined;
  const half = z / Math.sqrt(pairs.length - 3);
  const hasLimits = pairs.length > 3 && Math.abs(r) < 1;
  const limits = { low: Math.tanh(Math.atanh(r) - half), high: Math.tanh(Math.atanh(r) + half) };
  return { statistic: 'r', value: r, limits: hasLimits ? limits : undefined };
}

export function levelAgreement(
  pairs: readonly ValuePair[],
  points: ReadonlyMap<string, number>,
): Agreement | undefined {
  const levels = [...new Set(pairs.flat())];
  if (levels.length > mostLevels) return undefined;
  const isOrdered = levels.every((level) => points.has(level));
  const ordered = levels.sort((a, b) => (points.get(a) ?? 0) - (points.get(b) ?? 0) || (a < b ? -1 : 1));
  const placeOf = new Map(ordered.map((level, place) => [level, place]));
  const placed = pairs.map(([a, b]) => [placeOf.get(a) ?? 0, placeOf.get(b) ?? 0] as const);
  const found = cohensKappa(placed, levels.length, isOrdered ? 'quadratic' : 'none');
  return found && { statistic: 'kappa', value: found.kappa, limits: found.limits };
}
