// A sandbox in the test's own process, what it has to show, and rows that a foreign program stored.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { openForReading } from '../../src/duckdb/connection.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { sourceSettings } from '../support/source-settings.ts';

const dayMs = 86_400_000;

export type SandboxPlace = Awaited<ReturnType<typeof openSandboxPlace>>;

/** @param calls how many; all of them are older than two days, and three wait for a transcript that never comes */
export async function openSandboxPlace(calls: number) {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-interop-'));
  const now = Date.now();
  const world = createWorld({ seed: 5, calls, endsAt: now - 2 * dayMs, days: 20 });
  for (const { life } of world.calls.slice(-3)) Object.assign(life, { transcriptMs: Number.POSITIVE_INFINITY });
  const sandbox = await startSandbox({ world, settings: { gongRequestsPerSecond: Number.POSITIVE_INFINITY } });
  const settings: JsonObject = {
    ...sourceSettings(sandbox),
    start_date: new Date(now - 60 * dayMs).toISOString(),
    gong_requests_per_second: 50,
    semarize_concurrency: 20,
    kits: [{ code: 'A1B2C3D4' }],
  };
  const there = world.calls.filter(({ life }) => life.visibleMs <= now && life.erasedMs > now);
  const shown = there.map(({ id }) => id).sort();
  return {
    folder,
    sandbox,
    settings,
    /** Ids of the calls that Gong shows. */
    shown,
    /** Ids of those with a transcript that may be read, by the default `private_calls`. */
    spoken: there
      .filter(({ life }) => life.transcriptMs <= now && life.privateMs > now)
      .map(({ id }) => id)
      .sort(),
    /** Every run was bought once per call and kit, and `stored` holds exactly those. */
    expectRunsOnce(stored: readonly JsonObject[]) {
      expect(sandbox.ledger.distinctRuns).toBeGreaterThan(shown.length / 2);
      expect(stored).toHaveLength(sandbox.ledger.distinctRuns);
      for (const { call_id, kit_code, run_id } of stored)
        expect(sandbox.ledger.runsPer(String(call_id), String(kit_code)).map(({ id }) => id)).toEqual([run_id]);
    },
    async close() {
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function rowsOf(path: string, sql: string): Promise<JsonObject[]> {
  const database = await openForReading(path);
  return await database.exclusive((session) => session.rows(sql)).finally(() => database.close());
}
