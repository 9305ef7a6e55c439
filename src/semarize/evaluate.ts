// The paid-POST protocol: intent (durable) → POST with a deterministic key and stored bytes → run id (durable) → poll →
// result (durable) → row. Whatever crashes, times out or runs twice, one evaluation is bought once.
import { mapInOrder } from '../core/async-iterables.ts';
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import { type ConnectorError, StoppedError, toConnectorError } from '../core/errors.ts';
import type { Ledger, LedgerEntry } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import { createBreaker } from './breaker.ts';
import { createChange } from './change.ts';
import type { SemarizeClient } from './client.ts';
import { createCreationQueue, type Outgoing } from './creation-queue.ts';
import { buildIntent, type EvaluationItem, toSkipped } from './evaluation-entry.ts';
import { createEvaluatorCounts, type EvaluatorCounts } from './evaluator-counts.ts';
import { pollAgain, type TerminalEntry } from './follow-run.ts';
import { createRenewal } from './renew-intent.ts';
import type { KeyClass } from './run-body.ts';
import { type Sent, sendIntent } from './send-intent.ts';
import { createStopSignals } from './stop-signals.ts';
import { createSubmission, type Decision } from './submit-item.ts';
import { createTasks } from './tasks.ts';

export interface EvaluatorOptions {
  readonly client: SemarizeClient;
  readonly ledger: Ledger;
  readonly workspaceLabel: string;
  readonly keyClass: KeyClass;
  /** Most distinct keys that are POSTed. */
  readonly maxRuns: number;
  readonly minTranscriptChars: number;
  /** Runs of this sync under way at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly crashPoint: CrashPoint;
  /** Fired: nothing more is created or polled; answers in flight are awaited for a grace period. */
  readonly signal: AbortSignal;
  /** An item that had an intent was certainly not bought, for a reason that may pass: it is free again, and owed. */
  readonly onReturned: (entry: LedgerEntry) => void;
  /** Called before each chunk of POSTs; throws when the sync has lost its lock. */
  readonly beforePosts: () => Promise<void>;
}

export interface Evaluator {
  /**
   * Takes up what earlier syncs left open. Call once, before the first `submit`.
   * @returns items whose call has to be read again: a host's state holds no text.
   */
  resume(): Promise<LedgerEntry[]>;
  /** Resolves `sent` only when the intent is durable: a bookmark may then pass the call. */
  submit(item: EvaluationItem): Promise<Decision>;
  /** May anything still be bought? */
  canCreate(): boolean;
  /** Terminal entries that became ready since the last call; each is handed on once. */
  takeReady(): TerminalEntry[];
  /** Resolves when something is ready, was written to the ledger, or ended. */
  whenChanged(): Promise<void>;
  isIdle(): boolean;
  /** Ends creation and polling, and waits for answers in flight. */
  stop(): Promise<void>;
  counts(): EvaluatorCounts;
  /** Why creation ended early, when it did. */
  failure(): ConnectorError | undefined;
}

/** Failures in a row after which creation is in doubt. */
const breakerLimit = 3;
/** Runs of earlier syncs that are looked at side by side. */
const pollers = 32;

export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { client, ledger, clock, log, crashPoint } = options;
  const counts = createEvaluatorCounts();
  const change = createChange();
  const ready: TerminalEntry[] = [];
  /** Intents without their bytes that may be sent again, by key. */
  const textless = new Map<string, LedgerEntry>();
  let reserved = 0;
  let failure: ConnectorError | undefined;

  const queue = createCreationQueue({
    slots: options.concurrency,
    makeDurable,
    send,
    takeBack,
    onError,
    onChange: change.announce,
    crashPoint,
  });
  const signals = createStopSignals(options.signal, () => {
    queue.close();
    change.announce();
  });
  const polling = createTasks(onError, change.announce);
  const breaker = createBreaker(Math.min(options.concurrency, breakerLimit), () => client.listRuns(1, signals.giveUp));
  const follow = { client, record, clock, log, crashPoint, ...signals, onAnswered: breaker.succeeded };
  const renew = createRenewal({ client, ledger, clock, log, record, counts, halt: signals.halt });

  function mayCreate(): boolean {
    return !signals.halt.aborted && failure === undefined;
  }

  function stopCreating(error: ConnectorError): void {
    failure ??= error;
    queue.close();
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

  async function makeDurable(chunk: readonly Outgoing[]): Promise<void> {
    await options.beforePosts();
    await record(...chunk.map(({ entry }) => entry));
    counts.open += chunk.filter(({ wasSent }) => !wasSent).length;
  }

  async function send(item: Outgoing): Promise<void> {
    counts.posted += 1;
    await settle(item.entry, await sendIntent(item, follow));
  }

  async function takeBack({ entry, wasSent }: Outgoing): Promise<void> {
    if (wasSent) return;
    counts.open -= 1;
    options.onReturned(entry);
    await record(toSkipped(entry, 'not sent: creation had ended'));
  }

  async function settle(entry: LedgerEntry, sent: Sent): Promise<void> {
    if (sent.end === 'open' || sent.end === 'unanswered') {
      const { problem } = sent;
      if (problem === undefined) return;
      const isOver = problem.area !== 'service' || (sent.end === 'unanswered' && !(await breaker.failed()));
      if (isOver) stopCreating(problem);
      return;
    }
    counts.open -= 1;
    switch (sent.end) {
      case 'frozen':
        counts.frozen += 1;
        return;
      case 'lost':
        counts.lost += 1;
        return;
      case 'refused':
        counts.skipped += 1;
        return;
      case 'returned':
        options.onReturned(entry);
        return stopCreating(sent.problem);
      case 'terminal':
        counts.ended(sent.run, entry);
        ready.push(sent.entry);
        change.announce();
    }
  }

  /** Runs of earlier syncs, some at a time. */
  async function pollAll(accepted: readonly LedgerEntry[]): Promise<void> {
    const followed = mapInOrder(accepted, pollers, async (entry) => {
      await settle(entry, await pollAgain(entry, follow));
    });
    for await (const _ of followed);
  }

  async function create(item: Outgoing): Promise<Decision> {
    if (!mayCreate()) return 'stopped';
    if (reserved >= options.maxRuns) return 'over_limit';
    reserved += 1;
    return await queue.add(item);
  }

  const submit = createSubmission({
    ledger,
    record,
    counts,
    minTranscriptChars: options.minTranscriptChars,
    textless,
    buildIntent: (item, attempt) => buildIntent(item, attempt, options.workspaceLabel, options.keyClass, clock.now()),
    create,
  });

  return {
    async resume() {
      const open = [...ledger.open()];
      for (const { status } of open) {
        if (status === 'frozen') counts.frozen += 1;
        else if (status === 'lost') counts.lost += 1;
        else if (status !== 'terminal') counts.open += 1;
      }
      for (const entry of open) {
        if (entry.result === undefined) continue;
        counts.collected += 1;
        ready.push({ ...entry, result: entry.result });
      }
      polling.add(pollAll(open.filter(({ status }) => status === 'accepted')));
      for (const intent of open) {
        if (intent.status !== 'intent') continue;
        const entry = await renew(intent);
        // The same bytes under the same key: the answer is the original run if it was accepted.
        if (entry?.body !== undefined) void create({ entry, wasSent: true });
        else if (entry !== undefined) textless.set(entry.key, entry);
      }
      change.announce();
      return [...textless.values()];
    },

    submit,
    canCreate: () => mayCreate() && reserved < options.maxRuns,
    takeReady: () => ready.splice(0),
    async whenChanged() {
      if (ready.length === 0) await change.next();
    },
    isIdle: () => queue.isIdle() && polling.size === 0 && ready.length === 0,
    async stop() {
      signals.stop();
      await Promise.all([queue.settled(), polling.allEnded()]);
    },
    counts: () => counts,
    failure: () => failure,
  };
}
