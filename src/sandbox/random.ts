// Seeded randomness for invented data: the same seed and path give the same numbers on every machine.

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** In [min, max). */
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** `count` neighbours of a list that is taken as a ring; all of them when there are fewer. */
  pickSome<T>(items: readonly T[], count: number): T[];
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** A decimal id of 18 to 20 digits below 2^64 whose last six digits are `tail`; about half are above 2^63. */
  id(tail?: number): string;
}

/** `path` names a branch of the seed, so that data can be made on demand and in any order. */
export function createRandom(seed: number, ...path: readonly (number | string)[]): Random {
  let hash = mix(0x9e3779b9 ^ seed);
  for (const part of path) hash = typeof part === 'number' ? mix(hash ^ part) : hashText(part, hash);
  let [a, b, c, d] = [mix(hash ^ 1), mix(hash ^ 2), mix(hash ^ 3), mix(hash ^ 4) | 1];

  // xoshiro128** by Blackman and Vigna (prng.di.unimi.it), public domain.
  const next32 = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const next = () => next32() / 2 ** 32;
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));

  return {
    next,
    int,
    between: (min, max) => min + next() * (max - min),
    chance: (probability) => next() < probability,
    pick: <T>(items: readonly T[]): T => {
      const item = items[int(0, items.length - 1)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    pickSome: <T>(items: readonly T[], count: number): T[] => {
      const first = int(0, items.length - 1);
      return [...items.slice(first), ...items.slice(0, first)].slice(0, count);
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    id: (tail = int(0, 999_999)) => {
      const head = next() < 0.5 ? int(100_000_000_000, 9_223_372_036_854) : int(9_223_372_036_855, 18_446_744_073_708);
      return `${head}${String(tail).padStart(6, '0')}`;
    },
  };
}

/** 32 bits from 32 bits (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) + 0x6d2b79f5;
}

function hashText(text: string, start: number): number {
  let hash = start | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}
