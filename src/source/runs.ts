// What is owed to the kits: which calls are sent, which wait, and what a bookmark may pass.
import type { JsonObject } from '../core/json.ts';
import type { Message } from '../core/message.ts';
import { endOf } from '../gong/rows.ts';
import type { GongCall } from '../gong/schemas.ts';
import { toRunRow } from '../semarize/rows.ts';
import type { Decision } from '../semarize/submit-item.ts';
import type { CallOutcome } from './call-outcome.ts';
import { isClosed, isEligible, type KitPlan } from './kits.ts';
import type { Pass, Session } from './session.ts';
import { dayMs, hourMs } from './windows.ts';

/** Might any kit still have to be bought for this call of a window? */
export function mayOwe(session: Session, call: GongCall, startedAt: number): boolean {
  const { id } = call.metaData;
  return session.kits.some((kit) => isWanted(session, kit, call, startedAt, 'window') && !isDecided(session, kit, id));
}

/** What is owed is wanted wherever it turns up; else a window asks for what is not closed for good, and nothing else asks. */
function isWanted({ state }: Session, kit: KitPlan, call: GongCall, startedAt: number, pass: Pass): boolean {
  if (!isEligible(kit, call, startedAt)) return false;
  return state.owed.has(call.metaData.id) || (pass === 'window' && !isClosed(kit, startedAt));
}

/** Was it sent before, so that its text is not needed? */
function isDecided(session: Session, kit: KitPlan, callId: string): boolean {
  const known = session.runs?.ledger.find({ callId, kit: kit.code, version: kit.version });
  if (known === undefined || known.status === 'skipped') return false;
  return !(known.status === 'intent' && known.body === undefined);
}

/** A call that is sent to a kit, or would be. */
interface Claim {
  readonly kit: KitPlan;
  readonly outcome: CallOutcome;
  readonly decision: Promise<Decision>;
}

/**
 * Sends what can be sent for the calls of a page, and writes down what is owed: in `owed` when the call's place is behind the
 * kit's bookmark or it waits for time, else by holding the bookmark before it. Yields rows that became ready meanwhile.
 */
export async function* evaluatePage(
  session: Session,
  outcomes: readonly CallOutcome[],
  pass: Pass,
): AsyncGenerator<Message> {
  const { runs, state, counts } = session;
  // The sweep is for rows: it buys nothing, and what was owed stays so.
  if (runs === undefined || pass === 'sweep') return;
  const claims: Claim[] = [];
  const owed = new Set<CallOutcome>();
  // The oldest first, as far as a page tells.
  for (const outcome of outcomes.toSorted((a, b) => a.prepared.startedAt - b.prepared.startedAt)) {
    for (const kit of session.kits) {
      const next = considerKit(session, kit, outcome, pass);
      if (next === 'owed') owed.add(outcome);
      else if (next === 'send') claims.push({ kit, outcome, decision: submit(session, kit, outcome) });
      else if (next === 'no_budget') claims.push({ kit, outcome, decision: Promise.resolve('over_limit') });
    }
  }
  yield* handOnUntil(session, Promise.all(claims.map(({ decision }) => decision)));
  for (const { kit, outcome, decision } of claims) {
    const made = await decision;
    if (made === 'known') counts.runs.alreadyHad += 1;
    if (made !== 'over_limit' && made !== 'stopped') continue;
    counts.runs.waiting += 1;
    const { startedAt } = outcome.prepared;
    const isBehind = kit.state.closedThrough !== null && startedAt < kit.state.closedThrough;
    if (isBehind || pass === 'by_id') owed.add(outcome);
    else kit.blockedAt = Math.min(kit.blockedAt ?? startedAt, startedAt);
  }
  for (const outcome of outcomes) {
    const { call, startedAt } = outcome.prepared;
    const { id } = call.metaData;
    if (owed.has(outcome) || session.returned.has(id)) {
      state.owed.set(id, startedAt);
      // It was looked at just now: this sync does not ask for it by id as well.
      session.touched.add(id);
    } else state.owed.delete(id);
  }
}

function considerKit(
  session: Session,
  kit: KitPlan,
  outcome: CallOutcome,
  pass: Pass,
): 'send' | 'owed' | 'no_budget' | 'nothing' {
  const { call, startedAt, asked } = outcome.prepared;
  if (!isWanted(session, kit, call, startedAt, pass)) return 'nothing';
  const decided = isDecided(session, kit, call.metaData.id);
  if (outcome.transcript === undefined) {
    if (decided) return 'nothing';
    if (mayStillCome(session, call)) return 'owed';
    // The text was not even fetched, since nothing can be bought with it.
    return asked ? 'nothing' : 'no_budget';
  }
  if (endOf(call) + session.config.transcript_settle_hours * hourMs > session.serverNow() && !decided) {
    session.counts.runs.unsettled += 1;
    return 'owed';
  }
  return 'send';
}

/** Is there a transcript to wait for? Sweeps ask for given up ones again; a read without transcripts does not remember those. */
function mayStillCome({ config, selected, serverNow, state }: Session, call: GongCall): boolean {
  const entry = state.transcripts.pending.get(call.metaData.id);
  if (entry === undefined || entry.end === 'none' || entry.end === 'forbidden') return false;
  const days = selected.has('transcripts') ? config.sweep_days : config.transcript_give_up_days;
  return serverNow() - endOf(call) < days * dayMs;
}

function submit(session: Session, kit: KitPlan, outcome: CallOutcome): Promise<Decision> {
  const { evaluator } = session.runs ?? {};
  if (evaluator === undefined || outcome.transcript === undefined) return Promise.resolve('stopped');
  const decision = evaluator.submit({
    callId: outcome.prepared.call.metaData.id,
    startedAt: new Date(outcome.prepared.startedAt).toISOString(),
    text: outcome.transcript.text ?? '',
    transcriptHash: outcome.transcript.transcript_hash,
    kit: kit.code,
    version: kit.version,
    input: kit.input,
  });
  // Awaited later: a failure must not count as unhandled until then.
  decision.catch(() => {});
  return decision;
}

/** Waits for `work` while handing on what becomes ready: the evaluator may be waiting for exactly that. */
async function* handOnUntil(session: Session, work: Promise<unknown>): AsyncGenerator<Message> {
  let isDone = false;
  const done = work.then(() => {
    isDone = true;
  });
  done.catch(() => {});
  for (;;) {
    yield* takeRows(session);
    if (isDone) return;
    if (!session.intentsWait()) await Promise.race([done, session.runs?.evaluator.whenChanged()]);
  }
}

/** Waits for everything under way and hands on its rows. */
export async function* finishRuns(session: Session): AsyncGenerator<Message> {
  const evaluator = session.runs?.evaluator;
  if (evaluator === undefined) return;
  for (;;) {
    yield* takeRows(session);
    if (evaluator.isIdle() || session.signal.aborted) return;
    if (!session.intentsWait()) await evaluator.whenChanged();
  }
}

/** Rows of runs that ended, and, under a host, the state that announces what is about to be sent. */
export async function* takeRows(session: Session): AsyncGenerator<Message> {
  const { runs } = session;
  if (runs === undefined) return;
  for (const entry of runs.evaluator.takeReady()) {
    const now = session.clock.now();
    const row = toRunRow(entry, runs.keyClass, now);
    runs.ledger.rowEmitted(entry);
    yield { type: 'record', stream: 'semarize_runs', row: row as JsonObject, emittedAt: now };
  }
  if (session.intentsWait()) yield* session.announceIntents();
}
