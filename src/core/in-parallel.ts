// Work on many items, some at a time.

/**
 * Returns when nothing runs any more: what failed leaves nothing behind that still works.
 * @param most items at a time
 * @throws the first error; items that were not begun by then are left out
 */
export async function inParallel<T>(items: Iterable<T>, most: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items].reverse();
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    for (let item = left.pop(); item !== undefined && failure === undefined; item = left.pop())
      await work(item).catch((error: unknown) => {
        failure ??= { error };
      });
  };
  await Promise.all(Array.from({ length: Math.min(most, left.length) }, worker));
  if (failure !== undefined) throw failure.error;
}
