// The one source of chance: the same seed gives the same draws, on every machine.

export interface Generator {
  /** A whole number from 0 to 2^32 − 1. */
  next(): number;
  /** A whole number from 0 to n − 1, each equally likely. @param n 1 to 2^32 */
  below(n: number): number;
}

const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits));

/** xoshiro128** (Blackman & Vigna, 2018), its state filled by splitmix32. @param seed any whole number; its lowest 32 bits count */
export function createGenerator(seed: number): Generator {
  let mixed = seed | 0;
  const fill = () => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let value = mixed ^ (mixed >>> 16);
    value = Math.imul(value, 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    return value ^ (value >>> 15);
  };
  let [s0, s1, s2, s3] = [fill(), fill(), fill(), fill()];

  function next(): number {
    const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotate(s3, 11);
    return result;
  }

  let lastN = 0;
  let limit = 0;
  return {
    next,
    below(n) {
      // What lies above the last whole multiple of n would favour small numbers. A bootstrap asks for the same n millions of times.
      if (n !== lastN) {
        lastN = n;
        limit = 2 ** 32 - (2 ** 32 % n);
      }
      let value = next();
      while (value >= limit) value = next();
      return value % n;
    },
  };
}
