// From "accepted" to "terminal": the run id made durable, polling within a bound, the result made durable. A poll error never
// leads to a POST.
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import { type ConnectorError, StoppedError, toConnectorError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { SemarizeClient } from './client.ts';
import { nextPollDelay } from './poll-delay.ts';
import { isTerminal, type Run } from './schemas.ts';

export type TerminalEntry = LedgerEntry & { readonly result: JsonObject };

/** How following ended: the run ended, the server forgot it, or it stays open for the next sync. */
export type Followed =
  | { end: 'terminal'; entry: TerminalEntry; run: Run }
  | { end: 'lost' }
  | { end: 'open'; problem?: ConnectorError };

export interface FollowOptions {
  readonly client: SemarizeClient;
  readonly record: (entry: LedgerEntry) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly crashPoint: CrashPoint;
  /** Fired: no further poll. */
  readonly halt: AbortSignal;
  /** Fired: not even an answer in flight is awaited. */
  readonly giveUp: AbortSignal;
}

/** A run that has not ended after this long is left for the next sync. */
const pollBoundMs = 10 * 60_000;

/** Takes up a run that Semarize has just answered with. */
export async function followAnswer(
  entry: LedgerEntry,
  run: Run,
  retryAfterMs: number | undefined,
  options: FollowOptions,
): Promise<Followed> {
  const accepted: LedgerEntry = { ...entry, status: 'accepted', runId: run.run_id };
  await options.record(accepted);
  options.crashPoint('CP3');
  return isTerminal(run) ? await finish(accepted, run, options) : await pollRun(accepted, retryAfterMs, options);
}

/** Takes up a run whose id the ledger holds. */
export async function pollRun(
  entry: LedgerEntry,
  retryAfterMs: number | undefined,
  options: FollowOptions,
): Promise<Followed> {
  const { client, clock, log } = options;
  const { runId = '' } = entry;
  const began = clock.monotonic();
  let delay = nextPollDelay(undefined, retryAfterMs);
  while (clock.monotonic() - began < pollBoundMs) {
    try {
      await clock.sleep(delay, options.halt);
    } catch {
      return { end: 'open' };
    }
    let answer: Awaited<ReturnType<SemarizeClient['getRun']>>;
    try {
      answer = await client.getRun(runId, options.giveUp);
    } catch (error) {
      if (error instanceof StoppedError) return { end: 'open' };
      const problem = toConnectorError(error);
      log('warn', `${problem.message} The run stays open`, { ...problem.fields, run_id: runId });
      return { end: 'open', problem };
    }
    if (answer === undefined) {
      log('warn', 'Semarize no longer knows this run; it is not bought again by itself', { run_id: runId });
      await options.record({ ...entry, status: 'lost', reason: 'run not found (404)' });
      return { end: 'lost' };
    }
    if (isTerminal(answer.run)) {
      options.crashPoint('CP4');
      return await finish(entry, answer.run, options);
    }
    delay = nextPollDelay(delay, answer.retryAfterMs);
  }
  log('info', 'A run takes long; the next sync goes on with it', { run_id: runId });
  return { end: 'open' };
}

async function finish(entry: LedgerEntry, run: Run, options: FollowOptions): Promise<Followed> {
  const { body: _, ...rest } = entry;
  const terminal = {
    ...rest,
    status: 'terminal' as const,
    result: run as JsonObject,
    finishedAt: options.clock.now(),
  };
  await options.record(terminal);
  return { end: 'terminal', entry: terminal, run };
}
