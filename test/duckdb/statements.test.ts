// What a text of SQL is, without running any of it.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openInMemory } from '../../src/duckdb/connection.ts';

let folder: string;
let database: Database;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-statements-'));
  // As a lake's reader: files in this folder can be written.
  database = await openInMemory({ folders: [folder] });
  await database.exclusive((session) => session.run('CREATE TABLE calls (n BIGINT, t VARCHAR)'));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const inspect = (sql: string) => database.exclusive((session) => session.inspect(sql.replaceAll('$dir', folder)));

describe('a statement that only reads', () => {
  it.each([
    'select 1',
    '-- why\n/* ; */ FROM calls',
    '(select 1)',
    'with a as (select 1) select * from a',
    'values (1)',
    'table calls',
    'describe calls',
    'show tables',
    'summarize calls',
    'pragma table_info(calls)',
    `pivot calls on t in ('x') using sum(n)`,
    'explain select 1',
    'explain analyze select 1',
    'EXPLAIN (ANALYZE, FORMAT JSON) select 1',
    'select 1;',
    `select ';', $$;$$, "n" from calls`,
  ])('%s', async (sql) => {
    expect(await inspect(sql)).toMatchObject({ onlyReads: true });
  });
});

describe('a statement that may write', () => {
  it.each([
    [`copy (select 1) to '$dir/x.csv'`, ['COPY']],
    [`explain analyze copy (select 1) to '$dir/x.csv'`, ['EXPLAIN']],
    [`explain /* */ (analyze) copy (select 1) to '$dir/x.csv'`, ['EXPLAIN']],
    [`explain --\nanalyze copy (select 1) to '$dir/x.csv'`, ['EXPLAIN']],
    [`export database '$dir/all'`, ['EXPORT']],
    [`/**/export database '$dir/all'`, ['EXPORT']],
    [`select 1; export database '$dir/all'`, ['SELECT', 'EXPORT']],
    [`attach '$dir/y.duckdb' as y`, ['ATTACH']],
    ['with a as (select 1) insert into calls select 1, null', ['INSERT']],
    ['install httpfs', ['INSTALL']],
    ['set threads = 1', ['SET']],
    ['select 1; select 2', ['SELECT', 'SELECT']],
    ['pivot calls on t using sum(n)', ['PIVOT', 'PIVOT']],
    ['-- nothing\n;', []],
  ])('%s', async (sql, kinds) => {
    expect(await inspect(sql)).toMatchObject({ kinds, onlyReads: false });
    expect(await readdir(folder)).toEqual([]);
  });
});

it('names the parameters', async () => {
  expect([...(await inspect('select $a, $b, $a from calls')).parameters].sort()).toEqual(['a', 'b']);
});
