// The fault script: which requests go wrong, how often, and how. One mechanism; `fault-answers.ts` has the wordings.
import type { JsonObject } from '../core/json.ts';
import type { Answer, SandboxRequest } from './exchange.ts';
import { createRandom } from './random.ts';

/** Where a body breaks off: with its announced length, in the middle of a chunk stream, or by closing a body of no length. */
export type Truncation = 'length' | 'chunked' | 'close';

/**
 * What happens instead of, or to, the right answer. With `processed: true` the request does its work first (a run is stored)
 * and only its answer is lost.
 */
export type FaultAction =
  | { kind: 'answer'; answer: Answer; processed?: boolean }
  /** The connection is reset without an answer. */
  | { kind: 'reset'; processed?: boolean }
  /** No answer ever comes; the connection stays open. */
  | { kind: 'silence'; processed?: boolean }
  /** The right answer, so many real milliseconds later. */
  | { kind: 'delay'; ms: number }
  /** The right answer, `bytes` every `everyMs` real milliseconds. */
  | { kind: 'drip'; bytes: number; everyMs: number }
  /** The right answer up to `atByte` (default: half of it). */
  | { kind: 'truncate'; form: Truncation; atByte?: number }
  /** The right answer with another body. */
  | { kind: 'change'; change: (body: JsonObject, request: SandboxRequest) => JsonObject }
  /** The answer that the request before this one on the same route got. */
  | { kind: 'crossed' }
  /** A body of that many bytes that never was an answer, streamed. */
  | { kind: 'flood'; bytes: number };

export interface FaultRule {
  /** A route (`POST /v1/runs`), or anything about the request. */
  on: string | ((request: SandboxRequest) => boolean);
  /** Matching requests that go well first; default 0. */
  after?: number;
  /** How many then go wrong; default 1; Infinity = from now on. */
  times?: number;
  do: FaultAction;
}

export interface Fault {
  /** How often it was played. A test that needs the fault to have happened asks this. */
  readonly played: number;
  remove(): void;
}

export interface RandomFaults {
  seed: number;
  /** Share of requests that go wrong, 0–1. */
  rate: number;
  on?: FaultRule['on'];
  actions: readonly FaultAction[];
}

export interface FaultScript {
  /** The first rule that matches a request is played. */
  add(rule: FaultRule): Fault;
  /** Seeded: the same requests in the same order meet the same faults. */
  random(options: RandomFaults): Fault;
  clear(): void;
}

/** What the server asks. */
export interface FaultReader extends FaultScript {
  take(request: SandboxRequest): FaultAction | undefined;
}

interface Entry {
  readonly decide: (request: SandboxRequest) => FaultAction | undefined;
  played: number;
}

export function createFaultScript(): FaultReader {
  let entries: Entry[] = [];
  const enter = (decide: Entry['decide']): Fault => {
    const entry: Entry = { decide, played: 0 };
    entries.push(entry);
    return {
      get played() {
        return entry.played;
      },
      remove: () => {
        entries = entries.filter((other) => other !== entry);
      },
    };
  };
  return {
    add: (rule) => {
      let seen = 0;
      const [first, times] = [rule.after ?? 0, rule.times ?? 1];
      return enter((request) => {
        if (!isMeant(rule.on, request)) return undefined;
        const turn = seen++ - first;
        return turn >= 0 && turn < times ? rule.do : undefined;
      });
    },
    random: ({ seed, rate, on = () => true, actions }) => {
      const random = createRandom(seed, 'faults');
      return enter((request) => (isMeant(on, request) && random.chance(rate) ? random.pick(actions) : undefined));
    },
    clear: () => {
      entries = [];
    },
    take: (request) => {
      for (const entry of entries) {
        const action = entry.decide(request);
        if (!action) continue;
        entry.played += 1;
        return action;
      }
      return undefined;
    },
  };
}

function isMeant(on: FaultRule['on'], request: SandboxRequest): boolean {
  return typeof on === 'string' ? request.route === on : on(request);
}
