// Calls without a transcript: when to ask again, and when to stop asking.

/** First seen (ms since the epoch), tries made, next try (0 = not asked for any more but in a sweep, see `end`). */
export interface PendingEntry {
  readonly firstSeen: number;
  readonly tries: number;
  readonly nextTry: number;
  /** How it ended: `none` nothing was said or the language is not supported. */
  readonly end?: 'gave_up' | 'none' | 'forbidden' | 'too_large';
}

export type PendingCalls = Map<string, PendingEntry>;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Languages in which Gong makes no transcript: too little speech, and unsupported. */
const silentLanguages = new Set(['zxx', 'und']);

/**
 * The entry after one more try without an answer: each sync in the first day, then hourly, from day 3 daily.
 * @param now milliseconds since the epoch
 */
export function afterTry(
  entry: PendingEntry | undefined,
  now: number,
  giveUpDays: number,
  language: string | null | undefined,
): PendingEntry {
  const firstSeen = entry?.firstSeen ?? now;
  const tries = (entry?.tries ?? 0) + 1;
  const age = now - firstSeen;
  if (age >= giveUpDays * dayMs && tries > 1) {
    const end = language !== undefined && silentLanguages.has(language ?? '') ? 'none' : (entry?.end ?? 'gave_up');
    return { firstSeen, tries, nextTry: 0, end };
  }
  const wait = age < dayMs ? 0 : age < 3 * dayMs ? hourMs : dayMs;
  return { firstSeen, tries, nextTry: now + wait };
}

/** Ids to ask now: those that are due, and in a sweep those that were given up. */
export function dueCalls(pending: PendingCalls, now: number, isSweep: boolean): string[] {
  return [...pending].filter(([, { nextTry }]) => (nextTry === 0 ? isSweep : nextTry <= now)).map(([id]) => id);
}

/** Forgets what was given up longer ago than sweeps reach. @returns their ids. */
export function dropForgotten(pending: PendingCalls, now: number, sweepDays: number): string[] {
  const forgotten = [...pending]
    .filter(([, { nextTry, firstSeen }]) => nextTry === 0 && now - firstSeen > sweepDays * dayMs)
    .map(([id]) => id);
  for (const id of forgotten) pending.delete(id);
  return forgotten;
}
