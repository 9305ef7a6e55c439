// From a request and its states to a read that is ready to go: what is listed, what is bought with what, where states go.
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import type { Log } from '../core/log.ts';
import type { Message } from '../core/message.ts';
import type { GongConnection } from '../gong/connect.ts';
import type { GongUser } from '../gong/schemas.ts';
import { createStateLedger, type StateLedger } from '../ledger/state-ledger.ts';
import type { SemarizeClient } from '../semarize/client.ts';
import { createEvaluator } from '../semarize/evaluate.ts';
import type { KeyClass } from '../semarize/run-body.ts';
import { createCounts } from './completeness.ts';
import type { SourceConfig } from './config.ts';
import { createEmitter } from './emitter.ts';
import { planKits } from './kits.ts';
import { type ReadPlan, readStreams } from './read.ts';
import { buildReport } from './report.ts';
import type { Session } from './session.ts';
import type { ReadRequest } from './source.ts';
import {
  type Fingerprints,
  type SourceState,
  writeCallsState,
  writeRunsState,
  writeTranscriptsState,
} from './state.ts';
import type { StreamName } from './streams.ts';
import { dayMs, hourMs, isDue, lowerBound, minuteMs, planWindows, safetyMs } from './windows.ts';

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
  const serverNow = createServerNow(options);
  const now = serverNow();
  const startDate = Date.parse(config.start_date);
  const older = request.kits === undefined ? undefined : request.range?.from;
  const kits =
    selected.has('semarize_runs') && options.semarize !== undefined
      ? planKits(request.kits ?? config.kits, state, startDate, now, older)
      : [];
  const maxRuns = request.maxRuns ?? config.max_runs_per_sync;

  const stateLedger = request.ledger === undefined ? openStateLedger(state) : undefined;
  const ledger = request.ledger ?? stateLedger;
  const evaluator =
    kits.length === 0 || options.semarize === undefined || ledger === undefined
      ? undefined
      : createEvaluator({
          client: options.semarize,
          ledger,
          workspaceLabel: config.workspace_label,
          keyClass: options.keyClass,
          maxRuns,
          minTranscriptChars: config.min_transcript_chars,
          concurrency: config.semarize_concurrency,
          clock,
          log,
          crashPoint: options.crashPoint,
          signal: request.signal,
          beforePosts: request.beforePosts ?? (() => Promise.resolve()),
        });

  const isDeep = isDue(state.calls.deepAt ?? state.transcripts.deepAt, dayMs, now);
  const lookbackMs = isDeep
    ? Math.max(config.deep_lookback_days * dayMs, config.lookback_hours * hourMs)
    : config.lookback_hours * hourMs;
  const lower = {
    calls: lowerBound({ closedThrough: state.calls.closedThrough, start: startDate }, lookbackMs),
    transcripts: lowerBound({ closedThrough: state.transcripts.closedThrough, start: startDate }, lookbackMs),
  };
  const plan = planRead();

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
  const emitter = createEmitter(selected, buildState, () => clock.monotonic());

  const session: Session = {
    config,
    selected,
    gong: options.gong.client,
    clock,
    log,
    crashPoint: options.crashPoint,
    signal: request.signal,
    state,
    counts: createCounts(),
    kits,
    runs:
      evaluator === undefined || ledger === undefined ? undefined : { evaluator, ledger, keyClass: options.keyClass },
    lower:
      request.range === undefined
        ? lower
        : { calls: plan.windows[0]?.from ?? 0, transcripts: plan.windows[0]?.from ?? 0 },
    touched: new Set(),
    serverNow,
    intentsWait: () => stateLedger?.isDirty() ?? false,
    *announceIntents() {
      yield { type: 'state', stream: 'semarize_runs', state: buildState('semarize_runs') };
      stateLedger?.emitted();
    },
    users: createUsers(options),
  };

  return {
    session,
    plan,
    maxRuns,
    async *read() {
      warnOfMissingState();
      let failure: { error: unknown } | undefined;
      try {
        await evaluator?.resume();
        yield* readStreams(session, plan, emitter);
      } catch (error) {
        failure = { error };
      } finally {
        await evaluator?.stop();
      }
      yield { type: 'report', report: buildReport(session, maxRuns, options.gong.limiter.usage()) };
      if (failure !== undefined) throw failure.error;
    },
  };

  function planRead(): ReadPlan {
    const until = Math.min(
      request.range?.until ?? now - safetyMs,
      now - safetyMs,
      config.end_date === undefined ? Number.POSITIVE_INFINITY : Date.parse(config.end_date),
    );
    const starts = [
      ...(selected.has('calls') ? [lower.calls] : []),
      ...(selected.has('transcripts') ? [lower.transcripts] : []),
      ...kits.map((kit) => lowerBound({ closedThrough: kit.state.closedThrough, start: kit.from }, lookbackMs)),
    ];
    const from = request.range?.from ?? (starts.length === 0 ? until : Math.min(...starts));
    const movesBookmarks = request.range === undefined && request.limit === undefined;
    const sweepFrom = Math.max(startDate, now - config.sweep_days * dayMs);
    const hasHistory = state.calls.closedThrough !== null || state.transcripts.closedThrough !== null;
    const isSweep =
      movesBookmarks &&
      hasHistory &&
      sweepFrom < from &&
      isDue(state.calls.sweptAt ?? state.transcripts.sweptAt, 7 * dayMs, now);
    return {
      windows: planWindows(from, until),
      movesBookmarks,
      limit: request.limit,
      isDeep,
      sweep: isSweep ? { from: sweepFrom, until: from } : undefined,
    };
  }

  /** A kit without a pinned version may mean another version from one day to the next: said, and not bought again. */
  function noteVersion(code: string, version: string): void {
    const kit = state.kits.get(code);
    if (kit === undefined || kit.answered === version) return;
    if (kit.answered !== undefined)
      log('warn', `Kit ${code} now answers with version ${version}; earlier runs stay as they are`, {
        kit: code,
        next_step: 'pin a version (kits[].version_id) to compare like with like',
      });
    kit.answered = version;
  }

  function warnOfMissingState(): void {
    if (evaluator === undefined || state.known.size > 0) return;
    log('warn', `No state: a first sync? At most ${maxRuns} runs are bought now (max_runs_per_sync)`, {
      next_step: 'if there was a state or a ledger, stop and restore it first',
    });
  }
}

/** The earlier of Gong's clock and ours: a clock that runs ahead must not close a window early. */
function createServerNow({ gong, clock, log }: ReadingOptions): () => number {
  let warned = false;
  return () => {
    const own = clock.now();
    const server = gong.http.serverNow() ?? own;
    if (!warned && Math.abs(server - own) > 5 * minuteMs) {
      warned = true;
      log('warn', 'The clocks of this machine and of Gong differ by more than 5 minutes; the earlier one counts', {
        difference_s: Math.round((own - server) / 1000),
      });
    }
    return Math.min(own, server);
  };
}

/** Names of owners are worth one listing, not a failed sync. */
function createUsers({ gong, log, request }: ReadingOptions): () => Promise<ReadonlyMap<string, GongUser>> {
  let users: Promise<ReadonlyMap<string, GongUser>> | undefined;
  return () => {
    users ??= gong.client.getUsers(request.signal).catch((error: unknown) => {
      if (request.signal.aborted) throw error;
      log('warn', `Owners that are not among a call's parties stay without a name: ${(error as Error).message}`);
      return new Map();
    });
    return users;
  };
}

function openStateLedger(state: SourceState): StateLedger {
  const { inFlight, done } = state.savedRuns;
  return createStateLedger({
    ...(inFlight === undefined ? {} : { inFlight }),
    ...(done === undefined ? {} : { done }),
  });
}
