// Is it still worth sending? After some failures in a row Semarize is asked once for something that costs nothing; when it
// answers, creation goes on, and the next row of failures ends it.

export interface Breaker {
  succeeded(): void;
  /** @returns false when creation should end */
  failed(): Promise<boolean>;
}

/**
 * @param limit failures in a row after which creation is in doubt
 * @param probe rejects when the service does not answer
 */
export function createBreaker(limit: number, probe: () => Promise<unknown>): Breaker {
  let inARow = 0;
  let hasProbed = false;
  return {
    succeeded() {
      inARow = 0;
      hasProbed = false;
    },
    async failed() {
      inARow += 1;
      if (inARow < limit) return true;
      if (hasProbed) return false;
      inARow = 0;
      hasProbed = true;
      return await probe().then(
        () => true,
        () => false,
      );
    },
  };
}
