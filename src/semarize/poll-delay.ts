// When to look at a run again: never below a second, growing, never above a quarter of a minute unless the server says so.

/**
 * @param previous milliseconds waited last time; undefined before the first poll
 * @param asked    milliseconds the server asked to wait
 */
export function nextPollDelay(previous: number | undefined, asked: number | undefined): number {
  const own = previous === undefined ? 1000 : Math.min(previous * 1.5, 15_000);
  return Math.max(own, asked ?? 0);
}
