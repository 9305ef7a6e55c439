// A page of calls → rows: first what has to be fetched for it, then, in order, what is emitted for it.
import type { JsonObject } from '../core/json.ts';
import type { CallRow, TranscriptRow } from '../gong/row-schemas.ts';
import {
  needsUsers,
  startOf,
  type TranscriptStatus,
  toCallRow,
  toTranscriptRow,
  toWithheldTranscriptRow,
} from '../gong/rows.ts';
import type { GongCall } from '../gong/schemas.ts';
import type { CallOutcome, PreparedCall } from './call-outcome.ts';
import { afterTry, type PendingEntry } from './pending.ts';
import { mayOwe } from './runs.ts';
import type { Seen } from './seen.ts';
import type { Pass, Session } from './session.ts';
import type { StreamName } from './streams.ts';
import { fetchTranscripts } from './transcripts.ts';
import { hourMs } from './windows.ts';

/** Is this call kept out by the policy for private calls? */
export function isWithheld(session: Session, call: GongCall): boolean {
  return call.metaData.isPrivate === true && session.config.private_calls !== 'include';
}

/** Left out by the policy. A call that had its row before it turned private keeps one, which says so. */
function isExcluded({ config, state }: Session, { metaData: { id, isPrivate } }: GongCall): boolean {
  return isPrivate === true && config.private_calls === 'exclude' && !state.calls.seen.has(id);
}

/** Fetches the transcripts that this page needs, in one request where possible. */
export async function preparePage(
  session: Session,
  calls: readonly GongCall[],
  pass: Pass,
  fallbackStart: number,
): Promise<PreparedCall[]> {
  const starts = new Map(calls.map((call) => [call, startOf(call) ?? fallbackStart]));
  const ids = new Set(
    calls
      .filter((call) => wantsTranscript(session, call, starts.get(call) ?? fallbackStart, pass))
      .map((call) => call.metaData.id),
  );
  const { found, forbidden } = await fetchTranscripts(session.gong, [...ids], session.signal);
  session.counts.transcripts.asked += ids.size;
  return calls.map((call) => ({
    call,
    startedAt: starts.get(call) ?? fallbackStart,
    asked: ids.has(call.metaData.id),
    transcript: found.get(call.metaData.id),
    forbidden: forbidden.has(call.metaData.id),
  }));
}

function wantsTranscript(session: Session, call: GongCall, startedAt: number, pass: Pass): boolean {
  if (isWithheld(session, call)) return false;
  const { id } = call.metaData;
  const { calls, transcripts } = session.state;
  if (session.selected.has('transcripts')) {
    if (pass === 'window' && startedAt >= session.lower.transcripts) return true;
    if (transcripts.seen.compare(id, withheld) === 'same') return true;
    // Outside its own look-back a transcript is asked for once, when the call turns up late. A transcript that is not
    // remembered may only be forgotten; then the call itself is still known, since sweeps renew the memory of calls.
    const isKnown = transcripts.seen.has(id) || (!transcripts.seen.isComplete() && calls.seen.has(id));
    if (!isKnown && !transcripts.pending.has(id)) return true;
  }
  return pass === 'window' && mayOwe(session, call, startedAt) && session.runs?.evaluator.canCreate() === true;
}

/** Rows of one call, and what its absence of a transcript means. Updates pending, seen and counts. */
export async function toOutcome(session: Session, prepared: PreparedCall, pass: Pass): Promise<CallOutcome> {
  const { call } = prepared;
  const { id, isPrivate } = call.metaData;
  // The sweep does not ask for what waits: that is asked by id afterwards.
  const isWaiting = session.state.transcripts.pending.has(id) || session.state.owed.has(id);
  if (isWaiting && pass !== 'sweep') session.touched.add(id);
  if (isPrivate) session.counts.calls.private += 1;
  const isOut = isExcluded(session, call);
  if (isOut) session.counts.calls.excluded += 1;
  const hasRow = session.selected.has('calls') && !isOut;
  const users = hasRow && needsUsers(call) ? await session.users() : new Map();
  const context = { readAt: session.clock.now(), users };
  // What waits is asked by id, before it is known that the call has turned private.
  const transcript =
    prepared.transcript === undefined || isWithheld(session, call)
      ? undefined
      : toTranscriptRow(call, prepared.transcript, context);
  const status = settleStatus(session, prepared, transcript);
  const rows: { stream: StreamName; row: JsonObject }[] = [];

  if (hasRow) {
    const row: CallRow = toCallRow(call, status, context);
    const content = `${row.content_hash}|${status.status}|${status.reason}`;
    const isListed = pass !== 'window' || prepared.startedAt >= session.lower.calls;
    if (!session.state.calls.seen.has(id)) countLate(session, prepared.startedAt);
    if (isNews(session.state.calls.seen, id, content, isListed, session.counts.calls))
      rows.push({ stream: 'calls', row: row as JsonObject });
  }
  if (session.selected.has('transcripts')) {
    const { seen } = session.state.transcripts;
    if (transcript !== undefined) {
      if (isNews(seen, id, transcript.transcript_hash, true, session.counts.transcripts))
        rows.push({ stream: 'transcripts', row: transcript as JsonObject });
    } else if (isWithheld(session, call) && mayBeStored(seen, id, pass)) {
      // The call has turned private after its words were stored: they are taken out.
      seen.put(id, withheld);
      session.counts.transcripts.withheld += 1;
      rows.push({ stream: 'transcripts', row: toWithheldTranscriptRow(call, context) as JsonObject });
    }
  }
  return { prepared, rows, transcript };
}

/** A call that was not there when its time was read before. A memory that is full does not know. */
function countLate({ state, counts, readBefore, serverNow }: Session, startedAt: number): void {
  if (readBefore === null || startedAt >= readBefore || !state.calls.seen.isComplete()) return;
  counts.calls.late += 1;
  counts.calls.latestHours = Math.max(counts.calls.latestHours, Math.ceil((serverNow() - startedAt) / hourMs));
}

/** Stands in `seen` for a transcript whose words were taken out. */
const withheld = 'withheld';

/** May the destination hold words of this call? In a sweep "never seen" may only mean "forgotten". */
function mayBeStored(seen: Seen, id: string, pass: Pass): boolean {
  const verdict = seen.compare(id, withheld);
  return verdict === 'changed' || (verdict === 'new' && pass === 'sweep' && !seen.isComplete());
}

/**
 * Is this content other than what was emitted last? Outside the stream's own look-back, "never seen" may only mean
 * "forgotten": then it is no news.
 */
function isNews(
  seen: Seen,
  id: string,
  content: string,
  isListed: boolean,
  counts: { new: number; changed: number; unchanged: number },
): boolean {
  const verdict = seen.compare(id, content);
  const isForgotten = verdict === 'new' && !isListed && !seen.isComplete();
  if (verdict === 'same' || isForgotten) {
    counts.unchanged += 1;
    if (verdict === 'same') seen.put(id, content);
    return false;
  }
  seen.put(id, content);
  counts[verdict] += 1;
  return true;
}

/** What is known of the transcript now; keeps the pending list. */
function settleStatus(
  session: Session,
  prepared: PreparedCall,
  transcript: TranscriptRow | undefined,
): TranscriptStatus {
  const { call, asked, forbidden, startedAt } = prepared;
  const { id, language } = call.metaData;
  const { pending, seen, closedThrough } = session.state.transcripts;
  if (isWithheld(session, call)) {
    pending.delete(id);
    return { status: 'private', reason: 'the call is private' };
  }
  if (transcript !== undefined) {
    pending.delete(id);
    return { status: 'available', reason: null };
  }
  if (asked) {
    session.touched.add(id);
    const entry = afterTry(pending.get(id), session.serverNow(), session.config.transcript_give_up_days, language);
    pending.set(id, forbidden ? { ...entry, nextTry: 0, end: 'forbidden' } : entry);
  }
  // Stored words stay what they are when an answer leaves the call out; it is asked again all the same.
  if (seen.compare(id, withheld) === 'changed') return { status: 'available', reason: null };
  const entry = pending.get(id);
  if (entry !== undefined) return statusOf(entry, session.config.transcript_give_up_days);
  const isForgotten = !seen.isComplete() && closedThrough !== null && startedAt < closedThrough;
  if (isForgotten) return { status: 'available', reason: null };
  return { status: 'not_requested', reason: 'the stream transcripts is not selected' };
}

function statusOf(entry: PendingEntry, giveUpDays: number): TranscriptStatus {
  switch (entry.end) {
    case undefined:
      return { status: 'pending', reason: 'Gong has no transcript yet' };
    case 'none':
      return { status: 'none', reason: 'no speech, or a language that Gong does not transcribe' };
    case 'forbidden':
      return { status: 'forbidden', reason: 'Gong refuses this key the transcript' };
    case 'gave_up':
      return { status: 'gave_up', reason: `no transcript after ${giveUpDays} days` };
  }
}
