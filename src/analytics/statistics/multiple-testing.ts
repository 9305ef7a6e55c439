// Many tests at once.

/**
 * Benjamini & Hochberg (1995): q₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎·m/j, at most 1.
 * @returns q in the order of `ps`
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const order = [...ps.keys()].sort((a, b) => (ps[b] ?? 0) - (ps[a] ?? 0) || b - a);
  const qs = new Array<number>(ps.length);
  let least = 1;
  for (const [place, index] of order.entries()) {
    least = Math.min(least, ((ps[index] ?? 1) * ps.length) / (ps.length - place));
    qs[index] = least;
  }
  return qs;
}
