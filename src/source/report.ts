// The completeness report of one read, from its counts and states.
import type { JsonObject } from '../core/json.ts';
import { type Completeness, toReport } from './completeness.ts';
import type { Session } from './session.ts';
import { hourMs } from './windows.ts';

/** @param unknownRuns at Semarize, as far as anybody looked */
export function buildReport(
  session: Session,
  maxRuns: number,
  usage: { today: number; total: number },
  unknownRuns: number | null,
): JsonObject {
  const { state, counts, runs, config } = session;
  const pending = [...state.transcripts.pending.values()];
  const open = pending.filter(({ nextTry }) => nextTry > 0);
  const oldest = Math.min(...open.map(({ firstSeen }) => firstSeen));
  const ended = (end: string) => pending.filter((entry) => entry.end === end).length;
  const evaluated = runs?.evaluator.counts();
  const closed = [state.calls.closedThrough, state.transcripts.closedThrough].filter((at) => at !== null);
  const { limit, stopped } = counts.purchases.wait;
  const completeness: Completeness = {
    calls: counts.calls,
    swept: counts.swept,
    byId: counts.byId,
    transcripts: {
      ...counts.transcripts,
      pending: open.length,
      oldestPendingHours: open.length === 0 ? null : Math.round((session.serverNow() - oldest) / hourMs),
      none: ended('none'),
      gaveUp: ended('gave_up'),
      forbidden: ended('forbidden'),
      tooLarge: ended('too_large'),
    },
    damaged: counts.damaged,
    purchases: counts.purchases,
    runs: {
      offered: runs !== undefined,
      before: evaluated?.before ?? 0,
      bought: evaluated?.bought ?? 0,
      refused: evaluated?.refused ?? 0,
      unanswered: evaluated?.unanswered ?? 0,
      conflicts: evaluated?.conflicts ?? 0,
      succeeded: evaluated?.succeeded ?? 0,
      failed: evaluated?.failed ?? 0,
      cancelled: evaluated?.cancelled ?? 0,
      collected: evaluated?.collected ?? 0,
      open: evaluated?.open ?? 0,
      frozen: evaluated?.frozen ?? 0,
      lost: evaluated?.lost ?? 0,
      waiting: limit + stopped + countUntouched(session),
      limit: maxRuns,
      unknown: unknownRuns,
    },
    closedThrough: closed.length === 0 ? null : new Date(Math.min(...closed)).toISOString(),
    gongRequests: { today: usage.today, thisSync: usage.total, perDay: config.gong_requests_per_day },
  };
  return toReport(completeness);
}

/** Owed to a kit of this sync and not even looked at, since nothing could be bought. */
function countUntouched({ kits, state, touched }: Session): number {
  let untouched = 0;
  for (const kit of kits)
    for (const id of kit.state.owed.keys()) if (!touched.has(id) && !state.transcripts.pending.has(id)) untouched += 1;
  return untouched;
}
