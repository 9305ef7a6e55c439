// A page of calls → rows: first what has to be fetched for it, then, in order, what is emitted for it.
import type { JsonObject } from '../core/json.ts';
import { lostInCall, lostInTranscript } from '../gong/damage.ts';
import type { CallRow, TranscriptRow } from '../gong/row-schemas.ts';
import {
  needsUsers,
  type TranscriptStatus,
  toCallRow,
  toTranscriptRow,
  toWithheldTranscriptRow,
} from '../gong/rows.ts';
import type { GongCall } from '../gong/schemas.ts';
import type { CallOutcome, PreparedCall } from './call-outcome.ts';
import { type CallFacts, factsOf } from './facts.ts';
import { isOwed } from './kits.ts';
import { afterTry, type PendingEntry } from './pending.ts';
import { mayBuy } from './runs.ts';
import { countsOf, type Pass, type Session } from './session.ts';
import type { StreamName } from './streams.ts';
import { fetchTranscripts } from './transcripts.ts';
import { hourMs } from './windows.ts';

/** Is this call kept out by the policy for private calls? */
function isWithheld({ config }: Session, { isPrivate }: CallFacts): boolean {
  return isPrivate && config.private_calls !== 'include';
}

/** Left out by the policy. A call that had its row before it turned private keeps one, which says so. */
function isExcluded(session: Session, facts: CallFacts): boolean {
  return facts.isPrivate && session.config.private_calls === 'exclude' && isUnknown(session, 'calls', facts) === 'new';
}

/** A memory that is full does not know whether what it does not hold is new, or was forgotten; behind the bookmark nothing was. */
function isUnknown(
  { state, readThrough }: Session,
  stream: 'calls' | 'transcripts',
  { id, startedAt }: CallFacts,
): 'new' | 'perhaps' | undefined {
  const { seen } = state[stream];
  if (seen.has(id)) return undefined;
  const through = readThrough[stream];
  return seen.isComplete() || through === null || startedAt >= through ? 'new' : 'perhaps';
}

/** Fetches the transcripts that this page needs, in one request where possible. */
export async function preparePage(
  session: Session,
  calls: readonly GongCall[],
  pass: Pass,
  fallbackStart: number,
): Promise<PreparedCall[]> {
  const known = calls.map((call) => ({ call, facts: factsOf(call, fallbackStart) }));
  const ids = new Set(known.filter(({ facts }) => wantsTranscript(session, facts, pass)).map(({ facts }) => facts.id));
  const { found, unreadable } = await fetchTranscripts(session.gong, [...ids], session.signal);
  return known.map(({ call, facts }) => ({
    call,
    facts,
    asked: ids.has(facts.id),
    transcript: found.get(facts.id),
    unreadable: unreadable.get(facts.id),
  }));
}

function wantsTranscript(session: Session, call: CallFacts, pass: Pass): boolean {
  if (isWithheld(session, call)) return false;
  const { id, startedAt } = call;
  const { transcripts } = session.state;
  if (session.selected.has('transcripts')) {
    if (pass === 'window' && startedAt >= session.lower.transcripts) return true;
    // Words that were taken out may be given again.
    if (transcripts.seen.compare(id, withheld) === 'same') return true;
    // Outside its own look-back a transcript is asked for when its call turns up late, or may have been forgotten.
    if (isUnknown(session, 'transcripts', call) !== undefined && !transcripts.pending.has(id)) return true;
  }
  return pass === 'window' && mayBuy(session, call);
}

/** Rows of one call, and what its absence of a transcript means. Updates pending, seen and counts. */
export async function toOutcome(
  session: Session,
  prepared: PreparedCall,
  pass: Pass,
  isRepeated: boolean,
): Promise<CallOutcome> {
  const { call, facts } = prepared;
  const { id } = facts;
  // The sweep does not ask for what waits: that is asked by id afterwards.
  const isWaiting = session.state.transcripts.pending.has(id) || isOwed(session.state, id);
  if (isWaiting && pass !== 'sweep') session.touched.add(id);
  const isOut = isExcluded(session, facts);
  const hasRow = session.selected.has('calls') && !isOut;
  const users = hasRow && needsUsers(call) ? await session.users() : new Map();
  const context = { readAt: session.clock.now(), users };
  // What waits is asked by id, before it is known that the call has turned private.
  const transcript =
    prepared.transcript === undefined || isWithheld(session, facts)
      ? undefined
      : toTranscriptRow(call, prepared.transcript, context);
  const lost =
    transcript === undefined || prepared.transcript === undefined ? 0 : lostInTranscript(prepared.transcript);
  const status = settleStatus(session, prepared, transcript, lost);
  if (!isRepeated) noteLost(session, id, hasRow ? lostInCall(call) : 0, lost);
  const rows: { stream: StreamName; row: JsonObject }[] = [];

  let verdict: News | undefined;
  if (hasRow) {
    const row: CallRow = toCallRow(call, status, context);
    const content = contentOf(row);
    const isKept = facts.startedAt >= session.lower.calls;
    if (isUnknown(session, 'calls', facts) === 'new') countLate(session, facts.startedAt);
    verdict = toNews(session, 'calls', facts, content, isKept);
    if (verdict !== 'unchanged') rows.push({ stream: 'calls', row: row as JsonObject });
  }
  if (!isRepeated) {
    const counts = countsOf(session, pass);
    counts.listed += 1;
    counts[isOut ? 'excluded' : facts.isPrivate ? 'private' : (verdict ?? 'unselected')] += 1;
  }
  if (session.selected.has('transcripts'))
    rows.push(...transcriptRows(session, prepared, transcript, context, isRepeated));
  return { prepared, isRepeated, rows, transcript, isIncomplete: lost > 0 };
}

/** What of a call's row makes it another one when it changes; compared with what a destination holds, too. */
export function contentOf(
  row: Pick<CallRow, 'content_hash' | 'transcript_status' | 'transcript_status_reason'>,
): string {
  return `${row.content_hash}|${row.transcript_status}|${row.transcript_status_reason}`;
}

function transcriptRows(
  session: Session,
  { call, facts, asked }: PreparedCall,
  transcript: TranscriptRow | undefined,
  context: Parameters<typeof toWithheldTranscriptRow>[1],
  isRepeated: boolean,
): { stream: StreamName; row: JsonObject }[] {
  const { seen } = session.state.transcripts;
  const { transcripts: counts } = session.counts;
  const { id } = facts;
  if (asked && !isRepeated) counts.asked += 1;
  if (transcript !== undefined) {
    const isKept = facts.startedAt >= session.lower.transcripts;
    const verdict = toNews(session, 'transcripts', facts, transcript.transcript_hash, isKept);
    // Sent again without need is no news to anybody.
    if (asked && !isRepeated) counts[verdict === 'again' ? 'unchanged' : verdict] += 1;
    return verdict === 'unchanged' ? [] : [{ stream: 'transcripts', row: transcript as JsonObject }];
  }
  if (asked && !isRepeated) counts.missing += 1;
  // The call is private now: if its words may be stored, they are taken out.
  const isStored = seen.compare(id, withheld) === 'changed' || isUnknown(session, 'transcripts', facts) === 'perhaps';
  if (!isWithheld(session, facts) || !isStored) return [];
  seen.put(id, withheld);
  counts.withheld += 1;
  return [{ stream: 'transcripts', row: toWithheldTranscriptRow(call, context) as JsonObject }];
}

/** A call that was not there when its time was read before. */
function countLate({ counts, readBefore, serverNow }: Session, startedAt: number): void {
  if (readBefore === null || startedAt >= readBefore) return;
  counts.calls.late += 1;
  counts.calls.latestHours = Math.max(counts.calls.latestHours, Math.ceil((serverNow() - startedAt) / hourMs));
}

/** Stands in `seen` for a transcript whose words were taken out. */
export const withheld = 'withheld';

type News = 'new' | 'changed' | 'unchanged' | 'again';

/** Is this content other than what was emitted last? What may only be forgotten is emitted again: a row costs nothing. */
function toNews(
  session: Session,
  stream: 'calls' | 'transcripts',
  facts: CallFacts,
  content: string,
  isKept: boolean,
): News {
  const { seen } = session.state[stream];
  const { id } = facts;
  const isDoubtful = isUnknown(session, stream, facts) === 'perhaps';
  const verdict = seen.compare(id, content);
  seen.put(id, content, isKept);
  if (isDoubtful) return 'again';
  return verdict === 'same' ? 'unchanged' : verdict;
}

/** @param parts elements of the call, @param words elements of its transcript that are of a form that Gong does not document */
function noteLost({ counts: { damaged }, log }: Session, id: string, parts: number, words: number): void {
  if (parts + words === 0) return;
  damaged.calls += 1;
  damaged.parts += parts;
  damaged.words += words;
  if (damaged.calls > mostNamed) return;
  log('warn', `Parts of call ${id} are of a form that Gong does not document and are left out`, {
    call_id: id,
    parts_of_call: parts,
    parts_of_transcript: words,
  });
}

/** So many calls are named one by one; beyond, they are only counted. */
const mostNamed = 20;

/** What is known of the transcript now; keeps the pending list. */
function settleStatus(
  session: Session,
  prepared: PreparedCall,
  transcript: TranscriptRow | undefined,
  lost: number,
): TranscriptStatus {
  const { asked, unreadable, facts } = prepared;
  const { id, language, startedAt } = facts;
  const { pending, seen, closedThrough } = session.state.transcripts;
  if (isWithheld(session, facts)) {
    pending.delete(id);
    return { status: 'private', reason: 'the call is private' };
  }
  if (transcript !== undefined && lost === 0) {
    pending.delete(id);
    return { status: 'available', reason: null };
  }
  if (asked) {
    session.touched.add(id);
    const entry = afterTry(pending.get(id), session.serverNow(), session.config.transcript_give_up_days, language);
    pending.set(id, unreadable === undefined ? entry : { ...entry, nextTry: 0, end: unreadable });
  }
  if (transcript !== undefined)
    return { status: 'available', reason: `${lost} parts of it cannot be read: it is not evaluated` };
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
    case 'too_large':
      return { status: 'too_large', reason: 'its transcript is larger than 64 MiB' };
    case 'gave_up':
      return { status: 'gave_up', reason: `no transcript after ${giveUpDays} days` };
  }
}
