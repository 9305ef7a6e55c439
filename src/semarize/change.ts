// "Something changed": what one side waits for and the other announces.

export interface Change {
  announce(): void;
  /** Resolves at the next announcement. */
  next(): Promise<void>;
}

export function createChange(): Change {
  let wake = () => {};
  let next = new Promise<void>((resolve) => {
    wake = resolve;
  });
  return {
    announce() {
      wake();
      next = new Promise((resolve) => {
        wake = resolve;
      });
    },
    next: () => next,
  };
}
