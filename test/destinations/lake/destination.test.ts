// What is special about a lake: where its files lie and what they hold, what makes a commit, what a crash leaves, whose folder it is.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readHead } from '../../../src/destinations/lake/manifest.ts';
import { createBatchMaker, instant, integer, streamOf, text } from '../../contracts/batches.ts';
import { createLake, type Lake } from './lake.ts';

const day = 24 * 3_600_000;
const calls = streamOf('calls', { id: text, updated: integer, started_at: instant });
const users = streamOf('users', { id: text });
const call = (id: string, startedAt: string | null, updated = 1) => ({
  stream: calls,
  row: { id, updated, started_at: startedAt },
});
const user = (id: string) => ({ stream: users, row: { id } });

async function commit(
  lake: Lake,
  id: string,
  rows: Parameters<ReturnType<typeof createBatchMaker>['make']>[1],
  n = 1,
  connection = 'sync',
) {
  const destination = lake.open({ connection });
  const counts = await destination.commit(createBatchMaker(destination).make(id, rows, { calls: { n } }));
  await destination.close();
  return counts;
}

/** A commit that fails at `point`, after `before` ran there. */
async function failAt(lake: Lake, point: string, id: string, rows: Parameters<typeof commit>[2]): Promise<void> {
  const destination = lake.open({
    crashPoint: (reached) => {
      if (reached === point) throw new Error('a planned failure');
    },
  });
  const attempt = destination.commit(createBatchMaker(destination).make(id, rows, { calls: { n: 99 } }));
  await expect(attempt).rejects.toThrow();
}

describe('the files', () => {
  test('lie by month of started_at in UTC, in a folder of their stream', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [
      call('1', '2026-01-31T23:30:00-01:00'),
      call('2', '2026-02-10T00:00:00Z'),
      call('3', '2026-01-31T23:59:59.999Z'),
      call('4', null),
      user('u'),
    ]);
    const files = await lake.files();
    expect(files.map((path) => path.replace(/[0-9a-f]{32}/, 'BATCH'))).toEqual([
      'calls/month=2026-01/BATCH-1-0.parquet',
      'calls/month=2026-02/BATCH-1-1.parquet',
      'calls/month=unknown/BATCH-1-2.parquet',
      'users/BATCH-1-0.parquet',
    ]);
    const byMonth = await lake.query(
      `SELECT month, list(id ORDER BY id) AS ids FROM read_parquet('${lake.root}/calls/*/*.parquet', hive_types = {'month': VARCHAR}) GROUP BY month ORDER BY month`,
    );
    expect(byMonth).toEqual([
      { month: '2026-01', ids: ['3'] },
      { month: '2026-02', ids: ['1', '2'] },
      { month: 'unknown', ids: ['4'] },
    ]);
    const columns = await lake.read('DESCRIBE calls');
    expect(columns.map((column) => column['column_name'])).toEqual(['id', 'updated', 'started_at']);
  });

  test('are for their owner only, and nothing temporary is left beside them', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', '2026-01-01T00:00:00Z')]);
    const names = await readdir(lake.root, { recursive: true, withFileTypes: true });
    const modes = await Promise.all(
      names.map(async (entry) => {
        const { mode } = await stat(join(entry.parentPath, entry.name));
        return `${entry.isDirectory() ? 'folder' : 'file'} ${(mode & 0o777).toString(8)}`;
      }),
    );
    expect(new Set(modes)).toEqual(new Set(['folder 700', 'file 600']));
    expect(((await stat(lake.root)).mode & 0o777).toString(8)).toBe('700');
    expect(await readdir(join(lake.root, '_tmp'))).toEqual([]);
    expect(await readdir(join(lake.root, '_manifest'))).toEqual(['0000000001.json']);
  });

  test('hold whole numbers beyond BIGINT as decimals, which other readers of Parquet keep', async () => {
    const lake = await createLake();
    const digits = '12345678901234567890123456789012';
    const stream = streamOf('digits', { id: text, n: integer });
    const destination = lake.open();
    const batch = createBatchMaker(destination).make('b1', [{ stream, row: { id: '1', n: digits } }]);
    await destination.commit(batch);
    const files = `read_parquet('${lake.root}/digits/*.parquet')`;
    expect(await lake.query(`SELECT typeof(n) AS type, n::VARCHAR AS n FROM ${files}`)).toEqual([
      { type: 'DECIMAL(38,0)', n: digits },
    ]);
  });

  test('are the same bytes under the same names when the same batch is written to another lake', async () => {
    const rows = Array.from({ length: 5000 }, (_, n) => call(String(n), `2026-0${1 + (n % 3)}-05T00:00:00Z`));
    const [one, two] = [await createLake(), await createLake()];
    await commit(one, 'b1', rows);
    await commit(two, 'b1', rows);
    const digests = async (lake: Lake) =>
      Promise.all((await lake.files()).map(async (path) => [path, sha256(await readFile(join(lake.root, path)))]));
    expect(await digests(one)).toEqual(await digests(two));
    expect((await one.files()).length).toBe(3);
  });

  test('stay inside the lake and apart, whatever the streams are called', async () => {
    const lake = await createLake();
    const names = ['../../out', '_tmp', '_manifest', 'CON', 'con', 'a/b', 'a.b', '.', 'calls', 'Calls', '%2e'];
    const rows = names.map((name) => ({ stream: streamOf(name, { id: text }), row: { id: name } }));
    const namespaced = streamOf('b', { id: text }, { namespace: 'a' });
    await commit(lake, 'b1', [...rows, { stream: namespaced, row: { id: 'b of a' } }]);
    const folders = new Set((await lake.files()).map((path) => path.split('/').slice(0, -1).join('/')));
    expect(folders.size).toBe(names.length + 1);
    for (const folder of folders) expect(folder).toMatch(/^[^_/][^/]*$/);
    expect(await readdir(join(lake.root, '..'))).toEqual(['lake']);
    expect(await lake.read('SELECT id FROM "../../out"')).toEqual([{ id: '../../out' }]);
    expect(await lake.read('SELECT id FROM "CON"')).toEqual([{ id: 'CON' }]);
  });
});

test.each(['', 'a\u0000b'])('a stream that no view can be named after is refused: %j', async (name) => {
  const lake = await createLake();
  const stream = streamOf(name, { id: text });
  await expect(commit(lake, 'b1', [{ stream, row: { id: '1' } }])).rejects.toMatchObject({ area: 'config' });
  expect(await lake.open().readState()).toBeUndefined();
});

describe('the manifest', () => {
  test('names the new files with rows, size and sha256, and carries the state of the connection', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', '2026-01-01T00:00:00Z'), call('2', '2026-01-01T00:00:00Z'), user('u')]);
    const manifest = JSON.parse(await readFile(join(lake.root, '_manifest/0000000001.json'), 'utf8'));
    const files = await lake.files();
    expect(manifest.files.map(({ path, rows }: { path: string; rows: number }) => ({ path, rows }))).toEqual(
      files.map((path) => ({ path, rows: path.startsWith('calls') ? 2 : 1 })),
    );
    for (const { path, bytes, sha256: digest } of manifest.files) {
      const content = await readFile(join(lake.root, path));
      expect({ bytes: content.length, digest: sha256(content) }).toEqual({ bytes, digest });
    }
    expect(manifest.connections).toEqual([
      { name: 'sync', seq: 1, batchId: expect.any(String), streams: { calls: { n: 1 } } },
    ]);
  });

  test('gives states and columns back under every name, __proto__ and constructor too', async () => {
    const lake = await createLake();
    const properties = Object.fromEntries(['id', '__proto__', 'constructor'].map((name) => [name, text]));
    const stream = streamOf('__proto__', properties);
    const row = JSON.parse('{"id":"1","__proto__":"kept","constructor":"kept too"}');
    const destination = lake.open({ connection: 'constructor' });
    const states = JSON.parse('{"__proto__":{"at":1},"toString":{"at":2}}');
    await destination.commit(createBatchMaker(destination).make('b1', [{ stream, row }], states));
    const saved = await lake.open({ connection: 'constructor' }).readState();
    expect(JSON.stringify(saved)).toBe('{"seq":1,"streams":{"__proto__":{"at":1},"toString":{"at":2}}}');
    expect(JSON.stringify(await lake.read('SELECT COLUMNS(*)::VARCHAR FROM "__proto__"'))).toContain('kept too');
    expect(await lake.read('SELECT "__proto__" AS own FROM "__proto__"')).toEqual([{ own: 'kept' }]);
    expect(await lake.open({ connection: 'toString' }).readState()).toBeUndefined();
  });

  test('is one of many: readers find all files behind long chains, and old ones go after a day', async () => {
    const lake = await createLake();
    const destination = lake.open();
    const batches = createBatchMaker(destination);
    for (let n = 1; n <= 200; n++)
      await destination.commit(batches.make(`b${n}`, n % 40 === 1 ? [call(String(n), null)] : [], { calls: { n } }));
    const ids = [1, 121, 161, 41, 81].map((id) => ({ id: String(id) }));
    expect(await lake.read('SELECT id FROM calls ORDER BY id')).toEqual(ids);
    const old = (await readdir(join(lake.root, '_manifest'))).filter((name) => name < '0000000190');
    await lake.open().preflight();
    expect((await readdir(join(lake.root, '_manifest'))).length).toBe(200);
    for (const name of old) await lake.age(`_manifest/${name}`, 2 * day);
    await lake.open().preflight();
    const left = await readdir(join(lake.root, '_manifest'));
    expect([left.length, left[0]]).toEqual([73, '0000000128.json']);
    expect(await lake.read('SELECT id FROM calls ORDER BY id')).toEqual(ids);
    expect(await lake.open().readState()).toEqual({ seq: 200, streams: { calls: { n: 200 } } });
  });

  test.each([
    ['damaged', '{"format":1,'],
    ['of a newer version', '{"format":2}'],
  ])('that is %s stops everybody, and nothing is changed', async (_, content) => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', null)]);
    await writeFile(join(lake.root, '_manifest/0000000002.json'), content);
    const destination = lake.open();
    const expected = { area: 'destination', hint: expect.stringContaining('nothing was changed') };
    await expect(destination.preflight()).rejects.toMatchObject(expected);
    await expect(destination.readState()).rejects.toMatchObject(expected);
    await expect(lake.read('SELECT 1')).rejects.toMatchObject(expected);
    await expect(destination.commit(createBatchMaker(destination).make('b2', [call('2', null)]))).rejects.toMatchObject(
      expected,
    );
    expect((await readdir(join(lake.root, '_manifest'))).length).toBe(2);
    expect((await lake.files()).length).toBe(1);
  });
});

describe('another process that commits within a commit, upon the same manifest', () => {
  /** A commit of `connection`; before its manifest is made, a whole load of the connection `sync` takes its number and the next. */
  async function commitAround(lake: Lake, connection: string) {
    let isFirst = true;
    const destination = lake.open({
      connection,
      crashPoint(point) {
        if (point !== 'parquet:before-manifest' || !isFirst) return;
        isFirst = false;
        execFileSync(process.execPath, [
          join(import.meta.dirname, '../crash-child.mjs'),
          'parquet',
          lake.root,
          '-',
          '0',
        ]);
      },
    });
    const batch = createBatchMaker(destination).make('around', [call('around', '2026-01-01T00:00:00Z')], {
      calls: { n: 5 },
    });
    return await destination.commit(batch).finally(() => destination.close());
  }

  /** Whose rows are there, each once: a load brings ten that are newer in its second round, and one new one in each. */
  const idsIn = async (lake: Lake) => (await lake.read('SELECT id FROM calls ORDER BY id')).map(({ id }) => id);
  const ofLoad = ['new 1', 'new 2', ...Array.from({ length: 10 }, (_, n) => `old ${n}`)];

  test.each([
    ['the first one of the lake', 0],
    ['a later one', 1],
  ])('for another connection: all batches are there, and each connection has its state: %s', async (_, before) => {
    const lake = await createLake();
    if (before > 0) await commit(lake, 'b0', [call('before', null)], 1, 'third');
    const [counts] = await commitAround(lake, 'other');
    expect([counts?.written, counts?.superseded]).toEqual([1, 0]);
    expect(await idsIn(lake)).toEqual(['around', ...(before > 0 ? ['before'] : []), ...ofLoad]);
    expect(await lake.open({ connection: 'other' }).readState()).toEqual({ seq: 1, streams: { calls: { n: 5 } } });
    expect(await lake.open().readState()).toEqual({ seq: 2, streams: { calls: { round: 2 } } });
    expect((await readHead(lake.root))?.seq).toBe(before + 3);
  });

  test('for the same connection: the one that began first stores nothing', async () => {
    const lake = await createLake();
    await expect(commitAround(lake, 'sync')).rejects.toMatchObject({
      area: 'busy',
      message: expect.stringContaining('another process has committed'),
    });
    expect(await idsIn(lake)).toEqual(ofLoad);
    expect(await lake.open().readState()).toEqual({ seq: 2, streams: { calls: { round: 2 } } });
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
  const ids = await lake.read('SELECT id FROM calls ORDER BY id');
  expect(ids.map(({ id }) => id)).toEqual(names.flatMap((name) => [1, 2, 3].map((n) => `${name} ${n}`)).sort());
  for (const connection of names)
    expect(await lake.open({ connection }).readState()).toEqual({ seq: 3, streams: { calls: { n: 3 } } });
  expect((await readHead(lake.root))?.seq).toBe(9);
});

describe('a replay', () => {
  test('of the same bytes is nothing, also when other batches came in between', async () => {
    const lake = await createLake();
    const log = streamOf('log', { id: text }, { mode: 'append' });
    const row = (id: string) => [{ stream: log, row: { id } }];
    await commit(lake, 'b1', row('one'), 1);
    await commit(lake, 'b2', row('two'), 2);
    const files = await lake.files();
    expect(await commit(lake, 'b1', row('one'), 1)).toMatchObject([{ staged: 1, written: 0, superseded: 1 }]);
    expect(await lake.files()).toEqual(files);
    expect((await lake.open().readState())?.streams).toEqual({ calls: { n: 2 } });
    expect(await lake.read('SELECT id FROM log ORDER BY id')).toEqual([{ id: 'one' }, { id: 'two' }]);
  });

  test('with other bytes is a batch of its own, and the newest version of a key counts', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', null, 1), call('2', null, 1)]);
    await commit(lake, 'b1 read again', [call('1', null, 2), call('2', null, 1), call('3', null, 1)]);
    expect(await lake.read('SELECT id, updated FROM calls ORDER BY id')).toEqual([
      { id: '1', updated: 2 },
      { id: '2', updated: 1 },
      { id: '3', updated: 1 },
    ]);
  });

  test('of a batch that never got its manifest writes the same files again', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', '2026-01-01T00:00:00Z')]);
    await failAt(lake, 'parquet:before-manifest', 'b2', [call('2', '2026-02-01T00:00:00Z')]);
    const files = await lake.files();
    expect(files.length).toBe(2);
    await commit(lake, 'b2', [call('2', '2026-02-01T00:00:00Z')], 99);
    expect(await lake.files()).toEqual(files);
  });
});

describe('what a crash leaves', () => {
  test('is read by nobody, and goes after a day, and only then', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', '2026-01-01T00:00:00Z'), user('u')]);
    const live = await lake.files();
    await failAt(lake, 'parquet:before-manifest', 'b2', [call('2', '2026-01-01T00:00:00Z')]);
    await failAt(lake, 'parquet:after-write', 'b3', [call('3', '2026-01-01T00:00:00Z')]);
    await writeFile(join(lake.root, 'calls/month=2026-01/mine.parquet'), 'not ours');
    await writeFile(join(lake.root, '_manifest/.half.part'), '{');
    const orphans = (await lake.files()).filter((path) => !live.includes(path) && !path.endsWith('mine.parquet'));
    expect(orphans.length).toBe(1);
    const temporary = await readdir(join(lake.root, '_tmp'));
    expect(await lake.read('SELECT id FROM calls')).toEqual([{ id: '1' }]);

    await lake.open().preflight();
    expect((await lake.files()).length).toBe(live.length + 2);
    expect(await readdir(join(lake.root, '_tmp'))).toEqual(temporary);

    const all = await lake.files();
    for (const path of [...all, ...temporary.map((name) => `_tmp/${name}`), '_manifest/.half.part'])
      await lake.age(path, 2 * day);
    await lake.open().preflight();
    expect(await lake.files()).toEqual([...live, 'calls/month=2026-01/mine.parquet'].sort());
    expect(await readdir(join(lake.root, '_tmp'))).toEqual([]);
    expect(await readdir(join(lake.root, '_manifest'))).toEqual(['0000000001.json']);
    expect(await lake.read('SELECT id FROM calls')).toEqual([{ id: '1' }]);
  });

  test.each(['parquet:after-write', 'parquet:after-rename', 'parquet:before-manifest'])(
    'of the very first commit at %s is still a lake of ours',
    async (point) => {
      const lake = await createLake();
      await failAt(lake, point, 'b1', [call('1', null)]);
      await lake.open().preflight();
      expect(await lake.open().readState()).toBeUndefined();
      await commit(lake, 'b1', [call('1', null)]);
      expect(await lake.read('SELECT id FROM calls')).toEqual([{ id: '1' }]);
    },
  );
});

describe('a file that does not hold what was written', () => {
  const rows = [call('1', null), call('2', null)];

  test.each(['torn', 'of another batch'])('is noticed before the commit: %s', async (what) => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', null), call('3', null)]);
    const [earlier = ''] = await lake.files();
    const content = readFileSync(join(lake.root, earlier));
    const destination = lake.open({
      crashPoint: (point) => {
        if (point === 'parquet:after-write') swap(lake, what === 'torn' ? content.subarray(0, -9) : content);
      },
    });
    const attempt = destination.commit(createBatchMaker(destination).make('b2', rows, { calls: { n: 2 } }));
    await expect(attempt).rejects.toMatchObject({ area: 'destination' });
    expect(await lake.files()).toEqual([earlier]);
    expect((await lake.open().readState())?.seq).toBe(1);
  });
});

describe('the folder', () => {
  test('is refused when it holds other files, or is one, and is left alone', async () => {
    const lake = await createLake();
    await mkdir(lake.root);
    await writeFile(join(lake.root, 'holiday.jpg'), 'x');
    await expect(lake.open().preflight()).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('other files'),
    });
    expect(await readdir(lake.root)).toEqual(['holiday.jpg']);
    await rm(lake.root, { recursive: true });
    await writeFile(lake.root, 'x');
    await expect(lake.open().preflight()).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('is a file'),
    });
  });

  test('may be missing, empty, or hold the ledger and the lock of the first sync', async () => {
    const lake = await createLake();
    await lake.open().preflight();
    await expect(stat(lake.root)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(lake.root);
    await lake.open().preflight();
    await writeFile(join(lake.root, '_runs.jsonl'), '');
    await writeFile(join(lake.root, '_runs.lock'), '');
    await lake.open().preflight();
    expect((await readdir(lake.root)).sort()).toEqual(['_runs.jsonl', '_runs.lock']);
  });

  test('may be moved or copied as a whole', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', '2026-01-01T00:00:00Z')]);
    const other = await createLake();
    for (const entry of await readdir(lake.root, { recursive: true, withFileTypes: true })) {
      const target = join(entry.parentPath, entry.name).replace(lake.root, other.root);
      if (entry.isDirectory()) await mkdir(target, { recursive: true });
      else
        await mkdir(join(target, '..'), { recursive: true }).then(() =>
          copyFile(join(entry.parentPath, entry.name), target),
        );
    }
    await rm(lake.root, { recursive: true });
    await commit(other, 'b2', [call('2', '2026-01-01T00:00:00Z')], 2);
    expect(await other.read('SELECT id FROM calls ORDER BY id')).toEqual([{ id: '1' }, { id: '2' }]);
  });
});

test('two streams whose names differ by case only have a view each, and keep it', async () => {
  const lake = await createLake();
  const upper = streamOf('Calls', { id: text });
  await commit(lake, 'b1', [call('1', null)]);
  await commit(lake, 'b2', [{ stream: upper, row: { id: 'upper' } }]);
  expect(await lake.read('SELECT id FROM calls')).toEqual([{ id: '1' }]);
  expect(await lake.read('SELECT id FROM "Calls_2"')).toEqual([{ id: 'upper' }]);
  expect((await readHead(lake.root))?.tables.map(({ view }) => view)).toEqual(['calls', 'Calls_2']);
});

/** Puts `content` in the place of the file that is being written. */
function swap(lake: Lake, content: Uint8Array): void {
  const folder = join(lake.root, '_tmp');
  const part = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.part')) ?? '';
  writeFileSync(join(folder, part), content);
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
