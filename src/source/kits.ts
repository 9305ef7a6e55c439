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
  /** Start of the earliest call that is owed for want of budget and not in `owed`; the bookmark stays before it. */
  blockedAt: number | undefined;
}

/**
 * A kit's `from`: its setting; else `start_date` when it stood in the configuration at the first sync; else the moment it was
 * first seen. Older calls are bought only when that is asked for (`older`: a range with named kits).
 */
export function planKits(
  kits: readonly KitConfig[],
  state: SourceState,
  startDate: number,
  now: number,
  older: number | undefined,
): KitPlan[] {
  const isFirst = !state.known.has('semarize_runs');
  return kits.map((kit) => {
    const name = kit.version_id === undefined ? kit.code : `${kit.code}@${kit.version_id}`;
    const wanted = kit.from === undefined ? undefined : Date.parse(kit.from);
    const saved = state.kits.get(name) ?? { from: wanted ?? (isFirst ? startDate : now), closedThrough: null };
    if (wanted !== undefined && wanted !== saved.from) {
      // An earlier start opens what was closed as not wanted.
      if (wanted < saved.from) saved.closedThrough = null;
      saved.from = wanted;
    }
    state.kits.set(name, saved);
    return {
      name,
      code: kit.code,
      version: kit.version_id ?? null,
      input: kit.input,
      minDurationSeconds: kit.min_duration_seconds,
      state: saved,
      from: older === undefined ? saved.from : Math.min(older, saved.from),
      blockedAt: undefined,
    };
  });
}

/** Private calls are never evaluated. */
export function isEligible(kit: KitPlan, call: GongCall, startedAt: number): boolean {
  if (call.metaData.isPrivate === true) return false;
  return startedAt >= kit.from && (call.metaData.duration ?? 0) >= kit.minDurationSeconds;
}
