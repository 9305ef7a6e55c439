// The paid-POST protocol: intent (durable) → POST with a deterministic key and stored bytes → run id (durable) → poll →
// result (durable) → row. Whatever crashes, times out or runs twice, one evaluation is bought once.
//
// `evaluate` below is the whole life of one item, from top to bottom. Whether an item is to be bought at all is decided before it comes
// here (source/purchase.ts); from here on it is only sent, or given back.
import { mapInOrder } from '../core/async-iterables.ts';
import { type ConnectorError, StoppedError, toConnectorError } from '../core/errors.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import { createBreaker } from './breaker.ts';
import { createChange } from './change.ts';
import { buildIntent, type EvaluationItem, toFrozen, toSkipped } from './evaluation-entry.ts';
import type { Evaluator, EvaluatorOptions } from './evaluator.ts';
import { createEvaluatorCounts } from './evaluator-counts.ts';
import { type Followed, followAnswer, pollAgain, type TerminalEntry } from './follow-run.ts';
import { createIntents } from './intents.ts';
import { createOnTheWay } from './on-the-way.ts';
import { createRenewal } from './renew-intent.ts';
import { runSchema } from './schemas.ts';
import { createSemaphore, type Semaphore } from './semaphore.ts';
import { sendIntent } from './send-intent.ts';
import { createStopSignals, unlessHalted } from './stop-signals.ts';
import { createTasks } from './tasks.ts';

/** Failures in a row after which creation is in doubt. */
const breakerLimit = 3;
/** Items that wait with their texts in memory. */
const mostQueued = 64;
/** Runs of earlier syncs that are looked at side by side. */
const pollers = 32;

export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { client, ledger, clock, log, crashPoint } = options;
  const counts = createEvaluatorCounts();
  const change = createChange();
  const ready: TerminalEntry[] = [];
  const onTheWay = createOnTheWay();
  /** Intents without their bytes that may be sent again, by key. */
  const textless = new Map<string, LedgerEntry>();
  /** Keys that were bought, are being bought, or may have been. */
  let spent = 0;
  let announced = 0;
  let failure: ConnectorError | undefined;

  const signals = createStopSignals(options.signal, change.announce);
  const ahead = createSemaphore(Math.max(options.concurrency, ledger.intentsAhead));
  const slots = createSemaphore(options.concurrency);
  const intents = createIntents(async (entries) => {
    crashPoint('CP0');
    await options.beforePosts();
    await record(...entries);
    crashPoint('CP1');
  });
  const underWay = createTasks(onError, change.announce);
  const breaker = createBreaker(Math.min(options.concurrency, breakerLimit), () => client.listRuns(1, signals.giveUp));
  const follow = { client, record, clock, log, crashPoint, ...signals };
  const renew = createRenewal({ client, ledger, clock, log, record, counts, halt: signals.halt });

  /** The life of one item. @param wasSent an earlier sync may have sent it */
  async function evaluate(entry: LedgerEntry, wasSent: boolean): Promise<void> {
    await held(ahead, async () => {
      if (!mayCreate()) return giveBack(entry, wasSent);
      try {
        await unlessHalted(intents.write(entry), signals.halt).finally(() => onTheWay.remove(entry));
      } catch (error) {
        // A host's reader may have gone without emitting the state: then nobody will ever say that it is durable.
        if (error instanceof StoppedError) await takeBack(entry, wasSent);
        else giveBack(entry, wasSent);
        throw error;
      }
      announced += 1;
      await held(slots, async () => {
        announced -= 1;
        if (!mayCreate()) return await takeBack(entry, wasSent);
        if (!wasSent) counts.open += 1;
        const posted = await sendIntent(entry, wasSent, follow);
        switch (posted.end) {
          case 'accepted':
            breaker.succeeded();
            if (!wasSent) counts.bought += 1;
            return await settle(entry, await followAnswer(entry, posted.answer, follow), !wasSent);
          case 'frozen':
            breaker.succeeded();
            if (posted.isConflict) counts.conflicts += 1;
            else if (!wasSent) counts.unanswered += 1;
            counts.open -= 1;
            counts.frozen += 1;
            // Of a key that is used up nothing was bought; of one that was sent before nobody knows.
            if (posted.isConflict) spent -= 1;
            return;
          case 'refused':
            breaker.succeeded();
            counts.open -= 1;
            counts.refused += 1;
            spent -= 1;
            return;
          case 'returned':
            counts.open -= 1;
            counts.refused += 1;
            spent -= 1;
            options.onReturned(entry);
            return stopCreating(posted.problem);
          case 'unsent':
            counts.open -= 1;
            return await takeBack(entry, wasSent);
          case 'unanswered': {
            if (!wasSent) counts.unanswered += 1;
            const { problem } = posted;
            if (problem === undefined) return;
            if (problem.area !== 'service' || !(await breaker.failed())) stopCreating(problem);
          }
        }
      });
    });
  }

  /** An error ends creation before the next one gets the place. */
  function held(places: Semaphore, work: () => Promise<void>): Promise<void> {
    return places.hold(async () => {
      try {
        await work();
      } catch (error) {
        onError(error);
        throw error;
      }
    });
  }

  /** It was not even written down. */
  function giveBack(entry: LedgerEntry, wasSent: boolean): void {
    onTheWay.remove(entry);
    spent -= 1;
    if (!wasSent) options.onReturned(entry);
  }

  /** Creation has ended between the intent and its POST. */
  async function takeBack(entry: LedgerEntry, wasSent: boolean): Promise<void> {
    spent -= 1;
    if (wasSent) return;
    options.onReturned(entry);
    await record(toSkipped(entry, 'not sent: creation had ended'));
  }

  /** @param isOurs it was bought in this sync */
  async function settle(entry: LedgerEntry, followed: Followed, isOurs: boolean): Promise<void> {
    if (followed.end === 'open') {
      const { problem } = followed;
      if (problem !== undefined && problem.area !== 'service') stopCreating(problem);
      return;
    }
    counts.open -= 1;
    if (followed.end === 'lost') {
      counts.lost += 1;
      return;
    }
    counts.ended(followed.run, entry, isOurs);
    ready.push(followed.entry);
    change.announce();
  }

  function mayCreate(): boolean {
    return !signals.halt.aborted && failure === undefined;
  }

  function stopCreating(error: ConnectorError): void {
    failure ??= error;
    change.announce();
  }

  function onError(error: unknown): void {
    if (!(error instanceof StoppedError)) stopCreating(toConnectorError(error));
  }

  /** Under a host a write waits until the state that holds it is emitted: whoever emits must hear of it. */
  function record(...entries: LedgerEntry[]): Promise<void> {
    const written = ledger.write(entries);
    change.announce();
    return written;
  }

  function start(entry: LedgerEntry, wasSent: boolean): void {
    spent += 1;
    onTheWay.add(entry);
    underWay.add(evaluate(entry, wasSent));
  }

  function intentOf(item: EvaluationItem, attempt: number): LedgerEntry & { body: string } {
    return buildIntent(item, attempt, options.workspaceLabel, options.keyClass, clock.now());
  }

  /** Runs of earlier syncs, some at a time. */
  async function pollAll(accepted: readonly LedgerEntry[]): Promise<void> {
    const followed = mapInOrder(accepted, pollers, async (entry) => {
      await settle(entry, await pollAgain(entry, follow), false);
    });
    for await (const _ of followed);
  }

  const left = () => (mayCreate() ? Math.max(0, options.maxRuns - spent) : 0);

  return {
    async resume() {
      const open = [...ledger.open()];
      counts.before = open.length;
      for (const entry of open) {
        if (entry.status === 'frozen') counts.frozen += 1;
        else if (entry.status === 'lost') counts.lost += 1;
        else if (entry.result === undefined) counts.open += 1;
        else {
          counts.ended(runSchema.parse(entry.result), entry, false);
          ready.push({ ...entry, result: entry.result });
        }
      }
      underWay.add(pollAll(open.filter(({ status }) => status === 'accepted')));
      for (const intent of open) {
        if (intent.status !== 'intent') continue;
        const entry = await renew(intent);
        // The same bytes under the same key: the answer is the original run if it was accepted.
        if (entry?.body === undefined) {
          if (entry !== undefined) textless.set(entry.key, entry);
        } else if (left() > 0) start(entry, true);
      }
      change.announce();
      return [...textless.values()];
    },

    find: (question) => onTheWay.find(question) ?? ledger.find(question),
    left,
    buy(item, attempt) {
      start(intentOf(item, attempt), false);
    },
    waitsForText: (key) => textless.has(key),
    resend(item) {
      const known = ledger.find(item);
      const entry = known === undefined ? undefined : textless.get(known.key);
      if (entry === undefined) return true;
      const { body, bodySha256 } = intentOf({ ...item, version: entry.version }, entry.attempt);
      textless.delete(entry.key);
      if (bodySha256 === entry.bodySha256) {
        start({ ...entry, body }, true);
        return true;
      }
      counts.open -= 1;
      counts.frozen += 1;
      underWay.add(record(toFrozen(entry, 'sent without an answer, and its text has changed since')));
      return false;
    },
    async skip(item, reason) {
      const known = ledger.find(item);
      if (known?.reason !== reason) await record(toSkipped(intentOf(item, known?.attempt ?? 1), reason));
    },
    takeReady: () => ready.splice(0),
    async whenChanged() {
      if (ready.length === 0) await change.next();
    },
    isIdle: () => underWay.size === 0 && ready.length === 0,
    isFull: () => ahead.queue >= mostQueued,
    isStarved: () => announced === 0 && slots.free > 0,
    async stop() {
      signals.stop();
      await underWay.allEnded();
    },
    counts: () => counts,
    failure: () => failure,
  };
}
