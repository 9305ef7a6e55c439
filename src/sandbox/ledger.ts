// What the sandbox was asked and what it accepted: the oracle of tests. Facts and counts, never a body.
import type { JsonObject, JsonValue } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';
import type { SandboxRequest, Service } from './exchange.ts';
import type { RunStore, StoredRun } from './semarize/run-store.ts';

export interface LedgerRequest {
  /** The sandbox's clock at arrival. */
  readonly atMs: number;
  readonly service: Service | undefined;
  readonly route: string;
  /** As answered; 0 when the connection was cut instead. */
  status: number;
  readonly bodyBytes: number;
  /** The fault that was played, if any: the name of its action. */
  fault: string | undefined;
  /** Gong: what was asked. */
  readonly callIds?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly hasCursor?: boolean;
  /** Semarize: Idempotency-Key of a POST, run id of a poll. */
  readonly key?: string;
  readonly runId?: string;
}

export interface SandboxLedger {
  readonly requests: readonly LedgerRequest[];
  /** Requests of a route, `POST /v2/calls/extensive`. */
  of(route: string): readonly LedgerRequest[];
  count(route: string): number;
  /** Seconds since the epoch → requests that arrived in it. */
  perSecond(filter?: { service?: Service; route?: string }): Map<number, number>;
  /** The most requests of a service within any 1000 ms. */
  maxInSlidingSecond(service: Service): number;
  /** `POST /v1/runs` requests, refused and repeated ones too. */
  readonly posts: number;
  postsPerKey(): Map<string, number>;
  /** Every accepted run, oldest first. */
  readonly runs: readonly StoredRun[];
  readonly distinctRuns: number;
  /** Accepted runs of a key: more than one only when the key was forgotten in between. */
  runsPerKey(key: string): readonly StoredRun[];
  /** Accepted runs of a call and kit, recognised by the transcript's words. */
  runsPer(callId: string, kitCode: string): readonly StoredRun[];
  polls(runId?: string): number;
  /** The smallest time between two polls of the same run, milliseconds; undefined when no run was polled twice. */
  readonly smallestPollGapMs: number | undefined;
  /** Forgets requests, keeps accepted runs: for a test with several acts. */
  clearRequests(): void;
  totals(): JsonObject;
}

/** What the server writes into. */
export interface LedgerWriter extends SandboxLedger {
  record(request: SandboxRequest): LedgerRequest;
}

const postRuns = 'POST /v1/runs';
const pollRun = 'GET /v1/runs/{id}';

export function createLedger(runs: RunStore): LedgerWriter {
  const requests: LedgerRequest[] = [];
  const of = (route: string) => requests.filter((request) => request.route === route);

  return {
    requests,
    record: (request) => {
      const entry: LedgerRequest = {
        atMs: request.atMs,
        service: request.service,
        route: request.route,
        status: 0,
        bodyBytes: request.body.length,
        fault: undefined,
        ...factsOf(request),
      };
      requests.push(entry);
      return entry;
    },
    of,
    count: (route) => of(route).length,
    perSecond: ({ service, route } = {}) => {
      const counts = new Map<number, number>();
      for (const request of requests) {
        if (service !== undefined && request.service !== service) continue;
        if (route !== undefined && request.route !== route) continue;
        const second = Math.floor(request.atMs / 1000);
        counts.set(second, (counts.get(second) ?? 0) + 1);
      }
      return counts;
    },
    maxInSlidingSecond: (service) =>
      maxWithin(requests.filter((request) => request.service === service).map(({ atMs }) => atMs)),
    get posts() {
      return of(postRuns).length;
    },
    postsPerKey: () => {
      const counts = new Map<string, number>();
      for (const { key } of of(postRuns)) if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
      return counts;
    },
    get runs() {
      return runs.all();
    },
    get distinctRuns() {
      return runs.all().length;
    },
    runsPerKey: (key) => runs.ofKey(key),
    runsPer: (callId, kitCode) => runs.ofCall(callId).filter((run) => run.kitCode === kitCode),
    polls: (runId) => of(pollRun).filter((request) => runId === undefined || request.runId === runId).length,
    get smallestPollGapMs() {
      return smallestGap(of(pollRun));
    },
    clearRequests: () => {
      requests.length = 0;
    },
    totals: () => {
      const byRoute: JsonObject = {};
      for (const { route } of requests) byRoute[route] = Number(byRoute[route] ?? 0) + 1;
      return { requests: requests.length, by_route: byRoute, runs: runs.all().length, posts: of(postRuns).length };
    },
  };
}

function factsOf(request: SandboxRequest): Partial<LedgerRequest> {
  if (request.route === pollRun) return { runId: request.id ?? '' };
  const key = request.headers['idempotency-key'];
  if (request.service === 'semarize') return typeof key === 'string' ? { key } : {};
  const body = isJsonObject(request.json) ? request.json : {};
  const filter = isJsonObject(body['filter']) ? body['filter'] : Object.fromEntries(request.query);
  const cursor = body['cursor'] ?? request.query.get('cursor');
  return {
    ...(Array.isArray(filter['callIds']) ? { callIds: filter['callIds'].filter((id) => typeof id === 'string') } : {}),
    ...textAs('from', filter['fromDateTime']),
    ...textAs('to', filter['toDateTime']),
    hasCursor: typeof cursor === 'string',
  };
}

function textAs(name: 'from' | 'to', value: JsonValue | undefined): Partial<LedgerRequest> {
  return typeof value === 'string' ? { [name]: value } : {};
}

/** @param times ascending. */
function maxWithin(times: readonly number[]): number {
  let [most, first] = [0, 0];
  for (const [i, time] of times.entries()) {
    while (time - (times[first] ?? time) >= 1000) first++;
    most = Math.max(most, i - first + 1);
  }
  return most;
}

function smallestGap(polls: readonly LedgerRequest[]): number | undefined {
  const last = new Map<string, number>();
  let smallest: number | undefined;
  for (const { runId = '', atMs } of polls) {
    const before = last.get(runId);
    if (before !== undefined) smallest = Math.min(smallest ?? Number.POSITIVE_INFINITY, atMs - before);
    last.set(runId, atMs);
  }
  return smallest;
}
