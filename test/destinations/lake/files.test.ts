// Where the files of a lake lie, what they hold, and which of them a batch writes anew.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createBatchMaker, instant, integer, number, streamOf, text } from '../../contracts/batches.ts';
import { call, commit, event, idsIn, user } from './calls.ts';
import { createLake, type Lake } from './lake.ts';

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const january = '2026-01-10T00:00:00Z';
const february = '2026-02-10T00:00:00Z';

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
    expect(files.map((path) => path.replace(uuid, 'UUID'))).toEqual([
      'calls/month=2026-01/UUID.parquet',
      'calls/month=2026-02/UUID.parquet',
      'calls/month=unknown/UUID.parquet',
      'users/UUID.parquet',
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
    for (let n = 1; n <= 10; n++) await commit(lake, `b${n}`, [call(String(n), january)], n);
    const names = await readdir(lake.root, { recursive: true, withFileTypes: true });
    const modes = await Promise.all(
      names.map(async (entry) => {
        const { mode } = await stat(join(entry.parentPath, entry.name));
        return `${entry.isDirectory() ? 'folder' : 'file'} ${(mode & 0o777).toString(8)}`;
      }),
    );
    expect(new Set(modes)).toEqual(new Set(['folder 700', 'file 600']));
    expect(((await stat(lake.root)).mode & 0o777).toString(8)).toBe('700');
    expect(await readdir(join(lake.root, '_gong_elt/tmp'))).toEqual([]);
    const log = await readdir(join(lake.root, 'calls/_delta_log'));
    expect(log.filter((name) => !/^\d{20}\.json$/.test(name)).sort()).toEqual([
      '00000000000000000009.checkpoint.parquet',
      '_last_checkpoint',
    ]);
  });

  test('hold the columns of the stream and no other', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', january)]);
    const [file = ''] = await lake.files();
    const columns = await lake.query(`SELECT name, converted_type FROM parquet_schema('${lake.root}/${file}')`);
    expect(columns.slice(1)).toEqual([
      { name: 'id', converted_type: 'UTF8' },
      { name: 'updated', converted_type: 'INT_64' },
      { name: 'started_at', converted_type: 'TIMESTAMP_MICROS' },
    ]);
  });

  test('hold text for what Parquet or its readers have no type for, and the types come back', async () => {
    const lake = await createLake();
    const digits = '12345678901234567890123456789012';
    const time = { type: 'string', format: 'time' };
    const stream = streamOf('odd', {
      id: text,
      n: integer,
      open: { type: 'object' },
      local: { ...time, airbyte_type: 'time_without_timezone' },
      zoned: { ...time, airbyte_type: 'time_with_timezone' },
      list: {
        type: 'array',
        'x-columns': 'closed',
        items: { type: 'object', properties: { open: {}, 'a "b"': text } },
      },
    });
    const row = {
      id: '1',
      n: digits,
      open: { a: [1, 'x'] },
      local: '10:00:00',
      zoned: '10:00:00+02:00',
      list: [{ open: { deep: [true] }, 'a "b"': 'quoted' }, null],
    };
    await commit(lake, 'b1', [{ stream, row }]);
    await commit(lake, 'b2', [{ stream, row: { ...row, id: '2' } }], 2);
    const [file = ''] = await lake.files();
    const stored = await lake.query(`DESCRIBE SELECT * FROM read_parquet('${lake.root}/${file}')`);
    expect(stored.map(({ column_name, column_type }) => `${column_name} ${column_type}`)).toEqual([
      'id VARCHAR',
      'n DECIMAL(38,0)',
      'open VARCHAR',
      'local VARCHAR',
      'zoned VARCHAR',
      'list STRUCT(open VARCHAR, a__b_ VARCHAR)[]',
    ]);
    const types = await lake.read('SELECT column_type FROM (DESCRIBE odd)');
    expect(types.map(({ column_type }) => column_type)).toEqual([
      'VARCHAR',
      'DECIMAL(38,0)',
      'JSON',
      'TIME',
      'TIME WITH TIME ZONE',
      'STRUCT(open JSON, "a ""b""" VARCHAR)[]',
    ]);
    const asText = `n::VARCHAR AS n, "open", "local"::VARCHAR AS l, (zoned = '08:00:00+00'::TIMETZ) AS z, list::VARCHAR AS list`;
    const value = {
      n: digits,
      open: '{"a":[1,"x"]}',
      l: '10:00:00',
      z: true,
      list: `[{'open': '{"deep":[true]}', 'a "b"': quoted}, NULL]`,
    };
    expect(await lake.read(`SELECT ${asText} FROM odd`)).toEqual([value, value]);
  });

  test('keep the value of a stream’s own month, and of columns that differ by case only', async () => {
    const lake = await createLake();
    const names = { month: text, 'a b': text, a_b: text, A_B: text };
    const stream = streamOf('calls', { id: text, updated: integer, started_at: instant, ...names });
    const row = { id: '1', updated: 1, started_at: january, month: 'mine', 'a b': '1', a_b: '2', A_B: '3' };
    await commit(lake, 'b1', [{ stream, row }]);
    await commit(lake, 'b2', [{ stream, row: { ...row, id: '2', started_at: february } }], 2);
    expect(await lake.read('SELECT id, month, "a b", a_b_2, "A_B" FROM calls ORDER BY id')).toEqual(
      ['1', '2'].map((id) => ({ id, month: 'mine', 'a b': '1', a_b_2: '2', A_B: '3' })),
    );
    expect((await lake.files()).map((path) => path.replace(uuid, 'UUID'))).toEqual([
      'calls/month_2=2026-01/UUID.parquet',
      'calls/month_2=2026-02/UUID.parquet',
    ]);
  });

  test('stay inside the lake and apart, whatever the streams are called', async () => {
    const lake = await createLake();
    const names = ['../../out', '_tmp', '_gong_elt', 'CON', 'con', 'a/b', 'a.b', '.', 'calls', 'Calls', '%2e', 'a_b'];
    const rows = names.map((name) => ({ stream: streamOf(name, { id: text }), row: { id: name } }));
    const namespaced = streamOf('b', { id: text }, { namespace: 'a' });
    await commit(lake, 'b1', [...rows, { stream: namespaced, row: { id: 'b of a' } }]);
    const folders = new Set((await lake.files()).map((path) => path.split('/').slice(0, -1).join('/')));
    expect(folders.size).toBe(names.length + 1);
    for (const folder of folders) expect(folder).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
    expect([...folders]).toEqual(expect.arrayContaining(['calls', 'a_b']));
    expect(await readdir(join(lake.root, '..'))).toEqual(['lake']);
    for (const name of names.filter((name) => name !== 'con' && name !== 'Calls'))
      expect(await lake.read(`SELECT id FROM "${name}"`), name).toEqual([{ id: name }]);
    expect(await lake.read('SELECT id FROM a.b')).toEqual([{ id: 'b of a' }]);
  });

  test.each(['memory', 'temp', 'system', 'main', 'pg_catalog', 'information_schema', 'lake'])(
    'of a stream in a namespace called %s can be read',
    async (namespace) => {
      const lake = await createLake();
      const stream = streamOf('orders', { id: text }, { namespace });
      await commit(lake, 'b1', [{ stream, row: { id: '1' } }, user('u')]);
      const [found] = await lake.read(
        `SELECT schema_name AS name FROM duckdb_views() WHERE view_name = 'orders' AND NOT internal`,
      );
      expect(await lake.read(`SELECT id FROM memory."${found?.['name']}".orders`)).toEqual([{ id: '1' }]);
      expect(await idsIn(lake, 'users')).toEqual(['u']);
    },
  );

  test('take a key and columns with names of ours', async () => {
    const lake = await createLake();
    const names = [
      'file',
      'filename',
      'rowid',
      'seq',
      'k0',
      'k1',
      'cursor',
      'newer',
      'extracted_at',
      'file_row_number',
      't',
      'w',
    ];
    const properties = Object.fromEntries(names.map((name) => [name, text]));
    const stream = streamOf('shadows', properties, { key: [['k1'], ['file'], ['rowid']], cursor: ['seq'] });
    const row = (key: string, seq: string) => ({
      stream,
      row: { ...Object.fromEntries(names.map((name) => [name, `${name} ${key}`])), k1: key, seq },
    });
    await commit(lake, 'b1', [row('a', '1'), row('b', '1'), row('c', '2')]);
    await commit(lake, 'b2', [row('b', '2'), row('c', '1'), row('d', '1')], 2);
    expect(await lake.read('SELECT k1, seq, file, newer FROM shadows ORDER BY k1')).toEqual(
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '2'],
        ['d', '1'],
      ].map(([key, seq]) => ({ k1: key, seq, file: `file ${key}`, newer: `newer ${key}` })),
    );
  });
});

describe('a batch', () => {
  test('writes anew only the files that hold its keys', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', january), call('2', february), call('3', null)]);
    const before = await lake.live('calls');
    await commit(lake, 'b2', [call('2', february, 2)], 2);
    const after = await lake.live('calls');
    expect(after).toHaveLength(3);
    const kept = after.filter((path) => before.includes(path));
    expect(kept.map((path) => path.split('/')[0]).sort()).toEqual(['month=2026-01', 'month=unknown']);
    expect(await lake.read('SELECT id, updated FROM calls ORDER BY id')).toEqual([
      { id: '1', updated: 1 },
      { id: '2', updated: 2 },
      { id: '3', updated: 1 },
    ]);
  });

  test('that changes nothing makes no entry', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', january, 5)]);
    const [counts] = await commit(lake, 'b2', [call('1', february, 4)], 2);
    expect(counts).toMatchObject({ written: 0, superseded: 1 });
    expect(await lake.entries('calls')).toHaveLength(1);
    expect(await lake.open().readState()).toEqual({ seq: 2, streams: { calls: { n: 2 } } });
  });

  test('moves a row to the month that its newer version names', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', january), call('2', january)]);
    await commit(lake, 'b2', [call('1', february, 2)], 2);
    expect(await lake.read('SELECT id, updated FROM calls ORDER BY id')).toEqual([
      { id: '1', updated: 2 },
      { id: '2', updated: 1 },
    ]);
    await commit(lake, 'b3', [call('2', february, 2)], 3);
    expect((await lake.live('calls')).map((path) => path.split('/')[0])).toEqual(['month=2026-02']);
  });

  test('joins the last small file of its month, but never in a stream that only appends', async () => {
    const lake = await createLake();
    for (let n = 1; n <= 4; n++) await commit(lake, `b${n}`, [call(`c${n}`, january), event(`e${n}`)], n);
    expect(await lake.live('calls')).toHaveLength(1);
    expect(await lake.live('events')).toHaveLength(4);
    const removed = (await lake.entries('events')).flat().filter(({ remove }) => remove);
    expect(removed).toEqual([]);
    expect(await idsIn(lake)).toEqual(['c1', 'c2', 'c3', 'c4']);
    expect(await idsIn(lake, 'events')).toEqual(['e1', 'e2', 'e3', 'e4']);
  });

  test('that changes the type of a column writes every file anew, in one entry', async () => {
    const lake = await createLake();
    const stream = (n: typeof integer | typeof number) => streamOf('events', { id: text, n }, { mode: 'append' });
    for (const id of ['1', '2', '3']) await commit(lake, id, [{ stream: stream(integer), row: { id, n: 1 } }]);
    const before = await lake.live('events');
    await commit(lake, '4', [{ stream: stream(number), row: { id: '4', n: 0.5 } }], 4);
    expect((await lake.live('events')).filter((path) => before.includes(path))).toEqual([]);
    const last = (await lake.entries('events')).at(-1) ?? [];
    expect(last.filter(({ remove }) => remove)).toHaveLength(3);
    expect(last.filter(({ metaData }) => metaData)).toHaveLength(1);
    expect(await lake.read('SELECT id, n FROM events ORDER BY id')).toEqual([
      { id: '1', n: 1 },
      { id: '2', n: 1 },
      { id: '3', n: 1 },
      { id: '4', n: 0.5 },
    ]);
  });

  test.each(['', 'a\u0000b'])('of a stream that no view can be named after is refused: %j', async (name) => {
    const lake = await createLake();
    const stream = streamOf(name, { id: text });
    await expect(commit(lake, 'b1', [{ stream, row: { id: '1' } }])).rejects.toMatchObject({ area: 'config' });
    expect(await lake.open().readState()).toBeUndefined();
  });

  test('writes the same rows in the same order when it is written to another lake', async () => {
    const rows = Array.from({ length: 5000 }, (_, n) => call(String(n), `2026-0${1 + (n % 3)}-05T00:00:00Z`));
    const [one, two] = [await createLake(), await createLake()];
    await commit(one, 'b1', rows);
    await commit(two, 'b1', rows);
    expect((await one.files()).length).toBe(3);
    expect(await one.read('SELECT * FROM calls')).toEqual(await two.read('SELECT * FROM calls'));
  });

  test('L9 with two thousand columns fits', { timeout: 120_000 }, async () => {
    const lake = await createLake();
    const properties = Object.fromEntries(
      Array.from({ length: 2000 }, (_, n) => [`c${n}`, n % 2 === 0 ? text : integer]),
    );
    const stream = streamOf('wide', { id: text, ...properties });
    const row = (id: string) => ({ stream, row: { id, c0: 'x', c1999: 7 } });
    const destination = lake.open();
    const batches = createBatchMaker(destination);
    await destination.commit(
      batches.make(
        'b1',
        Array.from({ length: 200 }, (_, n) => row(String(n))),
      ),
    );
    await destination.commit(
      batches.make(
        'b2',
        Array.from({ length: 200 }, (_, n) => row(String(n + 100))),
      ),
    );
    expect(await lake.read('SELECT count(*) AS n, count(DISTINCT id) AS ids, sum(c1999) AS sum FROM wide')).toEqual([
      { n: 300, ids: 300, sum: 2100 },
    ]);
  });
});

describe('a file that does not hold what was written', () => {
  test.each(['torn', 'of another batch'])('is noticed before the commit: %s', async (what) => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', null), call('3', null)]);
    const [earlier = ''] = await lake.files();
    const content = readFileSync(join(lake.root, earlier));
    const destination = lake.open({
      crashPoint: (point) => {
        if (point === 'lake:after-write') swapPart(lake, what === 'torn' ? content.subarray(0, -9) : content);
      },
    });
    const batch = createBatchMaker(destination).make('b2', [call('4', january), call('5', january)], {
      calls: { n: 2 },
    });
    await expect(destination.commit(batch)).rejects.toMatchObject({ area: 'destination' });
    expect(await lake.files()).toEqual([earlier]);
    expect((await lake.open().readState())?.seq).toBe(1);
  });
});

/** Puts `content` in the place of the file that is being written. */
function swapPart(lake: Lake, content: Uint8Array): void {
  const folder = join(lake.root, '_gong_elt/tmp');
  const part = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.part')) ?? '';
  writeFileSync(join(folder, part), content);
}
