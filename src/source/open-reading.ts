// From a request and its states to a read that is ready to go: what is listed, what is bought with what, where states go.
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import { StoppedError } from '../core/errors.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { Message } from '../core/message.ts';
import type { GongConnection } from '../gong/connect.ts';
import { createStateLedger, type StateLedger } from '../ledger/state-ledger.ts';
import type { SemarizeClient } from '../semarize/client.ts';
import { createEvaluator } from '../semarize/evaluate.ts';
import type { KeyClass } from '../semarize/run-body.ts';
import { createCounts } from './completeness.ts';
import type { SourceConfig } from './config.ts';
import { createEmitter } from './emitter.ts';
import { rememberHeldRows } from './held-rows.ts';
import { kitName, lowestOf, planKits, settleEarlierOwed } from './kits.ts';
import { createUsers } from './owners.ts';
import { planRead, type ReadPlan } from './plan-read.ts';
import { readStreams } from './read.ts';
import type { ReadRequest } from './read-request.ts';
import { buildReport } from './report.ts';
import { createServerNow } from './server-now.ts';
import type { Session } from './session.ts';
import {
  type Fingerprints,
  type SourceState,
  writeCallsState,
  writeRunsState,
  writeTranscriptsState,
} from './state.ts';
import type { StreamName } from './streams.ts';
import { countUnknownRuns } from './unknown-runs.ts';
import { dayMs, hourMs } from './windows.ts';

export interface ReadingOptions {
  readonly config: SourceConfig;
  readonly request: ReadRequest;
  readonly selected: ReadonlySet<StreamName>;
  readonly state: SourceState;
  readonly fingerprints: Fingerprints;
  readonly gong: GongConnection;
  readonly semarize: SemarizeClient | undefined;
  readonly keyClass: KeyClass;
  readonly clock: Clock;
  readonly log: Log;
  readonly crashPoint: CrashPoint;
}

export interface Reading {
  readonly session: Session;
  readonly plan: ReadPlan;
  readonly maxRuns: number;
  read(): AsyncGenerator<Message>;
}

export function openReading(options: ReadingOptions): Reading {
  const { config, request, selected, state, fingerprints, clock, log } = options;
  const left = new AbortController();
  const signal = AbortSignal.any([request.signal, left.signal]);
  const serverNow = createServerNow(options.gong, clock, log);
  const now = serverNow();
  const lookbackMs = Math.max(config.deep_lookback_days * dayMs, config.lookback_hours * hourMs);
  const older = request.kits === undefined ? undefined : request.range?.from;
  // Before kits are planned: what a state of 0.1.0 calls owed belongs to the kits that it knows.
  const doubtful = settleEarlierOwed(state, lookbackMs);
  if (doubtful.length > 0)
    log(
      'warn',
      `Of ${doubtful.length} calls the state does not say which kit still has to evaluate them: they are left as they are`,
      {
        next_step: 'to evaluate them: gong-elt sync --kit CODE --from DAY, or kits[].from',
      },
    );
  const requested = request.kits ?? config.kits;
  const kits =
    selected.has('semarize_runs') && options.semarize !== undefined
      ? planKits(requested, {
          state,
          configured: [...config.kits, ...requested],
          startDate: Date.parse(config.start_date),
          now,
          lookbackMs,
          isRange: request.range !== undefined,
          older,
        })
      : [];
  const maxRuns = request.maxRuns ?? config.max_runs_per_sync;

  const stateLedger = request.ledger === undefined ? openStateLedger(state, lookbackMs) : undefined;
  const ledger = request.ledger ?? stateLedger;
  const evaluator =
    !selected.has('semarize_runs') || options.semarize === undefined || ledger === undefined
      ? undefined
      : createEvaluator({
          client: options.semarize,
          ledger,
          workspaceLabel: config.workspace_label,
          keyClass: options.keyClass,
          maxRuns,
          concurrency: config.semarize_concurrency,
          clock,
          log,
          crashPoint: options.crashPoint,
          signal,
          onReturned: (entry) => owe(entry),
          beforePosts: request.beforePosts ?? (() => Promise.resolve()),
        });

  const plan = planRead({ config, request, selected, state, kits, now });

  const buildState = (stream: StreamName) => {
    if (stream === 'semarize_runs') {
      for (const [code, version] of evaluator?.counts().answeredVersions ?? []) noteVersion(code, version);
      return writeRunsState(state, fingerprints, stateLedger?.toState() ?? {});
    }
    if (stream === 'transcripts') return writeTranscriptsState(state, fingerprints);
    const { day, today } = options.gong.limiter.usage();
    state.calls.requests = [day, today];
    return writeCallsState(state, fingerprints);
  };
  const emitter = createEmitter(
    selected,
    buildState,
    () => clock.monotonic(),
    (stream) => {
      if (stream === 'semarize_runs') stateLedger?.rendezvous.emitted();
    },
  );
  const counts = createCounts();
  let unknownRuns: number | null = null;

  const session: Session = {
    config,
    selected,
    gong: options.gong.client,
    clock,
    log,
    crashPoint: options.crashPoint,
    signal,
    state,
    counts,
    kits,
    runs:
      evaluator === undefined || ledger === undefined ? undefined : { evaluator, ledger, keyClass: options.keyClass },
    lower: plan.lower,
    readBefore: request.range === undefined ? state.calls.closedThrough : null,
    readThrough: { calls: state.calls.closedThrough, transcripts: state.transcripts.closedThrough },
    touched: new Set(),
    serverNow,
    mustAnnounce(isFlush) {
      const waiting = stateLedger?.rendezvous.waiting ?? 0;
      return waiting >= intentsPerState || (waiting > 0 && isFlush && evaluator?.isStarved() === true);
    },
    *announce() {
      yield { type: 'state', stream: 'semarize_runs', state: buildState('semarize_runs') };
      stateLedger?.rendezvous.emitted();
    },
    users: createUsers(options.gong.client, log, signal),
  };

  return {
    session,
    plan,
    maxRuns,
    read() {
      const messages = readAll();
      // A reader that goes away wants nothing more: no answer, and no wait that Gong asked for.
      const end = messages.return.bind(messages);
      messages.return = (value) => {
        left.abort(new StoppedError('stopped'));
        return end(value);
      };
      return messages;
    },
  };

  async function* readAll(): AsyncGenerator<Message> {
    warnOfMissingState();
    let failure: { error: unknown } | undefined;
    try {
      if (request.held !== undefined) await rememberHeldRows(state, request.held);
      unknownRuns = await lookForUnknownRuns();
      for (const entry of (await evaluator?.resume()) ?? []) owe(entry);
      yield* readStreams(session, plan, emitter);
    } catch (error) {
      failure = { error };
    } finally {
      await evaluator?.stop();
    }
    yield { type: 'report', report: buildReport(session, maxRuns, options.gong.limiter.usage(), unknownRuns) };
    if (failure !== undefined) throw failure.error;
  }

  /** It is to be evaluated, although the bookmark may pass it. */
  function owe({ callId, startedAt, kit, version }: LedgerEntry): void {
    const name = kitName({ code: kit, version_id: version ?? undefined });
    state.kits.get(name)?.owed.set(callId, Date.parse(startedAt));
  }

  /** A kit without a pinned version may mean another version from one day to the next: said, and not bought again. */
  function noteVersion(code: string, version: string): void {
    const kit = state.kits.get(code);
    if (kit === undefined || kit.answers.at(-1) === version) return;
    if (kit.answers.length > 0)
      log('warn', `Kit ${code} now answers with version ${version}; earlier runs stay as they are`, {
        kit: code,
        next_step: 'pin a version (kits[].version_id) to compare like with like',
      });
    kit.answers = [...kit.answers.filter((known) => known !== version), version];
  }

  /**
   * Under a host nothing can know for certain that its state is the newest one. But the newest runs at Semarize ought to be those that
   * the state knows: what is newer was bought by somebody else, or by us after this state. It is said before anything is bought.
   */
  async function lookForUnknownRuns(): Promise<number | null> {
    if (evaluator === undefined || stateLedger === undefined || options.semarize === undefined) return null;
    const known = stateLedger.newest;
    if (kits.length === 0 || known.length === 0) return null;
    const found = await countUnknownRuns(options.semarize, new Set(kits.map(({ code }) => code)), stateLedger, signal);
    if (found === undefined || found.unknown === 0) return found?.unknown ?? null;
    const many = found.isAll ? `${found.unknown} or more` : String(found.unknown);
    log('warn', `Semarize has ${many} runs of these kits that are newer than this state and not in it`, {
      runs: found.unknown,
      next_step:
        'either another tool uses the kits, or this is an old state: then stop and restore the newest one, else calls are evaluated twice',
    });
    return found.unknown;
  }

  function warnOfMissingState(): void {
    if (evaluator === undefined || kits.length === 0 || state.known.has('semarize_runs')) return;
    log('warn', `No state of semarize_runs: a first sync? At most ${maxRuns} runs are bought now (max_runs_per_sync)`, {
      next_step: 'if there was a state or a ledger, stop and restore it first',
    });
  }
}

/** Under a host, intents that are announced together as long as there is other work. */
const intentsPerState = 64;

function openStateLedger(state: SourceState, lookbackMs: number): StateLedger {
  const kits = [...state.kits];
  return createStateLedger(state.savedRuns, {
    from: new Map(kits.map(([name, kit]) => [name, lowestOf(kit, lookbackMs)])),
    answers: new Map(kits.map(([name, { answers }]) => [name, answers])),
  });
}
