// Work under way: how much there is, when one of it ends, when all of it has.

export interface Tasks {
  add(work: Promise<void>): void;
  readonly size: number;
  oneEnded(): Promise<void>;
  allEnded(): Promise<void>;
}

/** @param onError hears of work that rejects; @param onEnd of each that ends. */
export function createTasks(onError: (error: unknown) => void, onEnd: () => void): Tasks {
  const underWay = new Set<Promise<void>>();
  const tasks: Tasks = {
    add(work) {
      const task = work.catch(onError).finally(() => {
        underWay.delete(task);
        onEnd();
      });
      underWay.add(task);
    },
    get size() {
      return underWay.size;
    },
    oneEnded: () => Promise.race(underWay),
    async allEnded() {
      while (underWay.size > 0) await tasks.oneEnded();
    },
  };
  return tasks;
}
