// 200 deals with one call each, 100 won and 100 lost, whose two scores have the correlations, means and false-positive rates of
// the framework comparison: .73 and .51, 71 and 64, 12 % and 24 %.
import { seeded } from './statistics.ts';

export interface GuideDeal {
  won: boolean;
  a: number;
  b: number;
}

export interface GuideWorld {
  deals: GuideDeal[];
  thresholdA: number;
  thresholdB: number;
}

const dot = (xs: number[], ys: number[]) => xs.reduce((total, x, i) => total + x * (ys[i] ?? 0), 0);

/** Mean 0 and mean square 1, after what it shares with the others is taken away. */
function standardise(xs: number[], ...others: number[][]): number[] {
  const n = xs.length;
  const mean = xs.reduce((total, x) => total + x, 0) / n;
  let rest = xs.map((x) => x - mean);
  for (const other of others) {
    const share = dot(rest, other) / dot(other, other);
    rest = rest.map((x, i) => x - share * (other[i] ?? 0));
  }
  const size = Math.sqrt(dot(rest, rest) / n);
  return rest.map((x) => x / size);
}

/** @param n Even number of deals; half are won. r of the two scores with each other is .5. */
export function buildGuideWorld(n = 200): GuideWorld {
  const [ra, rb, rab] = [0.73, 0.51, 0.5];
  const random = seeded(7);
  const noise = () => Array.from({ length: n }, () => random() + random() + random() + random());
  const outcome = Array.from({ length: n }, (_, i) => i % 2);
  const y = standardise(outcome);
  const e1 = standardise(noise(), y);
  const e2 = standardise(noise(), y, e1);
  const rho = (rab - ra * rb) / Math.sqrt((1 - ra ** 2) * (1 - rb ** 2));
  const deals = outcome.map((won, i) => {
    const [yi = 0, e1i = 0, e2i = 0] = [y[i], e1[i], e2[i]];
    const a = ra * yi + Math.sqrt(1 - ra ** 2) * e1i;
    const b = rb * yi + Math.sqrt(1 - rb ** 2) * (rho * e1i + Math.sqrt(1 - rho ** 2) * e2i);
    return { won: won === 1, a: 71 + 11 * a, b: 64 + 13 * b };
  });
  const between = (scores: number[], k: number) => {
    const sorted = scores.toSorted((x, z) => z - x);
    return ((sorted[k - 1] ?? 0) + (sorted[k] ?? 0)) / 2;
  };
  const lost = deals.filter((deal) => !deal.won);
  return {
    deals,
    thresholdA: between(
      lost.map((deal) => deal.a),
      Math.round(0.12 * lost.length),
    ),
    thresholdB: between(
      lost.map((deal) => deal.b),
      Math.round(0.24 * lost.length),
    ),
  };
}
