// From a request and its states to a read that is ready to go: what is listed, what is bought with what, where states go.
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import { StoppedError } from '../core/errors.ts';
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
import { lowestOf, planKits } from './kits.ts';
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
  const kits =
    selected.has('semarize_runs') && options.semarize !== undefined
      ? planKits(request.kits ?? config.kits, {
          state,
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
  const returned = new Set<string>();
  const evaluator =
    !selected.has('semarize_runs') || options.semarize === undefined || ledger === undefined
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
          signal,
          onReturned: ({ callId, startedAt }) => {
            returned.add(callId);
            state.owed.set(callId, Date.parse(startedAt));
          },
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
  const emitter = createEmitter(selected, buildState, () => clock.monotonic());

  const session: Session = {
    config,
    selected,
    gong: options.gong.client,
    clock,
    log,
    crashPoint: options.crashPoint,
    signal,
    state,
    counts: createCounts(),
    kits,
    runs:
      evaluator === undefined || ledger === undefined ? undefined : { evaluator, ledger, keyClass: options.keyClass },
    lower: plan.lower,
    readBefore: request.range === undefined ? state.calls.closedThrough : null,
    touched: new Set(),
    returned,
    serverNow,
    intentsWait: () => stateLedger?.isDirty() ?? false,
    *announceIntents() {
      yield { type: 'state', stream: 'semarize_runs', state: buildState('semarize_runs') };
      stateLedger?.emitted();
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
      for (const { callId, startedAt } of (await evaluator?.resume()) ?? [])
        state.owed.set(callId, Date.parse(startedAt));
      yield* readStreams(session, plan, emitter);
    } catch (error) {
      failure = { error };
    } finally {
      await evaluator?.stop();
    }
    yield { type: 'report', report: buildReport(session, maxRuns, options.gong.limiter.usage()) };
    if (failure !== undefined) throw failure.error;
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
    if (evaluator === undefined || kits.length === 0 || state.known.has('semarize_runs')) return;
    log('warn', `No state of semarize_runs: a first sync? At most ${maxRuns} runs are bought now (max_runs_per_sync)`, {
      next_step: 'if there was a state or a ledger, stop and restore it first',
    });
  }
}

/** Of what was bought the ledger has to remember what a look-back of any kit, or a call that is owed, may ask for. */
function openStateLedger(state: SourceState, lookbackMs: number): StateLedger {
  const { inFlight, done } = state.savedRuns;
  const saved = { ...(inFlight === undefined ? {} : { inFlight }), ...(done === undefined ? {} : { done }) };
  return createStateLedger(saved, {
    from: Math.min(...[...state.kits.values()].map((kit) => lowestOf(kit, lookbackMs))),
    subjects: [...state.owed.keys()].flatMap((callId) =>
      [...state.kits.keys()].map((name) => {
        const [kit = '', version = null] = name.split('@');
        return { callId, kit, version };
      }),
    ),
  });
}
