// gong-elt files, lake compact, lake vacuum: the built program over a lake.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commit, event, idsIn, user } from '../destinations/lake/calls.ts';
import { createLake } from '../destinations/lake/lake.ts';
import { runGongElt } from '../support/run-node.ts';

async function filled() {
  const lake = await createLake();
  for (let n = 1; n <= 3; n++) await commit(lake, `b${n}`, [event(String(n)), user('u')], n);
  const run = (...args: string[]) => runGongElt(args, { cwd: join(lake.root, '..') });
  return { lake, run };
}

test('files names the live files of a stream, one a line', async () => {
  const { lake, run } = await filled();
  const { code, stdout } = await run('files', 'events', '--in', 'lake');
  expect(code).toBe(0);
  expect(stdout.trim().split('\n')).toEqual((await lake.live('events')).map((path) => join(lake.root, 'events', path)));
  const { stdout: json } = await run('files', 'users', '--in', 'lake', '--json');
  expect(JSON.parse(json).files).toHaveLength(1);
});

test('files says which streams there are, and where there is no lake', async () => {
  const { run } = await filled();
  const unknown = await run('files', 'calls', '--in', 'lake');
  expect([unknown.code, unknown.stdout]).toEqual([2, '']);
  expect(unknown.stderr).toContain('lake has no stream calls');
  expect(unknown.stderr).toContain('events, users');
  const nowhere = await run('files', 'calls', '--in', 'nowhere');
  expect(nowhere.code).toBe(7);
  expect(nowhere.stderr).toContain('There is no lake at nowhere');
});

test('lake compact makes small files one, lake vacuum leaves what is young', async () => {
  const { lake, run } = await filled();
  const compacted = await run('lake', 'compact', 'lake');
  expect([compacted.code, compacted.stderr]).toEqual([0, 'events: 3 files became 1\nusers: nothing to do\n']);
  expect(await lake.live('events')).toHaveLength(1);
  const files = await lake.files();
  const vacuumed = await run('lake', 'vacuum', 'lake', '--json');
  expect(JSON.parse(vacuumed.stdout)).toEqual({
    tables: [
      { table: 'events', files: 0, bytes: 0 },
      { table: 'users', files: 0, bytes: 0 },
    ],
  });
  expect(await lake.files()).toEqual(files);
  expect(await idsIn(lake, 'events')).toEqual(['1', '2', '3']);
  expect(await readdir(join(lake.root, '_gong_elt/tmp'))).toEqual([]);
});

test('query answers one SELECT, and nothing that could write into the lake', async () => {
  const { lake, run } = await filled();
  const ask = (sql: string) => run('query', sql, '--from', 'lake', '--format', 'jsonl');
  expect((await ask('select id from events order by id')).stdout).toBe('{"id":"1"}\n{"id":"2"}\n{"id":"3"}\n');
  expect((await ask('explain analyze select id from events')).code).toBe(0);
  const before = await lake.files();
  for (const sql of [
    `copy (select 1) to '${lake.root}/x.csv'`,
    `explain analyze copy (select 1) to '${lake.root}/x.csv'`,
    `export database '${lake.root}/all'`,
    `attach '${lake.root}/y.duckdb' as y`,
    'select 1; select 2',
    'pivot events on id using count(*)',
  ]) {
    const { code, stdout } = await ask(sql);
    expect([sql, code, stdout]).toEqual([sql, 2, '']);
  }
  expect(await lake.files()).toEqual(before);
  const into = await run('query', 'select 1', '--from', 'lake', '-o', 'lake/events/rows.csv');
  expect([into.code, into.stderr]).toEqual([2, expect.stringContaining('lies in it')]);
});
