// So many at a time, the others in their order.

export interface Semaphore {
  /** Runs `work` when there is a place. */
  hold<T>(work: () => Promise<T>): Promise<T>;
  /** Places that nobody holds. */
  readonly free: number;
  /** Who waits for one. */
  readonly queue: number;
}

export function createSemaphore(places: number): Semaphore {
  const waiting: (() => void)[] = [];
  let held = 0;
  return {
    get free() {
      return places - held;
    },
    get queue() {
      return waiting.length;
    },
    async hold(work) {
      // Who is called takes over the place of who ended: nobody comes in between.
      if (held >= places) await new Promise<void>((resolve) => waiting.push(resolve));
      else held += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) held -= 1;
        else next();
      }
    },
  };
}
