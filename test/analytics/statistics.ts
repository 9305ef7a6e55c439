// The formulas once more, in plain arithmetic: what the SQL is compared with.

const z = 1.959963984540054;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
export const mean = (values: readonly number[]) => sum(values) / values.length;

export function pearson(xs: readonly number[], ys: readonly number[]): number {
  const [mx, my] = [mean(xs), mean(ys)];
  const sxy = sum(xs.map((x, i) => (x - mx) * ((ys[i] ?? Number.NaN) - my)));
  return sxy / Math.sqrt(sum(xs.map((x) => (x - mx) ** 2)) * sum(ys.map((y) => (y - my) ** 2)));
}

export const fisher = (r: number, n: number) =>
  [-1, 1].map((side) => Math.tanh(Math.atanh(r) + (side * z) / Math.sqrt(n - 3)));

export function wilson(k: number, n: number): number[] {
  const centre = (k + z ** 2 / 2) / (n + z ** 2);
  const half = (z * Math.sqrt((k * (n - k)) / n + z ** 2 / 4)) / (n + z ** 2);
  return [centre - half, centre + half];
}

/** By comparing every won with every lost, not by ranks. */
export function auc(won: readonly number[], lost: readonly number[]): number {
  const points = won.flatMap((a) => lost.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
  return mean(points);
}

/** Smallest share of the lost at or above a threshold that at least 80 % of the won reach. */
export function fprAtTpr80(won: readonly number[], lost: readonly number[]): number {
  const reach = (scores: readonly number[], threshold: number) => scores.filter((score) => score >= threshold).length;
  const good = won.filter((threshold) => reach(won, threshold) >= 0.8 * won.length);
  return Math.min(...good.map((threshold) => reach(lost, threshold) / lost.length));
}

/** Numbers in [0, 1) that are the same every time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
