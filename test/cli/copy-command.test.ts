import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { runCopy } from '../../src/pipeline/copy.ts';
import { importOutcomes } from '../../src/pipeline/import/outcomes.ts';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { environmentOf } from '../support/environment.ts';
import { kitA, kitB, startHarness } from '../support/sync-harness.ts';

const day = 86_400_000;
const endsAt = Date.parse('2026-06-01T00:00:00Z');
const world = createWorld({ seed: 8, calls: 60, endsAt, days: 40 });
const config = { kits: [{ code: kitA }, { code: kitB }], max_runs_per_sync: 500 };
const tables = ['calls', 'transcripts', 'semarize_runs'];

type Harness = Awaited<ReturnType<typeof startHarness>>;

async function contentOf(harness: Harness, path: string): Promise<unknown[]> {
  const database = await placeOf(path).openReader(environmentOf({ clock: harness.clock }));
  try {
    return await database.exclusive(async (session) => {
      const contents: unknown[] = [];
      for (const table of tables) {
        contents.push(await session.rows(`describe ${table}`));
        contents.push(await session.rows(`select * from ${table} order by all`));
      }
      return contents;
    });
  } finally {
    await database.close();
  }
}

function copy(harness: Harness, from: string, to: string) {
  return runCopy({ from: placeOf(from), to: placeOf(to) }, environmentOf({ clock: harness.clock }));
}

test('a copy holds the same rows, columns and state, and a sync of it goes on without a second bill', async () => {
  const harness = await startHarness({ world, now: endsAt - day, config });
  await harness.syncWell();
  const requests = harness.sandbox.ledger.requests.length;
  const lake = `${harness.to}-lake`;
  const back = harness.to.replace('warehouse', 'back');
  await copy(harness, harness.to, lake);
  await copy(harness, lake, back);
  expect(harness.sandbox.ledger.requests.length).toBe(requests);
  const original = await contentOf(harness, harness.to);
  expect(await contentOf(harness, lake)).toEqual(original);
  expect(await contentOf(harness, back)).toEqual(original);

  harness.clock.set(endsAt);
  await harness.syncWell();
  const bought = harness.sandbox.ledger.distinctRuns;
  // The copy is a day behind: it reads that day again, and what it sends has been bought under the same keys.
  for (const to of [lake, back]) {
    const { failure } = await harness.sync({ to });
    expect(failure).toBe(undefined);
  }
  expect(harness.sandbox.ledger.distinctRuns).toBe(bought);
});

test('sync into a lake gives the same rows and columns as sync into a file', async () => {
  // Semarize names its runs in the order in which they arrive: one at a time, that is the same in both.
  const inOrder = { ...config, semarize_concurrency: 1 };
  const file = await startHarness({ world, now: endsAt, config: inOrder });
  const lake = await startHarness({ world, now: endsAt, config: inOrder, to: 'lake' });
  for (const harness of [file, lake]) {
    await harness.syncWell();
    harness.clock.advance(2 * day);
    await harness.syncWell();
  }
  const withoutTimes = (contents: unknown[]) =>
    JSON.parse(
      JSON.stringify(contents, (key, value) =>
        /^(extracted_at|context_read_at|transcript_status_at|closed_seen_at|requested_at|finished_at)$/.test(key)
          ? 0
          : value,
      ),
    );
  expect(withoutTimes(await contentOf(lake, lake.to))).toEqual(withoutTimes(await contentOf(file, file.to)));
});

test('a place that has a history of its own is no target, and one without a sync is no source', async () => {
  const harness = await startHarness({ world, now: endsAt, config: { kits: [] } });
  await harness.syncWell();
  const other = harness.to.replace('warehouse', 'other');
  await expect(copy(harness, other, harness.to)).rejects.toThrow(/no sync of ours/);
  await copy(harness, harness.to, other);
  await expect(copy(harness, harness.to, other)).rejects.toThrow(/state or a ledger of its own/);
});

test('imported rows stay behind a copy, and are told with their number', async () => {
  const harness = await startHarness({ world, now: endsAt - day, config });
  await harness.syncWell();
  const file = `${harness.to}.csv`;
  await writeFile(file, 'opportunity_id,is_won,closed_at\nd1,true,2026-05-01\nd2,false,2026-05-02\n');
  const said: string[] = [];
  const environment = environmentOf({ clock: harness.clock, log: (_level, message) => said.push(message) });
  await importOutcomes(placeOf(harness.to), { file, map: {}, shown: 'deals.csv' }, environment);
  await runCopy({ from: placeOf(harness.to), to: placeOf(`${harness.to}-copy.duckdb`) }, environment);
  expect(said).toContain('ext_outcomes is not copied: 2 imported rows');
});
