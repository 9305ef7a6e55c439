// Correlation and AUC of a sample in which a deal can stand several times: what a bootstrap draw is.

/** Columns of the same length, one entry a deal. */
export interface Outcomes {
  readonly x: Float64Array;
  /** 1 won, 0 lost. */
  readonly won: Uint8Array;
}

/**
 * Pearson's r of `x` and `y`, entry i counted `counts[i]` times, in two passes and in the order of the entries.
 * @returns undefined when either does not vary
 */
export function weightedCorrelation(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  counts: ArrayLike<number>,
): number | undefined {
  let total = 0;
  let sumX = 0;
  let sumY = 0;
  for (let i = 0; i < x.length; i += 1) {
    const count = counts[i] ?? 0;
    total += count;
    sumX += count * (x[i] ?? 0);
    sumY += count * (y[i] ?? 0);
  }
  const meanX = sumX / total;
  const meanY = sumY / total;
  let squaresX = 0;
  let squaresY = 0;
  let products = 0;
  for (let i = 0; i < x.length; i += 1) {
    const count = counts[i] ?? 0;
    const fromX = (x[i] ?? 0) - meanX;
    const fromY = (y[i] ?? 0) - meanY;
    squaresX += count * fromX * fromX;
    squaresY += count * fromY * fromY;
    products += count * fromX * fromY;
  }
  // The mean of equal numbers can be off by its last bit.
  const isFlat = (squares: number, mean: number) => squares <= total * (4 * Number.EPSILON * mean) ** 2;
  if (isFlat(squaresX, meanX) || isFlat(squaresY, meanY)) return undefined;
  return Math.max(-1, Math.min(1, products / Math.sqrt(squaresX * squaresY)));
}

/** The entries in the order of `x`, for `weightedAuc`. */
export function orderOf(x: Float64Array): Uint32Array {
  return Uint32Array.from(x.keys()).sort((a, b) => (x[a] ?? 0) - (x[b] ?? 0) || a - b);
}

/**
 * Share of the pairs of a won and a lost deal in which the won one is higher, ties half.
 * @param order from `orderOf(x)`
 * @returns undefined without both outcomes
 */
export function weightedAuc({ x, won }: Outcomes, order: Uint32Array, counts: ArrayLike<number>): number | undefined {
  let lostBelow = 0;
  let nWon = 0;
  let points = 0;
  for (let start = 0; start < order.length; ) {
    let wonHere = 0;
    let lostHere = 0;
    const value = x[order[start] ?? 0];
    let end = start;
    for (; end < order.length && x[order[end] ?? 0] === value; end += 1) {
      const index = order[end] ?? 0;
      if (won[index] === 1) wonHere += counts[index] ?? 0;
      else lostHere += counts[index] ?? 0;
    }
    points += wonHere * (lostBelow + lostHere / 2);
    nWon += wonHere;
    lostBelow += lostHere;
    start = end;
  }
  return nWon === 0 || lostBelow === 0 ? undefined : points / (nWon * lostBelow);
}
