// Others who commit to a table while we do: nothing is lost, and only what they touched is done again.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createBatchMaker, type StagedRow, streamOf, text } from '../../contracts/batches.ts';
import { call, calls, commit, event, idsIn } from './calls.ts';
import { createLake, type Lake } from './lake.ts';

const dist = join(import.meta.dirname, '../../../dist');
const january = '2026-01-01T00:00:00Z';

/** A commit of `connection`; `meanwhile` runs before its entry is made, once. */
async function commitAround(lake: Lake, connection: string, rows: Parameters<typeof commit>[2], meanwhile: () => void) {
  let isFirst = true;
  const destination = lake.open({
    connection,
    crashPoint(point) {
      if (point !== 'lake:before-entry' || !isFirst) return;
      isFirst = false;
      meanwhile();
    },
  });
  const batch = createBatchMaker(destination).make('around', rows, { calls: { n: 5 } });
  return await destination.commit(batch).finally(() => destination.close());
}

/** A whole load of the connection `sync`: ten rows that are newer in its second round, and one new one in each. */
const loadAll = (lake: Lake) => () => {
  execFileSync(process.execPath, [join(import.meta.dirname, '../crash-child.mjs'), 'lake', lake.root, '-', '0']);
};
const ofLoad = ['new 1', 'new 2', ...Array.from({ length: 10 }, (_, n) => `old ${n}`)];

const gongElt =
  (lake: Lake, ...args: string[]) =>
  () => {
    execFileSync(process.execPath, [join(dist, 'bin/gong-elt.js'), ...args, lake.root], { stdio: 'ignore' });
  };

/** A commit by another process. */
const storeBy =
  (lake: Lake, connection: string, rows: readonly StagedRow[], mode = 'append_dedup') =>
  () => {
    execFileSync(process.execPath, [
      '--input-type=module',
      '-e',
      `import { systemClock } from '${dist}/core/clock.js';
     import { noLog } from '${dist}/core/log.js';
     import { createLakeDestination } from '${dist}/destinations/lake/destination.js';
     import { openFileFolder } from '${dist}/store/file-folder.js';
     import { createLoader } from '${dist}/load/loader.js';
     const shared = { clock: systemClock, crashPoint() {}, log: noLog };
     const destination = createLakeDestination({ ...shared, store: openFileFolder(${JSON.stringify(lake.root)}), shown: 'lake', connection: '${connection}' });
     const stream = ${JSON.stringify({ ...calls, destinationSyncMode: mode })};
     const loader = createLoader({ ...shared, destination, catalog: [stream] });
     for (const row of ${JSON.stringify(rows.map(({ row }) => row))})
       await loader.addLine(stream, Buffer.from(JSON.stringify(row)), { emittedAt: 1 });
     await loader.finish();
     await destination.close();`,
    ]);
  };

describe('another process that commits within a commit, upon the same version', () => {
  test.each([
    ['the first one of the lake', 0],
    ['a later one', 1],
  ])('for another connection: all batches are there, and each connection has its state: %s', async (_, before) => {
    const lake = await createLake();
    if (before > 0) await commit(lake, 'b0', [call('before', null)], 1, 'third');
    const [counts] = await commitAround(lake, 'other', [call('around', january)], loadAll(lake));
    expect([counts?.written, counts?.superseded]).toEqual([1, 0]);
    expect(await idsIn(lake)).toEqual(['around', ...(before > 0 ? ['before'] : []), ...ofLoad]);
    expect(await lake.open({ connection: 'other' }).readState()).toEqual({ seq: 1, streams: { calls: { n: 5 } } });
    expect(await lake.open().readState()).toEqual({ seq: 2, streams: { calls: { round: 2 } } });
    expect(await lake.entries('calls')).toHaveLength(before + 3);
    expect((await lake.files()).filter((path) => path.startsWith('calls')).length).toBeLessThanOrEqual(before + 5);
  });

  test('for the same connection: the one that began first stores nothing', async () => {
    const lake = await createLake();
    await expect(commitAround(lake, 'sync', [call('around', january)], loadAll(lake))).rejects.toMatchObject({
      area: 'busy',
      message: expect.stringContaining('another process has committed'),
    });
    expect(await idsIn(lake)).toEqual(ofLoad);
    expect(await lake.open().readState()).toEqual({ seq: 2, streams: { calls: { round: 2 } } });
    expect((await lake.files()).filter((path) => path.includes('month='))).toEqual([]);
  });

  test('for the same connection and upon the same columns: nothing of the one that began first is left either', async () => {
    const lake = await createLake();
    await commit(lake, 'b0', [call('before', january)], 1, 'third');
    const around = commitAround(
      lake,
      'sync',
      [call('around', january)],
      storeBy(lake, 'sync', [call('theirs', january)], 'append'),
    );
    await expect(around).rejects.toMatchObject({ area: 'busy' });
    expect(await idsIn(lake)).toEqual(['before', 'theirs']);
    expect(await lake.entries('calls')).toHaveLength(2);
    expect(await lake.files()).toHaveLength(2);
  });

  test('with newer versions of our keys: each key keeps its newest, wherever it came from', async () => {
    const lake = await createLake();
    await commit(lake, 'b0', [call('old 0', null, 0), call('old 1', null, 0), call('mine', null, 0)], 1, 'third');
    const rows = [call('old 0', january, 1), call('old 1', january, 9), call('mine', january, 1)];
    const [counts] = await commitAround(lake, 'other', rows, loadAll(lake));
    expect([counts?.written, counts?.superseded]).toEqual([2, 1]);
    const found = await lake.read(`SELECT id, updated FROM calls WHERE id IN ('old 0', 'old 1', 'mine') ORDER BY id`);
    expect(found).toEqual([
      { id: 'mine', updated: 1 },
      { id: 'old 0', updated: 2 },
      { id: 'old 1', updated: 9 },
    ]);
    expect(await idsIn(lake)).toEqual(['mine', ...ofLoad]);
  });

  test('with versions of our keys and no other columns: what it wrote is looked at as well', async () => {
    const lake = await createLake();
    await commit(lake, 'b0', [call('a', january), call('b', january), call('c', null)], 1, 'third');
    const theirs = storeBy(lake, 'third', [call('a', january, 9), call('b', january, 2), call('new', january, 5)]);
    const ours = [call('a', january, 5), call('b', january, 5), call('c', january, 5), call('new', january, 9)];
    const [counts] = await commitAround(lake, 'other', ours, theirs);
    expect([counts?.written, counts?.superseded]).toEqual([3, 1]);
    expect(await lake.read('SELECT id, updated FROM calls ORDER BY id')).toEqual([
      { id: 'a', updated: 9 },
      { id: 'b', updated: 5 },
      { id: 'c', updated: 5 },
      { id: 'new', updated: 9 },
    ]);
  });

  test('with another column: both have it afterwards', async () => {
    const lake = await createLake();
    await commit(lake, 'b0', [call('before', null)], 1, 'third');
    const stream = streamOf('calls', { id: text, updated: { type: 'integer' }, mine: text });
    await commitAround(lake, 'other', [{ stream, row: { id: 'around', updated: 1, mine: 'x' } }], loadAll(lake));
    const found = await lake.read(`SELECT id, mine, language FROM calls WHERE id IN ('around', 'new 2') ORDER BY id`);
    expect(found).toEqual([
      { id: 'around', mine: 'x', language: null },
      { id: 'new 2', mine: null, language: 'eng' },
    ]);
  });
});

describe('a compaction within a commit', () => {
  test('takes away a file that the commit meant to rewrite: the rows are there once, in the newest version', async () => {
    const lake = await createLake();
    // Two connections that race leave two small files in one month.
    await commit(lake, 'b1', [call('1', january), call('2', january)]);
    await commitAround(lake, 'other', [call('3', january)], storeBy(lake, 'third', [call('4', january)], 'append'));
    expect(await idsIn(lake)).toEqual(['1', '2', '3', '4']);
    expect((await lake.live('calls')).length).toBeGreaterThan(1);
    await commitAround(lake, 'sync', [call('1', january, 2), call('5', january)], gongElt(lake, 'lake', 'compact'));
    expect(await lake.read('SELECT id, updated FROM calls ORDER BY id')).toEqual([
      { id: '1', updated: 2 },
      ...['2', '3', '4', '5'].map((id) => ({ id, updated: 1 })),
    ]);
    const operations = (await lake.entries('calls')).map(
      (actions) =>
        actions.flatMap(({ commitInfo }) => (commitInfo as { operation?: string } | undefined)?.operation ?? [])[0],
    );
    expect(operations.slice(-2)).toEqual(['OPTIMIZE', 'MERGE']);
    expect((await lake.live('calls')).length).toBe(1);
  });

  test('of files that it does not touch costs the commit nothing but another number', async () => {
    const lake = await createLake();
    for (let n = 1; n <= 3; n++) await commit(lake, `b${n}`, [event(String(n))], n);
    await commitAround(lake, 'sync', [event('4')], gongElt(lake, 'lake', 'compact'));
    expect(await idsIn(lake, 'events')).toEqual(['1', '2', '3', '4']);
    // Three small ones, one of them made of all, and that of the commit, written once.
    expect((await lake.files()).length).toBe(5);
    expect((await lake.live('events')).length).toBe(2);
  });
});

test('connections that commit at the same time lose none of their batches', async () => {
  const lake = await createLake();
  const names = ['one', 'two', 'three'];
  await Promise.all(
    names.map(async (connection) => {
      const destination = lake.open({ connection });
      const batches = createBatchMaker(destination);
      for (const n of [1, 2, 3])
        await destination.commit(batches.make(`b${n}`, [call(`${connection} ${n}`, null)], { calls: { n } }));
      await destination.close();
    }),
  );
  expect(await idsIn(lake)).toEqual(names.flatMap((name) => [1, 2, 3].map((n) => `${name} ${n}`)).sort());
  for (const connection of names)
    expect(await lake.open({ connection }).readState()).toEqual({ seq: 3, streams: { calls: { n: 3 } } });
  expect(await lake.entries('calls')).toHaveLength(9);
});

test('two that are first in the same table at the same time: one makes it, and both are in it', async () => {
  for (let round = 0; round < 5; round++) {
    const lake = await createLake();
    await Promise.all(
      ['one', 'two'].map((connection) => commit(lake, 'b1', [call(connection, january)], 1, connection)),
    );
    expect(await idsIn(lake)).toEqual(['one', 'two']);
  }
});
