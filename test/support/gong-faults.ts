// What the fault tests of the reading side share: small worlds, syncs at given times, questions to the destination.
import { ConnectorError } from '../../src/core/errors.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { createHandmadeWorld, type HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import { type Harness, type HarnessOptions, startHarness } from './sync-harness.ts';

export const hour = 3_600_000;
export const day = 24 * hour;
export const listCalls = 'POST /v2/calls/extensive';
export const getTranscripts = 'POST /v2/calls/transcript';

/** The sandbox's clock when a handmade world begins. */
export const start = Date.parse('2026-03-02T08:00:00Z');

/** These calls and one ordinary one of five days ago; nothing is bought unless the options name kits. */
export function withCalls(calls: HandmadeCall[], options: Partial<HarnessOptions> = {}): Promise<Harness> {
  const world = createHandmadeWorld([{ id: '1000000000000000001', started: start - 5 * day }, ...calls]);
  return startHarness({ now: start, config: { kits: [] }, ...options, world });
}

/** The end of the world of `withPages`. */
export const endsAt = Date.parse('2026-03-02T00:00:00Z');

/** About 60 calls in one window, ten a page, and what Gong shows of them. */
export async function withPages({ config, settings, ...rest }: Partial<HarnessOptions> = {}) {
  const world = createWorld({ seed: 9, calls: 60, endsAt, days: 20, oddities: 0 });
  const harness = await startHarness({
    world,
    now: endsAt + day,
    settings: { pageSize: 10, gongRequestsPerSecond: Number.POSITIVE_INFINITY, ...settings },
    config: { kits: [], start_date: '2026-02-05', gong_requests_per_second: 100, ...config },
    ...rest,
  });
  const shown = world.calls
    .filter(({ life }) => life.visibleMs <= endsAt + day && life.erasedMs > endsAt + day)
    .filter(({ startedMs }) => startedMs >= Date.parse('2026-02-05'))
    .map(({ id }) => id)
    .sort();
  return { harness, shown };
}

/** Moves the clock to `ms`, unless it is later already, and syncs without a failure. */
export async function syncAt(harness: Harness, ms: number) {
  harness.clock.set(Math.max(ms, harness.clock.now()));
  return await harness.syncWell();
}

export async function idsIn(harness: Harness, table = 'calls'): Promise<unknown[]> {
  return (await harness.rows(`select call_id from ${table} order by call_id`)).map((row) => row['call_id']);
}

export async function statusOf(harness: Harness, id: string): Promise<unknown> {
  return (await harness.rows(`select transcript_status as s from calls where call_id = '${id}'`))[0]?.['s'];
}

/** The bookmark in the destination, ms since the epoch; null before the first closed window. */
export async function closedThrough(harness: Harness, stream = 'calls'): Promise<number | null> {
  const [row] = await harness.rows(`select streams->'${stream}'->>'closedThrough' as at from _gong_elt.state`);
  return typeof row?.['at'] === 'string' ? Date.parse(row['at']) : null;
}

/** The error with which a sync ends that began. */
export async function failureOf(harness: Harness, request: Parameters<Harness['sync']>[0] = {}) {
  const { failure } = await harness.sync(request);
  if (!(failure instanceof ConnectorError)) throw new Error(`no ConnectorError but ${String(failure)}`);
  return failure;
}
