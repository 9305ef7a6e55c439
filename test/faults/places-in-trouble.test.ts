// Places that cannot take rows, or not as others: told before a run is bought, with a next step, and nothing is lost.
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { day, start } from '../support/gong-faults.ts';
import { type Harness, startHarness } from '../support/sync-harness.ts';

const world = () => createHandmadeWorld([{ id: '7200000000000000001', started: start - 3 * day }]);
const later = () =>
  createHandmadeWorld([
    { id: '7200000000000000001', started: start - 3 * day },
    { id: '7200000000000000002', started: start + day / 2 },
  ]);

// Nobody can write there, not even who may do everything.
const unwritable = '/sys/gong-elt';

test.each([`${unwritable}/warehouse.duckdb`, `${unwritable}/lake`, '/sys/kernel/warehouse.duckdb'])(
  'the unwritable %s is refused before anything is bought',
  async (to) => {
    const harness = await startHarness({ world: world(), now: start, to });
    await expect(harness.sync()).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining(to),
      hint: expect.stringMatching(/\w/),
    });
    expect(harness.sandbox.ledger.posts).toBe(0);
  },
);

test('a table that Spark upgraded is refused before anything more is bought, and can still be read', async () => {
  const harness = await startHarness({ world: later(), now: start, to: 'lake' });
  await harness.syncWell();
  const bought = harness.sandbox.ledger.posts;
  await harness.clock.sleep(day * 2);
  // As Spark writes it for ALTER TABLE … SET TBLPROPERTIES ('delta.enableChangeDataFeed' = true).
  const protocol = { minReaderVersion: 1, minWriterVersion: 4 };
  await writeNextEntry(harness, 'semarize_runs', { protocol });
  await expect(harness.sync()).rejects.toMatchObject({
    area: 'destination',
    message: expect.stringMatching(/semarize_runs.*writer version 4/),
    hint: expect.stringMatching(/\w/),
  });
  expect(harness.sandbox.ledger.posts).toBe(bought);
  expect(await harness.rows('select count(*)::int AS n from semarize_runs')).toEqual([{ n: bought }]);
});

test.each(['warehouse.duckdb', 'lake'])('%s on another file system than the temporary files', async (name) => {
  const other = '/dev/shm';
  const folder = await mkdtemp(join((await isFolder(other)) ? other : tmpdir(), 'gong-elt-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const harness = await startHarness({ world: later(), now: start, to: join(folder, name) });
  await harness.syncWell();
  await harness.clock.sleep(day * 2);
  await harness.syncWell();
  expect(harness.sandbox.ledger.posts).toBe(2);
  expect(
    await harness.rows('select count(*)::int AS n, count(DISTINCT call_id)::int AS calls from semarize_runs'),
  ).toEqual([{ n: 2, calls: 2 }]);
});

async function writeNextEntry(harness: Harness, table: string, action: object): Promise<void> {
  const folder = join(harness.to, table, '_delta_log');
  const entries = (await readdir(folder)).filter((file) => /^\d{20}\.json$/.test(file));
  const next = `${String(entries.length).padStart(20, '0')}.json`;
  await writeFile(join(folder, next), `${JSON.stringify(action)}\n`, { flag: 'wx' });
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
