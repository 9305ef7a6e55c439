// What is owed to the kits: which calls are bought, which wait, and what a bookmark may pass.
import type { JsonObject } from '../core/json.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Message } from '../core/message.ts';
import type { EvaluationItem } from '../semarize/evaluation-entry.ts';
import { toRunRow } from '../semarize/rows.ts';
import type { CallOutcome } from './call-outcome.ts';
import type { Counts } from './completeness.ts';
import type { CallFacts, TranscriptFacts } from './facts.ts';
import type { KitPlan } from './kits.ts';
import { decidePurchase, type Purchase } from './purchase.ts';
import type { Pass, Session } from './session.ts';
import { dayMs, hourMs } from './windows.ts';

/** The decision for a call and a kit, from all that this session knows. */
export function considerPurchase(
  session: Session,
  call: CallFacts,
  transcript: TranscriptFacts,
  kit: KitPlan,
  pass: Pass,
  left: number,
): Purchase {
  const { runs, config } = session;
  const entry = runs?.evaluator.find({ callId: call.id, kit: kit.code, version: kit.version, apart: kit.apart });
  const isOwed = kit.state.owed.has(call.id);
  const waitsForText =
    entry?.status === 'intent' && entry.body === undefined && runs?.evaluator.waitsForText(entry.key) === true;
  const isUnderWay = entry?.status === 'intent' || entry?.status === 'accepted';
  const isOfUnknownVersion =
    isUnderWay && kit.version !== null && entry.version === null && entry.answered === undefined;
  return decidePurchase(
    call,
    transcript,
    { ...kit, lower: Math.max(kit.lower, runs?.ledger.remembersFrom(kit.name) ?? kit.lower) },
    { isOwed, entry, waitsForText, isOfUnknownVersion },
    {
      now: session.serverNow(),
      settleMs: config.transcript_settle_hours * hourMs,
      minChars: config.min_transcript_chars,
      left,
      hasStopped: runs?.evaluator.failure() !== undefined || session.signal.aborted,
      isAsked: pass === 'window',
    },
  );
}

/** Is it worth fetching the text of this call of a window, since a kit would buy it? */
export function mayBuy(session: Session, call: CallFacts): boolean {
  const { runs } = session;
  if (runs === undefined) return false;
  const left = runs.evaluator.left();
  return session.kits.some((kit) => {
    const next = considerPurchase(session, call, { status: 'unknown' }, kit, 'window', left);
    return next.do === 'buy' || next.do === 'resend';
  });
}

/**
 * Buys what can be bought for the calls of a page, and writes down what is owed: in the kit's `owed` when the call's place is behind
 * its bookmark or it waits for time, else by holding the bookmark before it. Yields rows that became ready meanwhile.
 */
export async function* evaluatePage(
  session: Session,
  outcomes: readonly CallOutcome[],
  pass: Pass,
): AsyncGenerator<Message> {
  const { runs, counts } = session;
  // The sweep is for rows: it buys nothing, and what was owed stays so.
  if (runs === undefined || pass === 'sweep') return;
  const { evaluator } = runs;
  // The oldest first, as far as a page tells.
  const ordered = outcomes.toSorted((a, b) => a.prepared.facts.startedAt - b.prepared.facts.startedAt);
  for (const outcome of ordered) {
    const { facts } = outcome.prepared;
    for (const kit of session.kits) {
      const transcript = transcriptFactsOf(session, outcome);
      // A place may have become free after the page was fetched: nothing could be bought then, so the text is not here.
      const left = outcome.transcript === undefined ? 0 : evaluator.left();
      const next = considerPurchase(session, facts, transcript, kit, pass, left);
      if (!outcome.isRepeated) countPurchase(counts.purchases, next);
      if (next.do === 'wait') {
        // It was looked at just now: this sync does not ask for it by id as well.
        session.touched.add(facts.id);
        const isBehind = kit.state.closedThrough !== null && facts.startedAt < kit.state.closedThrough;
        const waitsForTime = next.why !== 'limit' && next.why !== 'stopped';
        if (waitsForTime || isBehind || pass === 'by_id') kit.state.owed.set(facts.id, facts.startedAt);
        else kit.blockedAt = Math.min(kit.blockedAt ?? facts.startedAt, facts.startedAt);
        continue;
      }
      kit.state.owed.delete(facts.id);
      if (outcome.transcript === undefined) continue;
      const item = itemOf(outcome, kit);
      if (next.do === 'buy') evaluator.buy(item, next.attempt);
      else if (next.do === 'resend') evaluator.resend(item);
      else if (next.why === 'short_text')
        await evaluator.skip(item, `transcript of ${item.text.length} characters, under min_transcript_chars`);
    }
    // Texts wait in memory until they are sent.
    while (evaluator.isFull() && !session.signal.aborted) {
      yield* takeRows(session, true);
      if (evaluator.isFull() && !session.mustAnnounce(true)) await evaluator.whenChanged();
    }
  }
  yield* takeRows(session, false);
}

/**
 * A run without a pinned version has told its version: a kit that is pinned to it has what it waited for, and so has each pinned kit
 * when the version stays unsaid. It is said now, since a state does not keep which call was answered by which.
 */
function releasePinned({ state }: Session, { callId, kit, version, answered }: LedgerEntry): void {
  if (version !== null) return;
  for (const [name, { owed }] of state.kits) {
    const [code, pinned] = name.split('@');
    if (code === kit && pinned !== undefined && (answered === undefined || answered === pinned)) owed.delete(callId);
  }
}

/** Adds a decision to the counts. */
export function countPurchase(counts: Counts['purchases'], purchase: Purchase): void {
  if (purchase.do === 'wait') counts.wait[purchase.why] += 1;
  else if (purchase.do === 'skip') counts.skip[purchase.why] += 1;
  else counts[purchase.do] += 1;
}

function itemOf({ prepared, transcript }: CallOutcome, kit: KitPlan): EvaluationItem {
  const { id, startedAt } = prepared.facts;
  return {
    callId: id,
    startedAt: new Date(startedAt).toISOString(),
    text: transcript?.text ?? '',
    transcriptHash: transcript?.transcript_hash ?? '',
    kit: kit.code,
    version: kit.version,
    input: kit.input,
  };
}

function transcriptFactsOf(session: Session, { prepared, transcript, isIncomplete }: CallOutcome): TranscriptFacts {
  if (transcript !== undefined && !isIncomplete)
    return { status: 'available', hash: transcript.transcript_hash, chars: (transcript.text ?? '').length };
  if (mayStillCome(session, prepared.facts)) return { status: 'pending' };
  // The text was not even fetched, since nothing can be bought with it.
  return { status: prepared.asked ? 'none' : 'unknown' };
}

/** Is there a transcript to wait for? Sweeps ask for given up ones again; a read without transcripts does not remember those. */
function mayStillCome({ config, selected, serverNow, state }: Session, { id, endedAt }: CallFacts): boolean {
  const entry = state.transcripts.pending.get(id);
  if (entry === undefined || entry.end === 'none' || entry.end === 'forbidden' || entry.end === 'too_large')
    return false;
  const days = selected.has('transcripts') ? config.sweep_days : config.transcript_give_up_days;
  return serverNow() - endedAt < days * dayMs;
}

/** Waits for everything under way and hands on its rows. */
export async function* finishRuns(session: Session): AsyncGenerator<Message> {
  const evaluator = session.runs?.evaluator;
  if (evaluator === undefined) return;
  for (;;) {
    yield* takeRows(session, true);
    if (evaluator.isIdle() || session.signal.aborted) return;
    if (!session.mustAnnounce(true)) await evaluator.whenChanged();
  }
}

/**
 * Rows of runs that ended, and, under a host, the state that announces what is about to be sent.
 * @param isFlush nothing else is read meanwhile: what waits is announced as soon as there is nothing left to send
 */
export async function* takeRows(session: Session, isFlush: boolean): AsyncGenerator<Message> {
  const { runs } = session;
  if (runs === undefined) return;
  for (const entry of runs.evaluator.takeReady()) {
    const now = session.clock.now();
    const row = toRunRow(entry, runs.keyClass, now);
    runs.ledger.rowEmitted(entry);
    releasePinned(session, entry);
    yield { type: 'record', stream: 'semarize_runs', row: row as JsonObject, emittedAt: now };
  }
  if (session.mustAnnounce(isFlush)) yield* session.announce();
}
