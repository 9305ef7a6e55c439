// The state of each stream: parsed from what a destination or a host kept, and written again. Absent means start; broken,
// newer or foreign means stop with advice: never "from zero" by accident.
import type { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import { canonicalJson, sha256 } from '../core/hash.ts';
import type { JsonObject } from '../core/json.ts';
import type { SourceConfig } from './config.ts';
import type { PendingCalls, PendingEntry } from './pending.ts';
import { createSeen, type Seen } from './seen.ts';
import { callsSchema, runsSchema, transcriptsSchema } from './state-schemas.ts';
import type { StreamName } from './streams.ts';

/** Grows when an older program would read a state wrongly: 2 keeps what is owed and done by kit. */
const version = 2;

/** One listing bookmark; times in milliseconds since the epoch. */
export interface ListingState {
  closedThrough: number | null;
  deepAt: number | null;
  sweptAt: number | null;
  /** What was emitted last of each call. */
  seen: Seen;
  /** The bookmark at which a window was left open once because Gong counted more calls than it showed; ms, or null. */
  waitedAt: number | null;
}

export interface KitState {
  /** Calls before it are not bought. */
  from: number;
  closedThrough: number | null;
  /** The instant up to which the last long look-back found what had appeared. */
  deepAt: number | null;
  /** The versions that have answered, for a kit without a pinned one; the last one is the newest. */
  answers: string[];
  /** Spans that were closed before `from` was moved to an earlier time: they are not bought again; ms since the epoch. */
  closed: [from: number, until: number][];
  /** Calls that are still to be evaluated although the bookmark has passed them: id → start (ms since the epoch). */
  readonly owed: Map<string, number>;
}

export interface SourceState {
  readonly calls: ListingState & { requests?: [day: string, count: number] };
  readonly transcripts: ListingState & { readonly pending: PendingCalls };
  /** By `CODE` or `CODE@VERSION`. */
  readonly kits: Map<string, KitState>;
  /** Of a state of 0.1.0: calls owed to some kit, it does not say which; see kits.ts. */
  readonly owedToSome: ReadonlyMap<string, number>;
  /** For the ledger under a host. */
  readonly savedRuns: JsonObject;
  /** Streams that had a state. */
  readonly known: ReadonlySet<StreamName>;
}

export interface Fingerprints {
  /** What gives the states of calls and transcripts their meaning. */
  readonly listing: string;
  readonly runs: string;
}

export function fingerprintsOf(
  config: Pick<SourceConfig, 'workspace_ids' | 'workspace_label'>,
  keyClass: string,
): Fingerprints {
  return {
    listing: shortHash(['workspaces', [...config.workspace_ids].sort()]),
    runs: shortHash(['runs', config.workspace_label, keyClass]),
  };
}

function shortHash(value: (string | string[])[]): string {
  return sha256(canonicalJson(value)).slice(0, 16);
}

/**
 * @param saved states by stream; a stream without one (or with `{}`) starts anew
 * @throws ConnectorError area `config` for a state that is broken, newer, or of another workspace
 */
export function parseStates(saved: ReadonlyMap<string, JsonObject>, fingerprints: Fingerprints): SourceState {
  const known = new Set<StreamName>();
  const read = <Schema extends z.ZodType<{ v: number; fingerprint: string }>>(
    stream: StreamName,
    schema: Schema,
    fingerprint: string,
  ): z.output<Schema> | undefined => {
    const value = saved.get(stream);
    if (value === undefined || Object.keys(value).length === 0) return undefined;
    known.add(stream);
    if (typeof value['v'] === 'number' && value['v'] > version) throw newer(stream);
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw broken(stream, parsed.error);
    if (parsed.data.fingerprint !== fingerprint) throw foreign(stream);
    return parsed.data;
  };
  const calls = read('calls', callsSchema, fingerprints.listing);
  const transcripts = read('transcripts', transcriptsSchema, fingerprints.listing);
  const runs = read('semarize_runs', runsSchema, fingerprints.runs);
  return {
    calls: { ...toListing(calls), ...(calls?.requests ? { requests: calls.requests } : {}) },
    transcripts: {
      ...toListing(transcripts),
      pending: new Map(Object.entries(transcripts?.pending ?? {}).map(toPending)),
    },
    kits: new Map(
      Object.entries(runs?.kits ?? {}).map(([kit, { answered, ...state }]) => [
        kit,
        {
          from: Date.parse(state.from),
          closedThrough: toMs(state.closedThrough),
          deepAt: toMs(state.deepAt),
          answers: state.answers ?? (answered === undefined ? [] : [answered]),
          closed: state.closed ?? [],
          owed: new Map(Object.entries(state.owed ?? {})),
        },
      ]),
    ),
    owedToSome: new Map(Object.entries(runs?.owed ?? {})),
    savedRuns: (runs as JsonObject | undefined) ?? {},
    known,
  };
}

export function writeCallsState(state: SourceState, fingerprints: Fingerprints): JsonObject {
  const { requests } = state.calls;
  return { ...writeListing(state.calls, fingerprints.listing), ...(requests === undefined ? {} : { requests }) };
}

export function writeTranscriptsState(state: SourceState, fingerprints: Fingerprints): JsonObject {
  const pending: JsonObject = {};
  for (const [id, { firstSeen, tries, nextTry, end }] of state.transcripts.pending)
    pending[id] = end === undefined ? [firstSeen, tries, nextTry] : [firstSeen, tries, nextTry, end];
  return { ...writeListing(state.transcripts, fingerprints.listing), pending };
}

/** @param ledger what a ledger under a host adds; nothing standalone. */
export function writeRunsState(state: SourceState, fingerprints: Fingerprints, ledger: JsonObject): JsonObject {
  const kits: JsonObject = {};
  for (const [kit, { from, closedThrough, deepAt, answers, closed, owed }] of state.kits)
    kits[kit] = {
      from: iso(from),
      closedThrough: isoOrNull(closedThrough),
      deepAt: isoOrNull(deepAt),
      ...(answers.length === 0 ? {} : { answers }),
      ...(closed.length === 0 ? {} : { closed }),
      ...(owed.size === 0 ? {} : { owed: Object.fromEntries(owed) }),
    };
  return { v: version, fingerprint: fingerprints.runs, kits, ...ledger };
}

function writeListing(state: ListingState, fingerprint: string): JsonObject {
  return {
    v: version,
    fingerprint,
    closedThrough: isoOrNull(state.closedThrough),
    deepAt: isoOrNull(state.deepAt),
    sweptAt: isoOrNull(state.sweptAt),
    seen: state.seen.pack(),
    ...(state.waitedAt === null ? {} : { waitedAt: iso(state.waitedAt) }),
  };
}

type Saved = {
  closedThrough: string | null;
  deepAt: string | null;
  sweptAt: string | null;
  seen: string;
  waitedAt?: string | null | undefined;
};

function toListing(saved: Saved | undefined): ListingState {
  return {
    closedThrough: toMs(saved?.closedThrough ?? null),
    deepAt: toMs(saved?.deepAt ?? null),
    sweptAt: toMs(saved?.sweptAt ?? null),
    seen: createSeen(saved?.seen),
    waitedAt: toMs(saved?.waitedAt ?? null),
  };
}

type SavedPending = [number, number, number] | [number, number, number, NonNullable<PendingEntry['end']>];

function toPending([id, [firstSeen, tries, nextTry, end]]: [string, SavedPending]): [string, PendingEntry] {
  return [id, { firstSeen, tries, nextTry, ...(end === undefined ? {} : { end }) }];
}

function toMs(value: string | null): number | null {
  return value === null ? null : Date.parse(value);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}

function newer(stream: StreamName): ConnectorError {
  return new ConnectorError(`The state of ${stream} was written by a newer gong-elt.`, {
    area: 'config',
    stream,
    hint: 'update gong-elt, or restore the state that this version wrote',
  });
}

function broken(stream: StreamName, error: z.ZodError): ConnectorError {
  const places = error.issues.slice(0, 3).map((issue) => issue.path.map(String).join('.') || '(top)');
  return new ConnectorError(
    `The state of ${stream} is damaged (at ${places.join(', ')}); it is not taken for an empty one.`,
    {
      area: 'config',
      stream,
      hint: 'restore the state from a backup; a first sync needs no state at all',
    },
  );
}

function foreign(stream: StreamName): ConnectorError {
  const what =
    stream === 'semarize_runs'
      ? 'another workspace_label or another class of Semarize key (live or test)'
      : 'other workspace_ids';
  return new ConnectorError(`The state of ${stream} belongs to ${what}.`, {
    area: 'config',
    stream,
    hint: 'set the configuration back, or sync the changed one to a new destination; nothing was read or bought',
  });
}
