// Which spans of time a sync lists, planned without I/O. Gong filters by the start of a call and shows calls hours later:
// so a bookmark is the end of a closed window, never the newest call, and every sync looks back.

/** Half-open, milliseconds since the epoch. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Gong's clock minus this: calls that start this moment are left to the next sync. */
export const safetyMs = 5 * minuteMs;
/** Longest window that is listed in one go. */
const longestMs = 30 * dayMs;

/** Where one bookmark's listing starts. */
export interface BookmarkSpan {
  /** End of the contiguous closed windows; null before the first. */
  readonly closedThrough: number | null;
  /** Nothing before this is wanted; a bookmark that was there first wins, so that no gap opens. */
  readonly start: number;
  /**
   * For a look-back that is not made at each sync: when it was last made. It reaches back from there, so that what appears
   * between two of them is found however late in its time it appears.
   */
  readonly lookedBackAt?: number | null;
}

export function lowerBound({ closedThrough, start, lookedBackAt }: BookmarkSpan, lookbackMs: number): number {
  if (closedThrough === null) return start;
  const from = Math.min(closedThrough, lookedBackAt ?? closedThrough) - lookbackMs;
  return Math.max(Math.min(start, closedThrough), from);
}

/** Contiguous windows of at most 30 days, oldest first; none when `until` is not after `from`. */
export function planWindows(from: number, until: number, longest = longestMs): Window[] {
  const windows: Window[] = [];
  for (let at = from; at < until; at += longest) windows.push({ from: at, until: Math.min(at + longest, until) });
  return windows;
}

/** The two halves of a window; undefined when it is too short to be cut. */
export function halve({ from, until }: Window): [Window, Window] | undefined {
  if (until - from < 2 * minuteMs) return undefined;
  const middle = Math.floor((from + until) / 2);
  return [
    { from, until: middle },
    { from: middle, until },
  ];
}

/** Is something that was last done at `at` due again? */
export function isDue(at: number | null, everyMs: number, now: number): boolean {
  return at === null || now - at >= everyMs;
}

/** `moved` is the furthest a bookmark may go: a bookmark never goes back, and never into the last five minutes. */
export function advance(closedThrough: number | null, moved: number, serverNow: number): number {
  const limited = Math.min(moved, serverNow - safetyMs);
  return closedThrough === null ? limited : Math.max(closedThrough, limited);
}
