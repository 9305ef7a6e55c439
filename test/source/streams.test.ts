// Which streams are read, of which workspaces, up to where: whole syncs against the sandbox.
import { expect, test } from 'vitest';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { day, endsAt, getTranscripts, idsIn } from '../support/gong-faults.ts';
import { type Harness, kitA, startHarness } from '../support/sync-harness.ts';

const world = createHandmadeWorld(
  [1, 2, 3].map((n) => ({ id: `800000000000000000${n}`, started: endsAt - n * 20 * day })),
);
const count = async (harness: Harness, table: string) =>
  Number((await harness.rows(`select count(*) as n from ${table}`))[0]?.['n']);

test('a stream that is selected later starts at start_date, and the others stay where they are', async () => {
  const harness = await startHarness({ world, now: endsAt });
  await harness.syncWell({ streams: ['calls'] });
  expect(await harness.rows('select distinct transcript_status from calls')).toEqual([
    { transcript_status: 'not_requested' },
  ]);
  expect(harness.sandbox.ledger.count(getTranscripts)).toBe(0);
  await harness.syncWell();
  expect(await count(harness, 'transcripts')).toBe(3);
  expect(await harness.rows('select distinct transcript_status from calls')).toEqual([
    { transcript_status: 'available' },
  ]);
  expect(harness.sandbox.ledger.distinctRuns).toBe(3);
});

test('semarize_runs alone reads what it needs and emits nothing else', async () => {
  const harness = await startHarness({ world, now: endsAt });
  await harness.syncWell({ streams: ['semarize_runs'] });
  expect(await count(harness, 'semarize_runs')).toBe(3);
  await harness.syncWell({ streams: ['semarize_runs'] });
  expect(harness.sandbox.ledger.distinctRuns).toBe(3);
  expect(
    await harness.rows(`select table_name from duckdb_tables() where table_name in ('calls', 'transcripts')`),
  ).toEqual([]);
});

test('no transcript is fetched for runs that the limit does not let be bought', async () => {
  const harness = await startHarness({ world, now: endsAt });
  const report = await harness.syncWell({ streams: ['semarize_runs'], maxRuns: 0 });
  // A backlog that waits costs Gong's daily allowance at each sync otherwise.
  expect(harness.sandbox.ledger.count(getTranscripts)).toBe(0);
  expect(report.runs.waiting).toBe(3);
  await harness.syncWell({ streams: ['semarize_runs'] });
  expect(harness.sandbox.ledger.distinctRuns).toBe(3);
});

test('several workspaces are listed one by one; end_date ends the listing', async () => {
  const base = createHandmadeWorld([{ started: endsAt }]);
  const [first, second] = base.workspaces.map(({ id }) => id);
  const both = createHandmadeWorld([
    { id: '9000000000000000001', started: endsAt - 5 * day, workspaceId: first ?? '' },
    { id: '9000000000000000002', started: endsAt - 5 * day, workspaceId: second ?? first ?? '' },
    { id: '9000000000000000003', started: endsAt - day, workspaceId: first ?? '' },
  ]);
  const harness = await startHarness({
    world: both,
    now: endsAt,
    config: {
      kits: [],
      workspace_ids: [first ?? '', second ?? first ?? ''],
      end_date: new Date(endsAt - 2 * day).toISOString(),
    },
  });
  await harness.syncWell();
  expect(await idsIn(harness)).toEqual(['9000000000000000001', '9000000000000000002']);
  // Moved to later, the end lets in what it kept out.
  harness.config['end_date'] = new Date(endsAt).toISOString();
  await harness.syncWell();
  expect(await idsIn(harness)).toContain('9000000000000000003');
});

test('a try-out of two calls leaves rows and moves no bookmark', async () => {
  const harness = await startHarness({ world, now: endsAt, config: { kits: [{ code: kitA }] } });
  await harness.syncWell({ limit: 2 });
  expect(await count(harness, 'calls')).toBe(2);
  await harness.syncWell();
  expect(await count(harness, 'calls')).toBe(3);
  expect(harness.sandbox.ledger.distinctRuns).toBe(3);
});
