// The runs that were accepted, by id and by Idempotency-Key, and how far each has come.
import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SandboxSettings } from '../settings.ts';

/** Small on purpose: no body, no result; both follow from what is here. */
export interface StoredRun {
  readonly id: string;
  readonly key: string | null;
  readonly workspace: string;
  /** Of the body's bytes and of its values: what a repeated key is compared by. */
  readonly bytesDigest: string;
  readonly valuesDigest: string;
  /** Null: no call of the world has this text. */
  readonly callId: string | null;
  readonly textHash: string;
  readonly kitCode: string;
  readonly versionId: string;
  /** How many runs of the same text and version came before. */
  readonly nth: number;
  readonly type: 'api' | 'sandbox';
  readonly createdMs: number;
  polls: number;
  endedMs: number | null;
}

export type NewRun = Omit<StoredRun, 'id' | 'nth' | 'createdMs' | 'polls' | 'endedMs'>;

export interface RunStore {
  add(run: NewRun): StoredRun;
  get(id: string): StoredRun | undefined;
  /** The run of a key that is still remembered. */
  byKey(workspace: string, key: string): StoredRun | undefined;
  /** Newest first. */
  newest(workspace: string, limit: number): readonly StoredRun[];
  all(): readonly StoredRun[];
  /** Accepted runs of a call, whatever the kit, and under a key, remembered or not; oldest first. */
  ofCall(callId: string): readonly StoredRun[];
  ofKey(key: string): readonly StoredRun[];
  /** Where the run is now; `poll` counts as one look at it. */
  progress(run: StoredRun, poll: boolean): 'queued' | 'running' | 'ended';
  toJSON(): JsonObject[];
}

export function createRunStore(clock: Clock, settings: SandboxSettings, saved: readonly StoredRun[] = []): RunStore {
  const runs: StoredRun[] = [];
  const byId = new Map<string, StoredRun>();
  const byKey = new Map<string, StoredRun>();
  const ofCall = new Map<string, StoredRun[]>();
  const ofKey = new Map<string, StoredRun[]>();
  const counts = new Map<string, number>();
  const countOf = (run: NewRun) => `${run.textHash} ${run.versionId}`;

  const keep = (run: StoredRun): StoredRun => {
    runs.push(run);
    byId.set(run.id, run);
    if (run.key !== null) {
      byKey.set(`${run.workspace} ${run.key}`, run);
      push(ofKey, run.key, run);
    }
    if (run.callId !== null) push(ofCall, run.callId, run);
    counts.set(countOf(run), run.nth + 1);
    return run;
  };
  for (const run of saved) keep({ ...run });

  return {
    add: (run) => {
      const id = `run_${createHash('sha256').update(`${runs.length} ${run.textHash} ${run.versionId}`).digest('hex').slice(0, 20)}`;
      const nth = counts.get(countOf(run)) ?? 0;
      return keep({ ...run, id, nth, createdMs: clock.now(), polls: 0, endedMs: null });
    },
    get: (id) => byId.get(id),
    byKey: (workspace, key) => {
      const run = byKey.get(`${workspace} ${key}`);
      return run && clock.now() - run.createdMs <= settings.idempotencyMemoryMs ? run : undefined;
    },
    newest: (workspace, limit) => {
      const found: StoredRun[] = [];
      for (let i = runs.length - 1; i >= 0 && found.length < limit; i--) {
        const run = runs[i];
        if (run?.workspace === workspace) found.push(run);
      }
      return found;
    },
    all: () => runs,
    ofCall: (callId) => ofCall.get(callId) ?? [],
    ofKey: (key) => ofKey.get(key) ?? [],
    progress: (run, poll) => {
      if (poll) run.polls += 1;
      if (run.endedMs !== null) return 'ended';
      const now = clock.now();
      const { runEnds } = settings;
      const age = now - run.createdMs;
      const isOver =
        runEnds !== 'never' && ('afterPolls' in runEnds ? run.polls > runEnds.afterPolls : age >= runEnds.afterMs);
      if (isOver) {
        run.endedMs = now;
        return 'ended';
      }
      return run.polls === 0 ? 'queued' : 'running';
    },
    toJSON: () => runs.map((run) => ({ ...run })),
  };
}

function push(lists: Map<string, StoredRun[]>, name: string, run: StoredRun): void {
  const list = lists.get(name);
  if (list) list.push(run);
  else lists.set(name, [run]);
}
