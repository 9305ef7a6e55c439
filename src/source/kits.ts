// The kits of a sync: from when on each asks, and what it takes over from a state, its own or that of the same kit under another name.
import type { KitConfig } from './config.ts';
import type { KitState, SourceState } from './state.ts';

/** One kit of this sync. */
export interface KitPlan {
  /** `CODE` or `CODE@VERSION`: its name in the state. */
  readonly name: string;
  readonly code: string;
  readonly version: string | null;
  /** Versions of this kit that are pinned by kits of their own. */
  readonly apart: ReadonlySet<string>;
  readonly input: 'text' | 'turns';
  readonly minDurationSeconds: number;
  readonly state: KitState;
  /** Calls that start before it are not bought; milliseconds since the epoch. */
  readonly from: number;
  /**
   * Calls that start before it were closed long ago and are not looked at again, whatever else is listed: a ledger under a host
   * remembers no further back. Asked by range they are.
   */
  readonly lower: number;
  /** Other spans that were closed; none for a range. */
  readonly closed: readonly (readonly [from: number, until: number])[];
  /** Start of the earliest call that waits for the limit and is not in `owed`; the bookmark stays before it. */
  blockedAt: number | undefined;
}

export interface KitPlanning {
  readonly state: SourceState;
  /** All kits of the configuration, whichever take part in this sync. */
  readonly configured: readonly KitConfig[];
  /** Milliseconds since the epoch. */
  readonly startDate: number;
  readonly now: number;
  /** The longest look-back, milliseconds. */
  readonly lookbackMs: number;
  /** A range is read, whatever was closed. */
  readonly isRange: boolean;
  /** Kits were named together with a range: it opens what is older than their `from`; ms since the epoch. */
  readonly older: number | undefined;
}

export function kitName({ code, version_id: version }: Pick<KitConfig, 'code' | 'version_id'>): string {
  return version === undefined ? code : `${code}@${version}`;
}

/**
 * A kit's `from`: its setting; else `start_date` when it stood in the configuration at the first sync; else the moment it was
 * first seen. Older calls are bought only when that is asked for (`older`: a range with named kits).
 */
export function planKits(kits: readonly KitConfig[], planning: KitPlanning): KitPlan[] {
  const { state, startDate, now, older, isRange, lookbackMs } = planning;
  const isFirst = !state.known.has('semarize_runs');
  return kits.map((kit) => {
    const name = kitName(kit);
    const version = kit.version_id ?? null;
    const apart = versionsApart(kit, planning.configured);
    const wanted = kit.from === undefined ? undefined : Date.parse(kit.from);
    const saved = state.kits.get(name) ?? inherited(kit, apart, state) ?? newKit(wanted ?? (isFirst ? startDate : now));
    if (wanted !== undefined && wanted !== saved.from) moveStart(saved, wanted, lowestOf(saved, lookbackMs));
    state.kits.set(name, saved);
    return {
      name,
      code: kit.code,
      version,
      apart,
      input: kit.input,
      minDurationSeconds: kit.min_duration_seconds,
      state: saved,
      from: older === undefined ? saved.from : Math.min(older, saved.from),
      lower: isRange ? Number.NEGATIVE_INFINITY : lowestOf(saved, lookbackMs),
      closed: isRange ? [] : saved.closed,
      blockedAt: undefined,
    };
  });
}

function newKit(from: number): KitState {
  return { from, closedThrough: null, deepAt: null, answers: [], closed: [], owed: new Map() };
}

function versionsApart(kit: KitConfig, configured: readonly KitConfig[]): Set<string> {
  const versions = configured.filter(({ code }) => code === kit.code).map(({ version_id: version }) => version);
  return new Set(versions.filter((version) => version !== undefined && version !== kit.version_id) as string[]);
}

/**
 * The state of the same kit under another name: it was pinned to the version that had answered it, or its pin was taken away. What was
 * bought then is not bought again, so what was closed stays closed.
 */
function inherited(
  { code, version_id: version }: KitConfig,
  apart: ReadonlySet<string>,
  { kits }: SourceState,
): KitState | undefined {
  let found: KitState | undefined;
  for (const [name, state] of kits) {
    const [otherCode, other] = name.split('@');
    if (otherCode !== code) continue;
    const isSame =
      version === undefined
        ? other !== undefined && !apart.has(other)
        : other === undefined && state.answers.includes(version);
    if (isSame && (found === undefined || (state.closedThrough ?? 0) > (found.closedThrough ?? 0))) found = state;
  }
  return found === undefined
    ? undefined
    : { ...found, answers: [], closed: [...found.closed], owed: new Map(found.owed) };
}

/** An earlier start opens what was closed as not wanted; what was closed as done stays so. States hold whole milliseconds. */
function moveStart(kit: KitState, wanted: number, lowest: number): void {
  const until = Math.ceil(lowest);
  if (kit.closedThrough !== null && kit.from < until) kit.closed = [...kit.closed, [kit.from, until]];
  if (wanted < kit.from) kit.closedThrough = null;
  kit.from = wanted;
}

/** Where the listing of a kit can start at the earliest: its long look-back. */
export function lowestOf({ closedThrough, deepAt, from }: KitState, lookbackMs: number): number {
  return closedThrough === null ? from : Math.min(closedThrough, deepAt ?? closedThrough) - lookbackMs;
}

/** Is anything owed of this call, to whichever kit? */
export function isOwed({ kits }: Pick<SourceState, 'kits'>, callId: string): boolean {
  for (const { owed } of kits.values()) if (owed.has(callId)) return true;
  return false;
}

/**
 * A state of 0.1.0 says that a call is owed, and not to which kit. It is owed to every kit that may not have bought it: whose memory
 * reaches back to the call, or for which the call never had a transcript. Of the others it is not known, and doubt does not buy.
 * @returns calls that are owed to no kit then
 */
export function settleEarlierOwed(state: SourceState, lookbackMs: number): string[] {
  const doubtful: string[] = [];
  for (const [id, startedAt] of state.owedToSome) {
    const isSure = state.transcripts.pending.has(id) || state.kits.size === 1;
    let isAnyones = false;
    for (const kit of state.kits.values()) {
      if (startedAt < kit.from || !(isSure || startedAt >= lowestOf(kit, lookbackMs))) continue;
      kit.owed.set(id, startedAt);
      isAnyones = true;
    }
    if (!isAnyones) doubtful.push(id);
  }
  return doubtful;
}
