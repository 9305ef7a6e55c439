// Opening DuckDB: settings of every open, what SQL may reach, who else holds the file, and what the errors say.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../src/core/clock.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Database } from '../../src/duckdb/connection.ts';
import { openForReading, openForWriting, openInMemory } from '../../src/duckdb/connection.ts';
import { holdFile } from './hold-file.ts';

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function openNew(folder: string, settings: { folders?: string[]; isBulk?: boolean } = {}): Promise<Database> {
  const database = await openForWriting(join(folder, 'x.duckdb'), { spillFolder: join(folder, 'spill'), ...settings });
  onTestFinished(() => database.close());
  return database;
}

const run = (database: Database, sql: string) => database.exclusive((session) => session.run(sql));
const rows = (database: Database, sql: string) => database.exclusive((session) => session.rows(sql));

describe('an open database', () => {
  test('has our settings at each open, and nobody can change them', async () => {
    const folder = await createFolder();
    for (let round = 1; round <= 2; round++) {
      const database = await openNew(folder);
      const settings = await rows(
        database,
        `SELECT name, value FROM duckdb_settings() WHERE name IN
           ('memory_limit', 'TimeZone', 'preserve_insertion_order', 'enable_external_access', 'lock_configuration', 'temp_directory') ORDER BY name`,
      );
      expect(Object.fromEntries(settings.map(({ name, value }) => [name, value]))).toEqual({
        TimeZone: 'UTC',
        enable_external_access: 'false',
        lock_configuration: 'true',
        memory_limit: '183.1 MiB',
        preserve_insertion_order: 'true',
        temp_directory: join(folder, 'spill'),
      });
      await expect(run(database, `SET TimeZone = 'Europe/Berlin'`)).rejects.toThrow(/locked/);
      await database.close();
    }
  });

  test('reaches files of the folders it was given and no others', async () => {
    const folder = await createFolder();
    const inside = join(folder, 'inside');
    mkdirSync(inside);
    writeFileSync(join(inside, 'a.csv'), 'n\n1\n');
    writeFileSync(join(folder, 'b.csv'), 'n\n2\n');
    const database = await openNew(folder, { folders: [inside] });
    expect(await rows(database, `SELECT n FROM read_csv('${inside}/a.csv')`)).toEqual([{ n: 1 }]);
    for (const sql of [
      `SELECT * FROM read_csv('${folder}/b.csv')`,
      `SELECT * FROM read_csv('${inside}/../b.csv')`,
      `COPY (SELECT 1) TO '${folder}/c.csv'`,
      `ATTACH '${folder}/other.duckdb'`,
      'INSTALL httpfs',
      `LOAD '${inside}/x.duckdb_extension'`,
    ])
      await expect(run(database, sql), sql).rejects.toThrow(/Permission|disabled|not allowed|Cannot/i);
  });

  test('runs one caller at a time, in the order of asking', async () => {
    const database = await openInMemory();
    const order: string[] = [];
    const first = database.exclusive(async (session) => {
      await session.run('CREATE TABLE t (n INTEGER)');
      await session.run('BEGIN');
      await session.run('INSERT INTO t VALUES (1)');
      order.push('first');
      await session.run('ROLLBACK');
    });
    const second = database.exclusive(async (session) => {
      order.push('second');
      await session.run('INSERT INTO t VALUES (2)');
    });
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    expect(await rows(database, 'SELECT n FROM t')).toEqual([{ n: 2 }]);
    await database.close();
    await expect(rows(database, 'SELECT 1')).rejects.toThrow('closed');
  });

  test('gives whole numbers exactly, and streams large answers', async () => {
    const database = await openInMemory();
    expect(
      await rows(database, `SELECT 9007199254740991 AS a, 9007199254740993 AS b, 1::HUGEINT AS c, NULL::BIGINT AS d`),
    ).toEqual([{ a: 9007199254740991, b: '9007199254740993', c: 1, d: null }]);
    const { columns, count } = await database.exclusive(async (session) => {
      const stream = await session.stream('SELECT range AS n, [range] AS list FROM range(5000)');
      let seen = 0;
      for await (const chunk of stream.rows) seen += chunk.length;
      return { columns: stream.columns, count: seen };
    });
    expect({ columns, count }).toEqual({
      columns: [
        { name: 'n', type: 'BIGINT' },
        { name: 'list', type: 'BIGINT[]' },
      ],
      count: 5000,
    });
    await database.close();
  });

  test('is a database of its own each time when it has no file', async () => {
    const [one, two] = [await openInMemory(), await openInMemory()];
    await run(one, 'CREATE TABLE t (n INTEGER)');
    await expect(rows(two, 'SELECT * FROM t')).rejects.toThrow('does not exist');
    await Promise.all([one.close(), two.close()]);
  });

  test('replays a log that was left behind, for readers too', async () => {
    const folder = await createFolder();
    const database = await openNew(folder);
    await run(database, 'CREATE TABLE t AS SELECT 1 AS n');
    const path = join(folder, 'x.duckdb');
    const copy = join(folder, 'copy.duckdb');
    // As a process leaves them that is killed now. Another process copies: our own reading would drop the lock.
    spawnSync('cp', [path, copy]);
    spawnSync('cp', [`${path}.wal`, `${copy}.wal`]);
    const reader = await openForReading(copy);
    expect(await rows(reader, 'SELECT n FROM t')).toEqual([{ n: 1 }]);
    await reader.close();
  });

  test('removes what a killed process had spilled', async () => {
    const folder = await createFolder();
    mkdirSync(join(folder, 'spill'));
    writeFileSync(join(folder, 'spill', 'duckdb_temp_storage-0.tmp'), 'rows of a transcript');
    const database = await openNew(folder);
    expect(readdirSync(folder)).not.toContain('spill');
    await database.close();
  });
});

describe('a file that another process holds', () => {
  async function createFile(): Promise<string> {
    const folder = await createFolder();
    const database = await openNew(folder);
    await run(database, 'CREATE TABLE t (n INTEGER)');
    await database.close();
    return join(folder, 'x.duckdb');
  }

  test.each(['READ_WRITE', 'READ_ONLY'] as const)(
    'is busy for a writer, and the error names the holder (%s)',
    async (mode) => {
      const path = await createFile();
      const holder = await holdFile(path, mode);
      await expect(openForWriting(path, { spillFolder: `${path}.spill` })).rejects.toMatchObject({
        area: 'busy',
        message: expect.stringContaining(`PID ${holder.pid}`),
        hint: expect.stringContaining('--to ./lake'),
        fields: { pid: holder.pid },
      });
    },
  );

  test('is busy for a reader when the other one writes, and open to it when the other one reads', async () => {
    const path = await createFile();
    const writer = await holdFile(path, 'READ_WRITE');
    await expect(openForReading(path)).rejects.toMatchObject({ area: 'busy' });
    await writer.letGo();
    await holdFile(path, 'READ_ONLY');
    const reader = await openForReading(path);
    expect(await rows(reader, 'SELECT count(*) AS n FROM t')).toEqual([{ n: 0 }]);
    await reader.close();
  });

  test('is waited for as long as patience goes, by the clock that was given', async () => {
    const path = await createFile();
    const holder = await holdFile(path, 'READ_WRITE');
    let slept = 0;
    const clock: Clock = {
      ...systemClock,
      monotonic: () => slept,
      sleep: async (ms) => {
        slept += ms;
        if (slept >= 3000) await holder.letGo();
      },
    };
    await expect(
      openForWriting(path, { spillFolder: `${path}.spill`, patience: { clock, ms: 2000 } }),
    ).rejects.toMatchObject({
      area: 'busy',
    });
    expect(slept).toBe(2000);
    const database = await openForWriting(path, { spillFolder: `${path}.spill`, patience: { clock, ms: 60_000 } });
    expect(slept).toBe(3000);
    await database.close();
  });
});

describe('a path that cannot be opened', () => {
  test.each([
    ['is a folder', (folder: string) => mkdirSync(join(folder, 'x.duckdb')), /is a folder/],
    [
      'is no DuckDB file',
      (folder: string) => writeFileSync(join(folder, 'x.duckdb'), 'text '.repeat(5000)),
      /not a DuckDB file/,
    ],
  ])('%s', async (_, prepare, said) => {
    const folder = await createFolder();
    prepare(folder);
    for (const attempt of [openNew(folder), openForReading(join(folder, 'x.duckdb'))])
      await expect(attempt).rejects.toMatchObject({
        area: 'destination',
        message: expect.stringMatching(said),
        hint: expect.any(String),
      });
  });

  test('is missing, or its folder is', async () => {
    const folder = await createFolder();
    await expect(openForReading(join(folder, 'x.duckdb'))).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('there is no file'),
    });
    await expect(openNew(join(folder, 'none'))).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('does not exist'),
    });
  });

  test('has a damaged header', async () => {
    const folder = await createFolder();
    const path = join(folder, 'x.duckdb');
    const database = await openNew(folder);
    await run(database, 'CREATE TABLE t (n INTEGER)');
    await database.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 20, 40);
    writeFileSync(path, bytes);
    await expect(openForReading(path)).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('damaged'),
      hint: expect.stringContaining('keep the file'),
    });
  });
});

test('a new file is for its owner only', async () => {
  const folder = await createFolder();
  const database = await openNew(folder);
  await database.close();
  expect(statSync(join(folder, 'x.duckdb')).mode & 0o777).toBe(0o600);
});
