// Finds the calls that a filter means, as the clock and the settings have it.
import type { SandboxSettings } from '../settings.ts';
import { endOf, isPrivateAt, sightOf, speechVersionAt } from '../world/life.ts';
import type { World, WorldCall } from '../world/world.ts';
import type { CallFilter } from './filter.ts';

export interface FoundCalls {
  readonly calls: readonly WorldCall[];
  /** Calls in the filter that are over and not listed yet. */
  readonly processing: number;
}

/** `scheduled`: web conferences are filtered by their planned time. */
export type CallList = 'started' | 'scheduled' | 'transcripts';

export type FindCalls = (list: CallList, filter: CallFilter, nowMs: number) => FoundCalls;

export function createCallFinder(world: World, settings: SandboxSettings): FindCalls {
  const changes = instantsOfChange(world);
  let last: { question: string; found: FoundCalls } | undefined;

  return (list, filter, nowMs) => {
    if (settings.blindKey) return { calls: [], processing: 0 };
    if (filter.callIds) {
      const calls = [...new Set(filter.callIds)].flatMap((id) => world.callById(id) ?? []);
      calls.sort((a, b) => a.startedMs - b.startedMs || a.index - b.index);
      return select(calls, list, filter, nowMs, settings);
    }
    // The pages of a sequence ask the same list again and again; it changes only when something happens to a call.
    const { order, transcriptBeforeCall, transcriptsOfPrivateCalls } = settings;
    const happened = firstFrom(changes, Math.floor(nowMs) + 1, (ms) => ms);
    const users = filter.primaryUserIds && [...filter.primaryUserIds];
    const asked = [list, filter.fromMs, filter.toMs, filter.workspaceId, users];
    const question = `${asked.join()} ${happened} ${order} ${transcriptBeforeCall} ${transcriptsOfPrivateCalls}`;
    if (last?.question !== question) {
      const calls = list === 'scheduled' ? world.calls : between(world.calls, filter.fromMs, filter.toMs);
      last = { question, found: select(calls, list, filter, nowMs, settings) };
    }
    return last.found;
  };
}

function select(
  candidates: readonly WorldCall[],
  list: CallList,
  filter: CallFilter,
  nowMs: number,
  settings: SandboxSettings,
): FoundCalls {
  const calls: WorldCall[] = [];
  let processing = 0;
  for (const call of candidates) {
    const at = list === 'scheduled' && call.direction === 'Conference' ? call.scheduledMs : call.startedMs;
    if (at < filter.fromMs || at >= filter.toMs) continue;
    if (filter.workspaceId !== undefined && call.workspaceId !== filter.workspaceId) continue;
    if (filter.primaryUserIds && !filter.primaryUserIds.has(call.host.id)) continue;
    const sight = sightOf(call, nowMs);
    if (list === 'transcripts') {
      if (hasTranscript(call, nowMs, settings)) calls.push(call);
    } else if (sight === 'visible') calls.push(call);
    else if (sight === 'processing') processing += 1;
  }
  if (settings.order === 'shuffled') calls.sort((a, b) => shuffledRank(a) - shuffledRank(b));
  return { calls, processing };
}

function hasTranscript(call: WorldCall, nowMs: number, settings: SandboxSettings): boolean {
  const sight = sightOf(call, nowMs);
  if (sight !== 'visible' && !(settings.transcriptBeforeCall && sight === 'processing')) return false;
  if (!settings.transcriptsOfPrivateCalls && isPrivateAt(call, nowMs)) return false;
  return speechVersionAt(call, nowMs) !== 'none';
}

/** When something happens to a call that moves it in or out of a list, ascending. */
function instantsOfChange(world: World): Float64Array {
  const instants: number[] = [];
  for (const call of world.calls) {
    const { visibleMs, transcriptMs, privateMs, erasedMs } = call.life;
    for (const ms of [endOf(call), visibleMs, transcriptMs, privateMs, erasedMs])
      if (Number.isFinite(ms)) instants.push(ms);
  }
  return Float64Array.from(instants).sort();
}

/** An order that has nothing to do with time and does not change between pages. */
function shuffledRank(call: WorldCall): number {
  return Math.imul(call.index + 1, 0x9e3779b1) >>> 0;
}

/** The calls that start in [fromMs, toMs). */
function between(calls: readonly WorldCall[], fromMs: number, toMs: number): readonly WorldCall[] {
  const startOf = (call: WorldCall) => call.startedMs;
  return calls.slice(firstFrom(calls, fromMs, startOf), firstFrom(calls, toMs, startOf));
}

/** Position of the first item at or after `ms` in a list that is ascending in `at` (binary search). */
function firstFrom<T>(items: ArrayLike<T>, ms: number, at: (item: T) => number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(items[middle] as T) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
