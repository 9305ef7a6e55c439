// The completeness report of one read, from its counts and states.
import type { JsonObject } from '../core/json.ts';
import { type Completeness, toReport } from './completeness.ts';
import type { Session } from './session.ts';
import { hourMs } from './windows.ts';

export function buildReport(session: Session, maxRuns: number, usage: { today: number; total: number }): JsonObject {
  const { state, counts, runs, config } = session;
  const pending = [...state.transcripts.pending.values()];
  const open = pending.filter(({ nextTry }) => nextTry > 0);
  const oldest = Math.min(...open.map(({ firstSeen }) => firstSeen));
  const ended = (end: string) => pending.filter((entry) => entry.end === end).length;
  const evaluated = runs?.evaluator.counts();
  // Owed calls that were not even looked at, since nothing could be bought.
  const untouched = [...state.owed.keys()].filter(
    (id) => !session.touched.has(id) && !state.transcripts.pending.has(id),
  );
  const closed = [state.calls.closedThrough, state.transcripts.closedThrough].filter((at) => at !== null);
  const completeness: Completeness = {
    calls: counts.calls,
    transcripts: {
      ...counts.transcripts,
      pending: open.length,
      oldestPendingHours: open.length === 0 ? null : Math.round((session.serverNow() - oldest) / hourMs),
      none: ended('none'),
      gaveUp: ended('gave_up'),
      forbidden: ended('forbidden'),
    },
    runs: {
      ...counts.runs,
      waiting: counts.runs.waiting + untouched.length,
      offered: runs !== undefined,
      bought: evaluated?.posted ?? 0,
      succeeded: evaluated?.succeeded ?? 0,
      failed: evaluated?.failed ?? 0,
      collected: evaluated?.collected ?? 0,
      skipped: evaluated?.skipped ?? 0,
      frozen: evaluated?.frozen ?? 0,
      lost: evaluated?.lost ?? 0,
      open: evaluated?.open ?? 0,
      limit: maxRuns,
    },
    closedThrough: closed.length === 0 ? null : new Date(Math.min(...closed)).toISOString(),
    gongRequests: { today: usage.today, thisSync: usage.total, perDay: config.gong_requests_per_day },
  };
  return toReport(completeness);
}
