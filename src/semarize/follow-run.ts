// From "accepted" to "terminal": the run id made durable, polling within a bound, the result made durable. A poll error never
// leads to a POST.
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import { type ConnectorError, StoppedError, toConnectorError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { RunAnswer, SemarizeClient } from './client.ts';
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

/** A run that has not ended so long after it was asked for is left for the next sync, */
const longestPollMs = 10 * 60_000;
/** which looks at least for this long. */
const shortestPollMs = 60_000;

/** Takes up a run that Semarize has just answered with. */
export async function followAnswer(entry: LedgerEntry, answer: RunAnswer, options: FollowOptions): Promise<Followed> {
  const accepted: LedgerEntry = { ...entry, status: 'accepted', runId: answer.run.run_id };
  await options.record(accepted);
  options.crashPoint('CP3');
  if (isTerminal(answer.run)) return await finish(accepted, answer, options);
  return await pollRun(accepted, answer.retryAfterMs, longestPollMs, options);
}

/** Takes up a run whose id an earlier sync wrote down: the older it is, the shorter it is waited for. */
export async function pollAgain(entry: LedgerEntry, options: FollowOptions): Promise<Followed> {
  const age = Math.max(0, options.clock.now() - entry.createdAt);
  return await pollRun(entry, undefined, Math.max(shortestPollMs, longestPollMs - age), options);
}

async function pollRun(
  entry: LedgerEntry,
  retryAfterMs: number | undefined,
  longestMs: number,
  options: FollowOptions,
): Promise<Followed> {
  const { client, clock, log } = options;
  const { runId = '' } = entry;
  const until = clock.monotonic() + longestMs;
  let delay = nextPollDelay(undefined, retryAfterMs);
  while (clock.monotonic() + delay <= until) {
    let answer: RunAnswer | undefined;
    try {
      await sleep(clock, delay, options.halt);
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
      return await finish(entry, answer, options);
    }
    delay = nextPollDelay(delay, answer.retryAfterMs);
  }
  log('info', 'A run takes long; the next sync goes on with it', { run_id: runId });
  return { end: 'open' };
}

async function sleep(clock: Clock, ms: number, halt: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, halt);
  } catch (error) {
    throw new StoppedError('stopped', { cause: error });
  }
}

async function finish(entry: LedgerEntry, { run, raw }: RunAnswer, options: FollowOptions): Promise<Followed> {
  const { body: _, ...rest } = entry;
  const answered = run.kit_version_id ?? undefined;
  const terminal = {
    ...rest,
    status: 'terminal' as const,
    result: raw,
    finishedAt: options.clock.now(),
    ...(answered === undefined ? {} : { answered }),
  };
  await options.record(terminal);
  return { end: 'terminal', entry: terminal, run };
}
