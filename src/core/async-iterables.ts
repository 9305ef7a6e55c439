// Stages as functions from iterable to iterable. The consumer sets the pace; nothing is collected.

/**
 * Maps with up to `concurrency` calls under way and yields results in the order of the input. When one call or the input
 * itself fails, the error is thrown at its place, after the results before it.
 */
export async function* mapInOrder<In, Out>(
  input: AsyncIterable<In> | Iterable<In>,
  concurrency: number,
  map: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const underWay: Promise<Out>[] = [];
  let inputFailure: { error: unknown } | undefined;
  async function* untilFailure(): AsyncGenerator<In> {
    try {
      yield* input;
    } catch (error) {
      inputFailure = { error };
    }
  }
  try {
    for await (const item of untilFailure()) {
      const result = map(item);
      // Marked as handled: the rejection is thrown when its turn comes.
      result.catch(() => {});
      underWay.push(result);
      if (underWay.length >= concurrency) yield await (underWay.shift() as Promise<Out>);
    }
    while (underWay.length > 0) yield await (underWay.shift() as Promise<Out>);
    if (inputFailure !== undefined) throw inputFailure.error;
  } finally {
    await Promise.allSettled(underWay);
  }
}

/** Groups of up to `size` items. */
export function* chunksOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length === size) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
