// Which call is bought for which kit.
import type { GongCall } from '../gong/schemas.ts';
import type { KitConfig } from './config.ts';
import type { KitState, SourceState } from './state.ts';

/** One kit of this sync. */
export interface KitPlan {
  /** `CODE` or `CODE@VERSION`: its name in the state. */
  readonly name: string;
  readonly code: string;
  readonly version: string | null;
  readonly input: 'text' | 'turns';
  readonly minDurationSeconds: number;
  readonly state: KitState;
  /** Calls that start before it are not bought; milliseconds since the epoch. */
  readonly from: number;
  /**
   * Calls that start before it were closed long ago and are not looked at again, whatever else is listed: a ledger under a host
   * remembers no further back. Asked by id or by range they are.
   */
  readonly lower: number;
  /** Start of the earliest call that is owed for want of budget and not in `owed`; the bookmark stays before it. */
  blockedAt: number | undefined;
}

export interface KitPlanning {
  readonly state: SourceState;
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

/**
 * A kit's `from`: its setting; else `start_date` when it stood in the configuration at the first sync; else the moment it was
 * first seen. Older calls are bought only when that is asked for (`older`: a range with named kits).
 */
export function planKits(kits: readonly KitConfig[], planning: KitPlanning): KitPlan[] {
  const { state, startDate, now, older, isRange, lookbackMs } = planning;
  const isFirst = !state.known.has('semarize_runs');
  return kits.map((kit) => {
    const name = kit.version_id === undefined ? kit.code : `${kit.code}@${kit.version_id}`;
    const wanted = kit.from === undefined ? undefined : Date.parse(kit.from);
    const saved = state.kits.get(name) ?? {
      from: wanted ?? (isFirst ? startDate : now),
      closedThrough: null,
      deepAt: null,
    };
    if (wanted !== undefined && wanted !== saved.from) moveStart(saved, wanted, lowestOf(saved, lookbackMs));
    state.kits.set(name, saved);
    return {
      name,
      code: kit.code,
      version: kit.version_id ?? null,
      input: kit.input,
      minDurationSeconds: kit.min_duration_seconds,
      state: saved,
      from: older === undefined ? saved.from : Math.min(older, saved.from),
      lower: isRange ? Number.NEGATIVE_INFINITY : lowestOf(saved, lookbackMs),
      blockedAt: undefined,
    };
  });
}

/** An earlier start opens what was closed as not wanted; what was closed as done stays so. States hold whole milliseconds. */
function moveStart(kit: KitState, wanted: number, lowest: number): void {
  const until = Math.ceil(lowest);
  if (kit.closedThrough !== null && kit.from < until) kit.closed = [...(kit.closed ?? []), [kit.from, until]];
  if (wanted < kit.from) kit.closedThrough = null;
  kit.from = wanted;
}

/** Where the listing of a kit can start at the earliest: its long look-back. */
export function lowestOf({ closedThrough, deepAt, from }: KitState, lookbackMs: number): number {
  return closedThrough === null ? from : Math.min(closedThrough, deepAt ?? closedThrough) - lookbackMs;
}

/** Does this call count for this kit? Private calls are never evaluated. */
export function isEligible(
  kit: Pick<KitPlan, 'from' | 'minDurationSeconds'>,
  call: GongCall,
  startedAt: number,
): boolean {
  if (call.metaData.isPrivate === true) return false;
  return startedAt >= kit.from && (call.metaData.duration ?? 0) >= kit.minDurationSeconds;
}

/** Was this time closed so long ago that a ledger may have forgotten what was bought in it? */
export function isClosed(kit: Pick<KitPlan, 'lower' | 'state'>, startedAt: number): boolean {
  if (startedAt < kit.lower) return true;
  return (
    kit.lower !== Number.NEGATIVE_INFINITY &&
    (kit.state.closed ?? []).some(([from, until]) => startedAt >= from && startedAt < until)
  );
}
