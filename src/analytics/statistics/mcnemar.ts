// Two yes-or-no answers about the same deals.
import { fairBinomialCdf } from './distributions.ts';

/**
 * Exact McNemar test: min(1, 2·P(Bin(b+c, ½) ≤ min(b, c))).
 * @param b deals that only the first answered yes
 * @param c deals that only the second answered yes
 */
export function mcNemarExact(b: number, c: number): number {
  return Math.min(1, 2 * fairBinomialCdf(Math.min(b, c), b + c));
}
