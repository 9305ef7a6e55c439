// One read: windows, then the weekly sweep, then what waits by id; rows, states and statuses as they become due.
import { chunksOf, mapInOrder } from '../core/async-iterables.ts';
import { StoppedError } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import { idsPerRequest } from '../gong/client.ts';
import type { GongCall } from '../gong/schemas.ts';
import type { CallOutcome, PreparedCall } from './call-outcome.ts';
import type { Emitter } from './emitter.ts';
import { factsOf } from './facts.ts';
import { type Listing, listWindow } from './listing.ts';
import { preparePage, toOutcome } from './page.ts';
import { afterTry, dropForgotten, dueCalls } from './pending.ts';
import type { ReadPlan } from './plan-read.ts';
import { evaluatePage, finishRuns, takeRows } from './runs.ts';
import type { Pass, Session } from './session.ts';
import type { StreamName } from './streams.ts';
import { fetchTranscripts } from './transcripts.ts';
import { advance, dayMs, planWindows, safetyMs, type Window } from './windows.ts';

/** Pages whose transcripts are fetched while the one before is emitted. */
const pagesAhead = 2;

/**
 * Yields records and states of the selected streams. When it throws, everything that was read has been yielded before, states
 * included, and the error says why it ended.
 */
export async function* readStreams(session: Session, plan: ReadPlan, emitter: Emitter): AsyncGenerator<Message> {
  let outcome: { error?: unknown } = {};
  try {
    yield* emitter.start();
    yield* decorate(session, emitter, takeRows(session, true));
    yield* readWindows(session, plan, emitter);
    if (plan.sweep !== undefined) yield* readSweep(session, plan.sweep, emitter);
    if (plan.limit === undefined) yield* readById(session, plan.sweep !== undefined, emitter);
    yield* decorate(session, emitter, finishRuns(session));
    if (session.signal.aborted) throw new StoppedError('stopped');
  } catch (error) {
    outcome = { error };
  } finally {
    // Also when the consumer went away: answers in flight are still written to the ledger.
    await session.runs?.evaluator.stop();
  }
  yield* decorate(session, emitter, takeRows(session, false));
  const failure = outcome.error ?? session.runs?.evaluator.failure();
  const incomplete = new Set<StreamName>(
    outcome.error !== undefined ? session.selected : failure === undefined ? [] : ['semarize_runs'],
  );
  yield* emitter.finish(incomplete);
  if (failure !== undefined) throw failure;
}

async function* readWindows(session: Session, plan: ReadPlan, emitter: Emitter): AsyncGenerator<Message> {
  const { state, counts } = session;
  let left = plan.limit ?? Number.POSITIVE_INFINITY;
  let isContiguous = true;
  for (const window of plan.windows) {
    const listing: Listing = { gongTotal: 0, listed: 0 };
    const sighted = new Set<string>();
    for await (const page of preparedPages(session, window, 'window', listing)) {
      const calls = page.slice(0, left);
      left -= calls.length;
      yield* emitPage(session, calls, 'window', sighted, emitter);
      if (left <= 0) return yield* emitter.states();
    }
    counts.calls.gongTotal += listing.gongTotal;
    yield* decorate(session, emitter, finishRuns(session));
    if (session.signal.aborted) throw new StoppedError('stopped');
    isContiguous &&= !isLeftOpen(session, window, listing);
    if (plan.movesBookmarks && isContiguous && hasSeenAnyCall(session)) closeWindow(session, window);
    yield* emitter.states();
  }
  if (!plan.movesBookmarks) return;
  if (!hasSeenAnyCall(session)) {
    session.log(
      'warn',
      'Gong shows no calls. Either there are none since start_date, or the key may not see them: its bookmark stays where it is',
      {
        next_step: 'a Gong technical administrator checks whose calls the owner of the key may see',
      },
    );
    return;
  }
  for (const stream of ['calls', 'transcripts'] as const) {
    if (!session.selected.has(stream)) continue;
    // The first pass has listed all there is: the first sweep is due a week later.
    state[stream].sweptAt ??= session.serverNow();
    if (plan.deepAt !== undefined) state[stream].deepAt = Math.min(plan.deepAt, session.serverNow() - safetyMs);
  }
  for (const kit of session.runs === undefined ? [] : session.kits)
    if (plan.deepAt !== undefined) kit.state.deepAt = Math.min(plan.deepAt, session.serverNow() - safetyMs);
}

/**
 * Does Gong count many more calls in this window than it showed? They may still be processed: the window stays open, once. What it
 * counts the second time, too, it counts for reasons of its own.
 */
function isLeftOpen({ state, log }: Session, window: Window, { gongTotal, listed }: Listing): boolean {
  const gap = gongTotal - listed;
  const { calls } = state;
  const at = calls.closedThrough ?? 0;
  if (gap <= Math.max(largeGap, largeShare * gongTotal) || calls.waitedAt === at) return false;
  calls.waitedAt = at;
  log('warn', 'Gong counts many more calls than it shows: the next sync lists them again', {
    from: new Date(window.from).toISOString(),
    until: new Date(window.until).toISOString(),
    shown: listed,
    counted: gongTotal,
  });
  return true;
}

/** More calls than Gong usually has in the works. */
const largeGap = 20;
const largeShare = 0.05;

/** An empty account and a key that may see nothing look alike: no window closes before any call was ever seen. */
function hasSeenAnyCall({ state, counts }: Session): boolean {
  const bookmarks = [state.calls, state.transcripts, ...state.kits.values()];
  return counts.calls.listed > 0 || bookmarks.some(({ closedThrough }) => closedThrough !== null);
}

function closeWindow(session: Session, window: Window): void {
  const { state, selected } = session;
  const moved = (closedThrough: number | null, until: number) => advance(closedThrough, until, session.serverNow());
  if (selected.has('calls')) state.calls.closedThrough = moved(state.calls.closedThrough, window.until);
  if (selected.has('transcripts'))
    state.transcripts.closedThrough = moved(state.transcripts.closedThrough, window.until);
  for (const kit of session.runs === undefined ? [] : session.kits) {
    if (window.until <= kit.from) continue;
    const until = Math.min(window.until, kit.blockedAt ?? window.until);
    if (kit.state.closedThrough === null || until > kit.state.closedThrough)
      kit.state.closedThrough = moved(kit.state.closedThrough, until);
  }
}

/** Rows of the last months: edits, calls turned private, late calls beyond every look-back. Buys nothing. */
async function* readSweep(session: Session, span: Window, emitter: Emitter): AsyncGenerator<Message> {
  for (const window of planWindows(span.from, span.until)) {
    const listing: Listing = { gongTotal: 0, listed: 0 };
    const sighted = new Set<string>();
    for await (const page of preparedPages(session, window, 'sweep', listing))
      yield* emitPage(session, page, 'sweep', sighted, emitter);
  }
  session.state.calls.sweptAt = session.state.transcripts.sweptAt = session.serverNow();
  const { kits, transcripts } = session.state;
  const forgotten = dropForgotten(transcripts.pending, session.serverNow(), session.config.sweep_days);
  for (const id of forgotten) for (const { owed } of kits.values()) owed.delete(id);
  yield* emitter.states();
}

/** Calls that wait for a transcript or for their evaluation, asked by id. */
async function* readById(session: Session, isSweep: boolean, emitter: Emitter): AsyncGenerator<Message> {
  const { state, touched } = session;
  const due = session.selected.has('transcripts')
    ? dueCalls(state.transcripts.pending, session.serverNow(), isSweep)
    : [];
  const owed =
    (session.runs?.evaluator.left() ?? 0) > 0
      ? session.kits
          .flatMap((kit) => [...kit.state.owed.keys()])
          .filter((id) => !session.selected.has('transcripts') || !state.transcripts.pending.has(id))
      : [];
  const ids = [...new Set([...due, ...owed])].filter((id) => !touched.has(id));
  for (const chunk of chunksOf(ids, idsPerRequest)) {
    const { found, unreadable } = await fetchTranscripts(session.gong, chunk, session.signal);
    session.counts.byId.asked += chunk.length;
    // Calls as well: names of speakers come from their parties, and a row changes with its transcript's status.
    const calls = await session.gong.getCalls(chunk, session.signal);
    const prepared = [...calls.values()].map((call): PreparedCall => {
      const { id } = call.metaData;
      const facts = factsOf(call, owedSince(session, id) ?? 0);
      return { call, facts, asked: true, transcript: found.get(id), unreadable: unreadable.get(id) };
    });
    yield* emitPage(session, prepared, 'by_id', new Set(), emitter);
    for (const id of chunk) if (!calls.has(id)) noteMissing(session, id);
    yield* emitter.states();
  }
}

/** A call that is asked by id and not answered: hidden, or gone. It is asked again, but not for ever. */
function noteMissing({ state, serverNow, config, touched }: Session, id: string): void {
  touched.add(id);
  const entry = state.transcripts.pending.get(id);
  if (entry !== undefined)
    state.transcripts.pending.set(id, afterTry(entry, serverNow(), config.transcript_give_up_days, undefined));
  for (const { owed } of state.kits.values())
    if (serverNow() - (owed.get(id) ?? Number.POSITIVE_INFINITY) > config.sweep_days * dayMs) owed.delete(id);
}

/** Start of a call that is owed to any kit; ms since the epoch. */
function owedSince({ state }: Session, id: string): number | undefined {
  for (const { owed } of state.kits.values()) {
    const startedAt = owed.get(id);
    if (startedAt !== undefined) return startedAt;
  }
  return undefined;
}

function preparedPages(session: Session, window: Window, pass: Pass, listing: Listing): AsyncGenerator<PreparedCall[]> {
  const pages = listWindow(session.gong, window, session.config.workspace_ids, listing, session.log, session.signal);
  return mapInOrder(pages, pagesAhead, ({ calls }: { calls: readonly GongCall[] }) =>
    preparePage(session, calls, pass, window.from),
  );
}

async function* emitPage(
  session: Session,
  prepared: readonly PreparedCall[],
  pass: Pass,
  sighted: Set<string>,
  emitter: Emitter,
): AsyncGenerator<Message> {
  const outcomes: CallOutcome[] = [];
  for (const call of prepared) {
    const { id } = call.facts;
    const outcome = await toOutcome(session, call, pass, sighted.has(id));
    sighted.add(id);
    const now = session.clock.now();
    for (const { stream, row } of outcome.rows) yield* emitter.record(stream, row, now);
    outcomes.push(outcome);
  }
  yield* decorate(session, emitter, evaluatePage(session, outcomes, pass));
  if (emitter.isStateDue()) yield* emitter.states();
  if (session.signal.aborted) throw new StoppedError('stopped');
}

/** Records of runs pass through the emitter, which knows what has to stand before them. */
async function* decorate(
  session: Session,
  emitter: Emitter,
  messages: AsyncIterable<Message>,
): AsyncGenerator<Message> {
  for await (const message of messages) {
    if (message.type !== 'record') yield message;
    else {
      yield* emitter.record('semarize_runs', message.row, message.emittedAt);
      session.crashPoint('CP5');
    }
  }
}
