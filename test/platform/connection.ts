// A connection under the platform: sandbox, source, destination, and what its tables must hold in the end.
import { join } from 'node:path';
import { expect } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { openForReading } from '../../src/duckdb/connection.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import { discoverCatalog } from '../hosts/airbyte/bins.ts';
import { writeJson } from '../support/folder.ts';
import { openSourcePlace } from '../support/source-place.ts';
import { createPlatform, type SyncOutcome } from './platform.ts';

export type Connection = Awaited<ReturnType<typeof openConnection>>;

/** Calls are old enough for nothing to appear while the test runs. */
export async function openConnection(world: World | undefined = undefined, settings: JsonObject = {}) {
  const place = await openSourcePlace(world ?? { calls: 30, endsAt: Date.now() - 3 * 86_400_000 }, settings);
  const database = join(place.folder, 'w.duckdb');
  const destinationConfig = await writeJson(place.folder, 'destination.json', { path: database });
  const { streams } = await discoverCatalog(place);
  const platform = createPlatform({ folder: place.folder, sourceConfig: place.config, destinationConfig });

  async function rows(sql: string): Promise<JsonObject[]> {
    const opened = await openForReading(database);
    return await opened.exclusive((session) => session.rows(sql)).finally(() => opened.close());
  }

  return {
    ...place,
    platform,
    streams,
    rows,
    configure: (changes: JsonObject) => writeJson(place.folder, 'config.json', { ...place.settings, ...changes }),
    stream: (name: string) => streams.filter((stream) => stream['name'] === name),
    /** What was acknowledged is in the file, however the sync ended. */
    async expectAcknowledgedStored({ acknowledged }: SyncOutcome) {
      for (const [stream, keys] of acknowledged) {
        const key = stream === 'semarize_runs' ? 'run_id' : 'call_id';
        const stored = new Set((await rows(`SELECT ${key} AS key FROM ${stream}`)).map((row) => String(row['key'])));
        expect([...keys].filter((wanted) => !stored.has(wanted))).toEqual([]);
      }
    },
    /** Every call and transcript once, every run bought once and stored. */
    async expectComplete() {
      const now = Date.now();
      const shown = place.sandbox.world.calls.filter(({ life }) => life.visibleMs <= now && life.erasedMs > now);
      const ids = shown.map(({ id }) => id).sort();
      const stored = await rows('SELECT call_id FROM calls ORDER BY 1');
      expect(stored.map((row) => row['call_id'])).toEqual(ids);
      const runs = await rows('SELECT call_id, kit_code, run_id FROM semarize_runs');
      expect(runs.length).toBe(place.sandbox.ledger.distinctRuns);
      expect(runs.length).toBeGreaterThan(ids.length / 2);
      for (const { call_id: call, kit_code: kit, run_id: run } of runs)
        expect(place.sandbox.ledger.runsPer(String(call), String(kit)).map(({ id }) => id)).toEqual([run]);
    },
  };
}

/** A sync that nobody disturbs has no problem, and ends well. */
export function expectUndisturbed(outcome: SyncOutcome): void {
  expect(outcome.problems).toEqual([]);
  expect(outcome.codes, outcome.texts.join('\n')).toEqual({ source: 0, destination: 0 });
}
