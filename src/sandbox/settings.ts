// Every switch of the two services. A setting may be changed while the sandbox runs; the next request goes by it.

export interface SandboxSettings {
  // Gong
  /** Calls (users, transcripts) a page. */
  pageSize: number;
  /** From the first page of a sequence on, milliseconds of the sandbox's clock. */
  cursorLifetimeMs: number;
  /** Infinity: no limit. */
  gongRequestsPerSecond: number;
  gongRequestsPerDay: number;
  /** What a spent day answers as Retry-After, and after how long it is good again. */
  gongQuotaPauseSeconds: number;
  /** Scopes of the key, or all. */
  scopes: 'all' | readonly string[];
  /** More than 100 ids: 400. */
  strictCallIds: boolean;
  order: 'ascending' | 'shuffled';
  transcriptsOfPrivateCalls: boolean;
  /** Transcripts of calls that are not listed yet are served. */
  transcriptBeforeCall: boolean;
  /** 401 for the right key: the company lives on another host. */
  wrongHost: boolean;
  /** The key's owner may see no call. */
  blindKey: boolean;
  /** 403: the address is not on the key's list. */
  ipRefused: boolean;
  /** The Date header: the sandbox's clock, none, or the clock plus that many milliseconds. */
  dateHeader: 'clock' | 'none' | number;

  // Semarize
  /** After how many unfinished polls, or how long after its creation (milliseconds of the clock), a run has ended. */
  runEnds: { afterPolls: number } | { afterMs: number } | 'never';
  /** Retry-After of the 202, or null for none. */
  runRetryAfterSeconds: number | null;
  repeatedKeyStatus: 200 | 202;
  /** How long an Idempotency-Key is remembered. */
  idempotencyMemoryMs: number;
  /** What makes two bodies under one key the same. */
  compareBodies: 'bytes' | 'values';
  /** `mode: sync` is answered as if it had been async. */
  syncFallback: boolean;
  /** Wrapper key of the run list; null: a bare array. */
  runListKey: string | null;
  /** `limit` out of range: 400; otherwise it is clamped. */
  strictRunLimit: boolean;
  /** Whether a run names the version it used. */
  kitVersionInAnswer: boolean;
  /** Version that runs when none is pinned, by kit code; default: the newest. */
  currentVersions: Readonly<Record<string, string>>;
  semarizeRequestsPerSecond: number;
}

export const defaultSettings: SandboxSettings = {
  pageSize: 100,
  cursorLifetimeMs: 3_600_000,
  gongRequestsPerSecond: 3,
  gongRequestsPerDay: 10_000,
  gongQuotaPauseSeconds: 18_000,
  scopes: 'all',
  strictCallIds: false,
  order: 'ascending',
  transcriptsOfPrivateCalls: true,
  transcriptBeforeCall: false,
  wrongHost: false,
  blindKey: false,
  ipRefused: false,
  dateHeader: 'clock',
  runEnds: { afterPolls: 1 },
  runRetryAfterSeconds: 1,
  repeatedKeyStatus: 200,
  idempotencyMemoryMs: Number.POSITIVE_INFINITY,
  compareBodies: 'bytes',
  syncFallback: false,
  runListKey: 'runs',
  strictRunLimit: true,
  kitVersionInAnswer: true,
  currentVersions: {},
  semarizeRequestsPerSecond: Number.POSITIVE_INFINITY,
};
