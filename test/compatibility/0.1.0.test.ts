// Files and states that 0.1.0 wrote, before this version was begun: they are read, nothing is bought again, and no row is lost.
// What they hold and how they came about: test/fixtures/0.1.0/make.mjs.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { createHost } from '../support/host.ts';
import { type Harness, kitA, kitB, startHarness } from '../support/sync-harness.ts';

const folder = join(import.meta.dirname, '../fixtures/0.1.0');
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as JsonObject;
const hour = 3_600_000;

async function open(saved: JsonObject): Promise<Harness> {
  return await startHarness({
    world: createHandmadeWorld([]),
    saved,
    now: Number(saved['clock_ms']) + hour,
    settings: { pageSize: 10 },
    config: { kits: [{ code: kitA }, { code: kitB, input: 'turns', from: '2026-03-06' }] },
  });
}

/** Pairs of call and kit that the sandbox accepted, each as often as it did. */
const acceptedBy = ({ sandbox }: Harness) =>
  sandbox.ledger.runs.map(({ callId, kitCode }) => `${callId} ${kitCode}`).sort();

test('a file and its ledger, with every state a run can be in', async () => {
  const harness = await open(read('standalone-sandbox.json'));
  writeFileSync(harness.to, gunzipSync(readFileSync(join(folder, 'warehouse.duckdb.gz'))));
  copyFileSync(join(folder, 'warehouse.duckdb.runs.jsonl'), `${harness.to}.runs.jsonl`);
  const before = acceptedBy(harness);

  const { runs } = await harness.syncWell({ maxRuns: 1000 });
  const after = acceptedBy(harness);
  expect(new Set(after).size).toBe(after.length);
  expect(after).toEqual(expect.arrayContaining(before));
  // The forgotten run and the frozen item wait for a person; the one that never ended, and the one without an answer, are here.
  expect(runs).toMatchObject({ lost: 1, frozen: 1, open: 0, waiting: 0 });
  const rows = await harness.rows('SELECT call_id, kit_code, run_id FROM semarize_runs ORDER BY ALL');
  expect(new Set(rows.map((row) => row['run_id'])).size).toBe(rows.length);
  expect(rows.length).toBe(after.length - 1);

  await harness.syncWell({ maxRuns: 1000 });
  expect(acceptedBy(harness)).toEqual(after);
  expect(await harness.rows('SELECT call_id, kit_code, run_id FROM semarize_runs ORDER BY ALL')).toEqual(rows);
});

test('states of a host, with an intent, accepted runs and a frozen item under way', async () => {
  const harness = await open(read('host-sandbox.json'));
  const host = createHost(harness);
  for (const [stream, state] of Object.entries(read('host-states.json'))) host.states.set(stream, state as JsonObject);
  const kept = (read('host-runs.json') as unknown as JsonObject[]).map(({ run_id: id }) => String(id));
  const before = acceptedBy(harness);

  const { failure, report } = await host.read({ maxRuns: 1000 });
  expect(failure).toBeUndefined();
  const after = acceptedBy(harness);
  expect(new Set(after).size).toBe(after.length);
  expect(after).toEqual(expect.arrayContaining(before));
  expect(report?.runs).toMatchObject({ frozen: 1, lost: 0, open: 0 });
  const emitted = host.rows('semarize_runs').map((row) => String(row['run_id']));
  expect(emitted.filter((id) => kept.includes(id))).toEqual([]);
  expect([...kept, ...emitted].sort()).toEqual(harness.sandbox.ledger.runs.map(({ id }) => id).sort());

  await host.read({ maxRuns: 1000 });
  expect(acceptedBy(harness)).toEqual(after);
});
