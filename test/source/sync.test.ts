import { expect, test } from 'vitest';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { kitA, kitB, startHarness } from '../support/sync-harness.ts';

const dayMs = 86_400_000;
const endsAt = Date.parse('2026-06-01T00:00:00Z');

test('a sync brings every call that Gong shows, its transcript and its runs; a second one changes and buys nothing', async () => {
  const world = createWorld({ seed: 3, calls: 60, endsAt, days: 30 });
  const harness = await startHarness({
    world,
    now: endsAt + 3 * dayMs,
    config: { max_runs_per_sync: 500, kits: [{ code: kitA }, { code: kitB }] },
  });
  await harness.syncWell();

  const shown = world.calls.filter(
    ({ life }) => life.visibleMs <= harness.clock.now() && life.erasedMs > harness.clock.now(),
  );
  const calls = await harness.rows('select call_id, transcript_status from calls order by call_id');
  expect(calls.map((row) => row['call_id'])).toEqual(shown.map(({ id }) => id).sort());
  const available = calls.filter((row) => row['transcript_status'] === 'available').map((row) => row['call_id']);
  expect(available.length).toBeGreaterThan(45);
  expect((await harness.rows('select call_id from transcripts order by 1')).map((row) => row['call_id'])).toEqual(
    available,
  );

  const runs = await harness.rows('select call_id, kit_code, run_id from semarize_runs');
  expect(runs.length).toBe(harness.sandbox.ledger.distinctRuns);
  for (const { call_id, kit_code, run_id } of runs)
    expect(harness.sandbox.ledger.runsPer(String(call_id), String(kit_code)).map(({ id }) => id)).toEqual([run_id]);

  const before = await harness.rows('select * from calls order by call_id');
  await harness.syncWell();
  expect(harness.sandbox.ledger.distinctRuns).toBe(runs.length);
  expect(await harness.rows('select * from calls order by call_id')).toEqual(before);
});
