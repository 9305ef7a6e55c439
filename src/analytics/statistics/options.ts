// What an analysis does unless it is told otherwise.

/** Seed of the generator. */
export const defaultSeed = 1;
/** Draws of the bootstrap and of permutations. */
export const defaultDraws = 2000;
