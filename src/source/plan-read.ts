// What one sync lists, planned without I/O: from where, up to where, in which windows, and whether a sweep is due.
import type { SourceConfig } from './config.ts';
import type { KitPlan } from './kits.ts';
import type { ReadRequest } from './read-request.ts';
import type { ListingState, SourceState } from './state.ts';
import type { StreamName } from './streams.ts';
import { dayMs, hourMs, isDue, lowerBound, planWindows, safetyMs, type Window } from './windows.ts';

export interface ReadPlan {
  /** What is listed; contiguous, oldest first. */
  readonly windows: readonly Window[];
  /** Where the look-back of each stream starts; ms since the epoch. */
  readonly lower: { readonly calls: number; readonly transcripts: number };
  /** Do the bookmarks move? Not for a range, and not for a try-out. */
  readonly movesBookmarks: boolean;
  /** Stop after this many calls. */
  readonly limit: number | undefined;
  /** Of a long look-back: the instant up to which it finds what appeared. */
  readonly deepAt: number | undefined;
  /** The span of the weekly sweep, when it is due. */
  readonly sweep: Window | undefined;
}

export interface ReadPlanOptions {
  readonly config: SourceConfig;
  readonly request: Pick<ReadRequest, 'range' | 'limit'>;
  readonly selected: ReadonlySet<StreamName>;
  readonly state: Pick<SourceState, 'calls' | 'transcripts'>;
  readonly kits: readonly Pick<KitPlan, 'from' | 'state'>[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function planRead({ config, request, selected, state, kits, now }: ReadPlanOptions): ReadPlan {
  const { range, limit } = request;
  const start = Date.parse(config.start_date);
  const listings = (['calls', 'transcripts'] as const).filter((stream) => selected.has(stream));
  const bookmarks = [...listings.map((stream) => state[stream]), ...kits.map((kit) => kit.state)];
  const isDeep = bookmarks.some(({ deepAt }) => isDue(deepAt, dayMs, now));
  const deepDays = isDeep ? config.deep_lookback_days : 0;
  const lookbackMs = Math.max(deepDays * dayMs, config.lookback_hours * hourMs);
  const lowerOf = ({ closedThrough, deepAt }: Pick<ListingState, 'closedThrough' | 'deepAt'>, from: number) =>
    lowerBound({ closedThrough, start: from, lookedBackAt: isDeep ? deepAt : null }, lookbackMs);
  const lower = { calls: lowerOf(state.calls, start), transcripts: lowerOf(state.transcripts, start) };

  const until = Math.min(
    range?.until ?? Number.POSITIVE_INFINITY,
    now - safetyMs,
    config.end_date === undefined ? Number.POSITIVE_INFINITY : Date.parse(config.end_date),
  );
  const starts = [...listings.map((stream) => lower[stream]), ...kits.map((kit) => lowerOf(kit.state, kit.from))];
  const from = range?.from ?? Math.min(until, ...starts);
  const movesBookmarks = range === undefined && limit === undefined;
  // It belongs to calls: a kit that lags lists further back, for itself alone.
  const listed = Math.min(until, ...listings.map((stream) => lower[stream]));
  const sweep = { from: Math.max(start, now - config.sweep_days * dayMs), until: listed };
  // A stream that was never swept is still being read for the first time: that pass lists all there is.
  const isSweepDue = ({ sweptAt }: ListingState) => sweptAt !== null && isDue(sweptAt, 7 * dayMs, now);
  const isSweep = movesBookmarks && sweep.from < sweep.until && listings.some((stream) => isSweepDue(state[stream]));
  return {
    windows: planWindows(from, until),
    lower: range === undefined ? lower : { calls: from, transcripts: from },
    movesBookmarks,
    limit,
    deepAt: isDeep ? now - safetyMs : undefined,
    sweep: isSweep ? sweep : undefined,
  };
}
