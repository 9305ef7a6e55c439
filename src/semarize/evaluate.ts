// The paid-POST protocol: intent (durable) → POST with a deterministic key and stored bytes → run id (durable) → poll →
// result (durable) → row. Whatever crashes, times out or runs twice, one evaluation is bought once.
import { setMaxListeners } from 'node:events';
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import { ConnectorError, StoppedError, toConnectorError } from '../core/errors.ts';
import type { Ledger, LedgerEntry } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { SemarizeClient } from './client.ts';
import { buildIntent, type EvaluationItem, toNotSent, toRefused, toSkipped, wasRefused } from './evaluation-entry.ts';
import { type Followed, followAnswer, pollRun, type TerminalEntry } from './follow-run.ts';
import type { KeyClass } from './run-body.ts';
import type { Run } from './schemas.ts';

/**
 * `sent` an intent is or will be written · `known` it was sent before, in whatever state it is · `over_limit` the sync's
 * limit is reached · `skipped` this text is not sent, and the ledger says why · `stopped` nothing is created any more.
 */
export type Decision = 'sent' | 'known' | 'over_limit' | 'skipped' | 'stopped';

export interface EvaluatorOptions {
  readonly client: SemarizeClient;
  readonly ledger: Ledger;
  readonly workspaceLabel: string;
  readonly keyClass: KeyClass;
  /** Most distinct keys that are POSTed. */
  readonly maxRuns: number;
  readonly minTranscriptChars: number;
  /** Runs under way at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly crashPoint: CrashPoint;
  /** Fired: nothing more is created or polled; answers in flight are awaited for a grace period. */
  readonly signal: AbortSignal;
  /** An item that had an intent was not taken for a reason that may pass: it is free again, and owed. */
  readonly onReturned: (entry: LedgerEntry) => void;
  /** Called before each chunk of POSTs; throws when the sync has lost its lock. */
  readonly beforePosts: () => Promise<void>;
}

export interface EvaluatorCounts {
  /** Distinct keys POSTed. */
  posted: number;
  /** Runs that ended in this sync: succeeded, and failed or cancelled. */
  succeeded: number;
  failed: number;
  /** Rows handed on that an earlier sync had paid for. */
  collected: number;
  skipped: number;
  frozen: number;
  lost: number;
  /** Accepted and not ended, or sent without an answer: the next sync goes on with them. */
  open: number;
  /** Versions that answered, by kit without a pinned version. */
  answeredVersions: Map<string, string>;
}

export interface Evaluator {
  /** Takes up what earlier syncs left open. Call once, before the first `submit`. */
  resume(): Promise<void>;
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

interface QueuedEntry {
  readonly entry: LedgerEntry;
  readonly decide: (decision: Decision) => void;
}

/** How long Semarize is trusted to remember an idempotency key (not documented). */
const keyTtlMs = 12 * 3_600_000;
/** Answers in flight are awaited this long after a stop. */
const graceMs = 30_000;
/** Failures in a row after which creation is in doubt. */
const breakerLimit = 3;

export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { client, ledger, clock, log, crashPoint } = options;
  const queue: QueuedEntry[] = [];
  const ready: TerminalEntry[] = [];
  const underWay = new Set<Promise<void>>();
  const counts: EvaluatorCounts = {
    posted: 0,
    succeeded: 0,
    failed: 0,
    collected: 0,
    skipped: 0,
    frozen: 0,
    lost: 0,
    open: 0,
    answeredVersions: new Map(),
  };
  const halt = new AbortController();
  /** Outlives `halt` by the grace period, so that the answer to a POST is still read. */
  const giveUp = new AbortController();
  // Every run under way listens to them.
  setMaxListeners(0, halt.signal, giveUp.signal);
  let reserved = 0;
  let failuresInARow = 0;
  let hasProbed = false;
  let failure: ConnectorError | undefined;
  let pumping: Promise<void> | undefined;
  let wake = () => {};
  let changed = Promise.resolve();
  notify();

  function notify(): void {
    wake();
    changed = new Promise((resolve) => {
      wake = resolve;
    });
  }

  function stopAll(): void {
    if (halt.signal.aborted) return;
    halt.abort(new StoppedError('stopped'));
    clearQueue();
    setTimeout(() => giveUp.abort(new StoppedError('stopped')), graceMs).unref();
    notify();
  }
  if (options.signal.aborted) stopAll();
  else options.signal.addEventListener('abort', stopAll, { once: true });

  const mayCreate = () => !halt.signal.aborted && failure === undefined;

  function stopCreating(error: ConnectorError): void {
    failure ??= error;
    clearQueue();
    notify();
  }

  function clearQueue(): void {
    for (const { decide } of queue.splice(0)) decide('stopped');
  }

  /** Under a host a write waits until the state that holds it is emitted: whoever emits must hear of it. */
  function record(...entries: LedgerEntry[]): Promise<void> {
    const written = ledger.write(entries);
    notify();
    return written;
  }

  const followOptions = { client, record, clock, log, crashPoint, halt: halt.signal, giveUp: giveUp.signal };

  /** Sends queued items, one durable chunk of intents at a time, while slots are free. */
  async function pump(): Promise<void> {
    while (queue.length > 0 && mayCreate()) {
      const free = options.concurrency - underWay.size;
      if (free <= 0) {
        await Promise.race(underWay);
        continue;
      }
      const chunk = queue.splice(0, free);
      try {
        await options.beforePosts();
        await record(...chunk.map(({ entry }) => entry));
      } catch (error) {
        for (const { decide } of chunk) decide('stopped');
        return stopCreating(toConnectorError(error));
      }
      for (const { decide } of chunk) decide('sent');
      if (halt.signal.aborted) return;
      crashPoint('CP1');
      for (const { entry } of chunk) start(create(entry));
    }
  }

  function startPump(): void {
    pumping ??= pump().finally(() => {
      pumping = undefined;
      notify();
      if (queue.length > 0 && mayCreate()) startPump();
    });
  }

  function start(work: Promise<void>): void {
    const task = work
      .catch((error: unknown) => {
        if (!(error instanceof StoppedError)) stopCreating(toConnectorError(error));
      })
      .finally(() => {
        underWay.delete(task);
        notify();
      });
    underWay.add(task);
  }

  async function create(entry: LedgerEntry): Promise<void> {
    const fields = { call_id: entry.callId, kit: entry.kit };
    counts.posted += 1;
    counts.open += 1;
    let answer: Awaited<ReturnType<SemarizeClient['createRun']>>;
    try {
      answer = await client.createRun(entry.key, entry.body ?? '', fields, giveUp.signal);
    } catch (error) {
      return await onCreateError(entry, error);
    }
    crashPoint('CP2');
    failuresInARow = 0;
    if (answer.kind === 'run') return settle(await followAnswer(entry, answer.run, answer.retryAfterMs, followOptions));
    counts.open -= 1;
    if (answer.kind === 'conflict') {
      log(
        'warn',
        'Semarize says this idempotency key was used for other content. Nothing was bought; the item is frozen',
        fields,
      );
      return await freeze(entry, 'the idempotency key was used for other content (409)');
    }
    counts.skipped += 1;
    if (answer.kind === 'refused') {
      log('warn', `Semarize does not take this transcript (${answer.code})`, { ...fields, http_status: answer.status });
      return await record(toRefused(entry, `${answer.code} (${answer.status})`));
    }
    await giveBack(entry, answer.code);
    const version = entry.version === null ? '' : ` in version ${entry.version}`;
    stopCreating(
      new ConnectorError(`Semarize knows no kit ${entry.kit}${version} (${answer.code}).`, {
        area: 'config',
        fields,
        hint: 'copy the kit code from Semarize into `kits` (the key must belong to the same workspace), then run: gong-elt check',
      }),
    );
  }

  async function onCreateError(entry: LedgerEntry, error: unknown): Promise<void> {
    if (error instanceof StoppedError) throw error;
    const problem = toConnectorError(error);
    if (problem.area === 'credentials') {
      // Refused before the server looked at the run: the item is free again.
      counts.open -= 1;
      await giveBack(entry, `status ${String(problem.fields['http_status'])}`);
      return stopCreating(problem);
    }
    // No answer: the run may exist. The intent stays, and the next sync sends the same bytes under the same key.
    log('warn', `${problem.message} The item stays open`, problem.fields);
    failuresInARow += 1;
    if (problem.area === 'quota') return stopCreating(problem);
    if (failuresInARow < Math.min(options.concurrency, breakerLimit)) return;
    // The breaker: probed once with a GET, which costs nothing; the next row of failures ends creation.
    if (hasProbed) return stopCreating(problem);
    hasProbed = true;
    failuresInARow = 0;
    await client.listRuns(1, giveUp.signal).catch(() => stopCreating(problem));
  }

  function settle(followed: Followed): void {
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
    const { entry, run } = followed;
    if (run.status === 'succeeded') counts.succeeded += 1;
    else counts.failed += 1;
    if (entry.version === null && run.kit_version_id) counts.answeredVersions.set(entry.kit, run.kit_version_id);
    ready.push(entry);
    notify();
  }

  async function giveBack(entry: LedgerEntry, why: string): Promise<void> {
    options.onReturned(entry);
    await record(toNotSent(entry, why));
  }

  async function freeze(entry: LedgerEntry, reason: string): Promise<void> {
    counts.frozen += 1;
    await record({ ...entry, status: 'frozen', reason });
  }

  /** Sent without an answer, longer ago than the key is remembered: was it accepted? */
  async function settleOldIntent(entry: LedgerEntry, listed: readonly Run[]): Promise<void> {
    // Only a list that is not cut, and in which every run is ours, proves that this key has no run.
    const isFree = listed.length < 100 && listed.every((run) => ledger.knowsRun(run.run_id));
    if (!isFree) return await freeze(entry, 'sent without an answer, too long ago to send it again');
    if (reserve()) queueKnown({ ...entry, createdAt: clock.now() });
    else counts.open += 1;
  }

  /** An entry that is an intent already: nobody waits for it. */
  function queueKnown(entry: LedgerEntry): void {
    queue.push({ entry, decide: () => {} });
  }

  function reserve(): boolean {
    if (reserved >= options.maxRuns) return false;
    reserved += 1;
    return true;
  }

  async function enqueue(entry: LedgerEntry): Promise<Decision> {
    if (!mayCreate()) return 'stopped';
    if (!reserve()) return 'over_limit';
    return await new Promise((decide) => {
      queue.push({ entry, decide });
      startPump();
    });
  }

  const intentOf = (item: EvaluationItem, attempt: number) =>
    buildIntent(item, attempt, options.workspaceLabel, options.keyClass, clock.now());

  /** An intent from a host's state: its bytes are built again, and only the same bytes are sent. */
  async function resend(known: LedgerEntry, item: EvaluationItem): Promise<Decision> {
    if (queue.some(({ entry }) => entry.key === known.key)) return 'known';
    const { body, bodySha256 } = intentOf(item, known.attempt);
    const isYoung = clock.now() - known.createdAt < keyTtlMs;
    if (bodySha256 === known.bodySha256 && isYoung) return await enqueue({ ...known, body });
    await freeze(
      known,
      isYoung
        ? 'sent without an answer, and its text has changed since'
        : 'sent without an answer, too long ago to send it again',
    );
    return 'known';
  }

  return {
    async resume() {
      const entries = [...ledger.open()];
      const isOld = (entry: LedgerEntry) => clock.now() - entry.createdAt >= keyTtlMs;
      const needsList = entries.some((entry) => entry.status === 'intent' && entry.body !== undefined && isOld(entry));
      const listed = needsList ? await client.listRuns(100, halt.signal) : [];
      for (const entry of entries) {
        if (entry.status === 'frozen') counts.frozen += 1;
        else if (entry.status === 'lost') counts.lost += 1;
        else if (entry.status === 'terminal' && entry.result !== undefined) {
          counts.collected += 1;
          ready.push({ ...entry, result: entry.result });
        } else if (entry.status === 'accepted') {
          counts.open += 1;
          start(pollRun(entry, undefined, followOptions).then(settle));
        } else if (entry.body === undefined) counts.open += 1;
        else if (isOld(entry)) await settleOldIntent(entry, listed);
        // The same bytes under the same key: the answer is the original run if it was accepted.
        else if (reserve()) queueKnown(entry);
        else counts.open += 1;
      }
      if (queue.length > 0) startPump();
      notify();
    },

    async submit(item) {
      const known = ledger.find(item);
      if (known !== undefined && known.status !== 'skipped') {
        const isBare = known.status === 'intent' && known.body === undefined;
        return isBare ? await resend(known, item) : 'known';
      }
      if (item.text.length < options.minTranscriptChars) {
        const reason = `transcript of ${item.text.length} characters, under min_transcript_chars`;
        counts.skipped += 1;
        if (known?.reason !== reason) await record(toSkipped(intentOf(item, 1), reason));
        return 'skipped';
      }
      if (known !== undefined && wasRefused(known, item.transcriptHash)) return 'known';
      return await enqueue(intentOf(item, known?.attempt ?? 1));
    },

    canCreate: () => mayCreate() && reserved < options.maxRuns,
    takeReady: () => ready.splice(0),
    async whenChanged() {
      if (ready.length === 0) await changed;
    },
    isIdle: () => underWay.size === 0 && pumping === undefined && ready.length === 0,
    async stop() {
      options.signal.removeEventListener('abort', stopAll);
      stopAll();
      while (underWay.size > 0) await Promise.race(underWay);
    },
    counts: () => counts,
    failure: () => failure,
  };
}
