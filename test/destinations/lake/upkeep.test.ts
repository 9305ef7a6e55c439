// What keeps a lake small and quick: checkpoints, compaction, vacuum. No row changes by them.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noCrashPoint } from '../../../src/core/crash-point.ts';
import { compactLake, vacuumLake } from '../../../src/destinations/lake/maintenance.ts';
import { openFileFolder } from '../../../src/store/file-folder.ts';
import { createBatchMaker } from '../../contracts/batches.ts';
import { call, commit, dayMs, event, failAt, idsIn, user } from './calls.ts';
import { createLake, type Lake } from './lake.ts';

const january = '2026-01-01T00:00:00Z';

function maintained(lake: Lake, inDays = 0) {
  const clock = { now: () => Date.now() + inDays * dayMs, monotonic: () => 0, sleep: async () => {} };
  return { store: openFileFolder(lake.root), shown: 'lake', megabytes: 256, clock, crashPoint: noCrashPoint };
}

async function logOf(lake: Lake, table: string): Promise<string[]> {
  return (await readdir(join(lake.root, table, '_delta_log'))).sort();
}

const entry = (n: number) => `${String(n).padStart(20, '0')}.json`;

describe('a checkpoint', () => {
  test('comes with every tenth entry, and what lies before it is needed by nobody', async () => {
    const lake = await createLake();
    const destination = lake.open();
    const batches = createBatchMaker(destination);
    for (let n = 0; n < 25; n++)
      await destination.commit(
        batches.make(`b${n}`, [call(String(n % 20), january, n), event(String(n))], { calls: { n } }),
      );
    const checkpoints = (await logOf(lake, 'calls')).filter((name) => name.includes('checkpoint'));
    expect(checkpoints).toEqual([
      '00000000000000000009.checkpoint.parquet',
      '00000000000000000019.checkpoint.parquet',
      '_last_checkpoint',
    ]);
    const rows = await lake.read('SELECT * FROM calls ORDER BY id');
    const events = await idsIn(lake, 'events');
    expect([rows.length, events.length]).toEqual([20, 25]);
    for (const table of ['calls', 'events'])
      for (let n = 0; n < 20; n++) await rm(join(lake.root, table, '_delta_log', entry(n)), { force: true });
    expect(await lake.read('SELECT * FROM calls ORDER BY id')).toEqual(rows);
    expect(await idsIn(lake, 'events')).toEqual(events);
    await commit(lake, 'after', [call('0', january, 99)], 26);
    expect(await lake.read(`SELECT updated FROM calls WHERE id = '0'`)).toEqual([{ updated: 99 }]);
    expect((await lake.open().readState())?.seq).toBe(26);
  });

  test.each([
    ['is gone', undefined],
    ['is damaged', '{'],
    ['names one that is not there', '{"version":5,"size":1}'],
  ])('is found in the log when the hint at it %s', async (_, hint) => {
    const lake = await createLake();
    for (let n = 1; n <= 11; n++) await commit(lake, `b${n}`, [call(String(n), january)], n);
    for (let n = 0; n < 10; n++) await rm(join(lake.root, 'calls/_delta_log', entry(n)));
    const path = join(lake.root, 'calls/_delta_log/_last_checkpoint');
    if (hint === undefined) await rm(path);
    else await writeFile(path, hint);
    expect(await idsIn(lake)).toHaveLength(11);
  });

  test('keeps the number of each connection, so that a later one is still overtaken', async () => {
    const lake = await createLake();
    for (let n = 1; n <= 10; n++) await commit(lake, `b${n}`, [call(String(n), january)], n);
    for (let n = 0; n < 10; n++) await rm(join(lake.root, 'calls/_delta_log', entry(n)));
    // As if the states had been put back to those of yesterday.
    for (const name of await readdir(join(lake.root, '_gong_elt/state/sync')))
      if (name > '0000000008.json') await rm(join(lake.root, '_gong_elt/state/sync', name));
    await expect(commit(lake, 'late', [call('x', january)], 9)).rejects.toMatchObject({ area: 'busy' });
  });
});

describe('compaction', () => {
  test('L18 comes when a month has more than eight small files, changes no row, and says so', async () => {
    const lake = await createLake();
    for (let n = 1; n <= 8; n++) await commit(lake, `b${n}`, [event(String(n))], n);
    expect(await lake.live('events')).toHaveLength(8);
    await commit(lake, 'b9', [event('9')], 9);
    expect(await lake.live('events')).toHaveLength(1);
    const last = (await lake.entries('events')).at(-1) ?? [];
    const changes = last.flatMap(({ add, remove }) => add?.dataChange ?? remove?.dataChange ?? []);
    expect(changes).toEqual(Array.from({ length: 10 }, () => false));
    expect(last.filter(({ txn }) => txn)).toEqual([]);
    expect((await lake.read('SELECT id FROM events')).map(({ id }) => id)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
    ]);
    await commit(lake, 'b10', [event('10')], 10);
    expect(await idsIn(lake, 'events')).toHaveLength(10);
  });

  test('by hand makes any two small files of a month one, and leaves months apart', async () => {
    const lake = await createLake();
    for (let n = 1; n <= 3; n++) await commit(lake, `b${n}`, [event(String(n))], n);
    await commit(lake, 'b4', [call('1', january), call('2', '2026-02-01T00:00:00Z')], 4);
    expect(await compactLake(maintained(lake))).toEqual([
      { table: 'calls', before: 0, after: 0 },
      { table: 'events', before: 3, after: 1 },
    ]);
    expect(await idsIn(lake, 'events')).toEqual(['1', '2', '3']);
    expect(await compactLake(maintained(lake))).toContainEqual({ table: 'events', before: 0, after: 0 });
  });
});

describe('vacuum', () => {
  test('L19 removes what was replaced or never committed, after seven days, and only then', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', january), user('u')]);
    await commit(lake, 'b2', [call('1', january, 2)], 2);
    await failAt(lake, 'lake:before-entry', 'b3', [event('never')]);
    await failAt(lake, 'lake:after-write', 'b4', [call('2', january)]);
    await writeFile(join(lake.root, 'calls/month=2026-01/mine.parquet'), 'not ours');
    await writeFile(join(lake.root, 'calls/_delta_log/.half.part'), '{');
    const all = await lake.files();
    expect(all).toHaveLength(5);
    const live = [
      ...(await lake.live('calls')).map((path) => `calls/${path}`),
      ...(await lake.live('users')).map((path) => `users/${path}`),
    ];
    await lake.open().preflight();
    expect(await vacuumLake(maintained(lake, 6.9))).toEqual([
      { table: 'calls', files: 0, bytes: 0 },
      { table: 'users', files: 0, bytes: 0 },
    ]);
    expect(await lake.files()).toEqual(all);
    const [ofCalls] = await vacuumLake(maintained(lake, 7.1));
    expect(ofCalls).toMatchObject({ table: 'calls', files: 1 });
    expect((await lake.files()).filter((path) => !path.startsWith('events'))).toEqual(
      [...live, 'calls/month=2026-01/mine.parquet'].sort(),
    );
    expect(await readdir(join(lake.root, 'calls/_delta_log'))).toEqual([entry(0), entry(1)]);
    expect(await lake.read('SELECT id, updated FROM calls')).toEqual([{ id: '1', updated: 2 }]);
  });

  test('removes a file that no entry ever named', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', january)]);
    await failAt(lake, 'lake:before-entry', 'b2', [call('2', '2026-02-01T00:00:00Z')]);
    expect(await lake.files()).toHaveLength(2);
    await vacuumLake(maintained(lake, 8));
    expect(await lake.files()).toHaveLength(1);
    expect(await idsIn(lake)).toEqual(['1']);
  });

  test('comes with the preflight of a load', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', january)]);
    await commit(lake, 'b2', [call('1', january, 2)], 2);
    await lake.open({ clock: maintained(lake, 8).clock }).preflight();
    expect((await lake.files()).map((path) => path.replace('calls/', ''))).toEqual(await lake.live('calls'));
  });

  test('drops entries older than thirty days behind a checkpoint that is as old', async () => {
    const lake = await createLake();
    for (let n = 1; n <= 12; n++) await commit(lake, `b${n}`, [call(String(n), january)], n);
    await vacuumLake(maintained(lake, 29));
    expect((await logOf(lake, 'calls'))[0]).toBe(entry(0));
    await vacuumLake(maintained(lake, 31));
    expect(await logOf(lake, 'calls')).toEqual([
      '00000000000000000009.checkpoint.parquet',
      entry(9),
      entry(10),
      entry(11),
      '_last_checkpoint',
    ]);
    expect(await idsIn(lake)).toHaveLength(12);
  });
});

test('L18 the cost of a commit in files read does not grow with the commits before it', async () => {
  const lake = await createLake();
  for (let n = 1; n <= 35; n++) await commit(lake, `b${n}`, [call(String(n), january)], n);
  const { version } = JSON.parse(await readFile(join(lake.root, 'calls/_delta_log/_last_checkpoint'), 'utf8'));
  expect(35 - 1 - version).toBeLessThan(10);
  expect(await lake.live('calls')).toHaveLength(1);
});
