// gong-elt query, as a process, on real DuckDB files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endsWithUs } from '../support/ends-with-us.ts';
import { gongElt, runGongElt } from '../support/run-node.ts';

let folder: string;
const sentence = 'we need the budget by friday';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-query-'));
  const instance = await DuckDBInstance.create(join(folder, 'w.duckdb'));
  const connection = await instance.connect();
  await connection.run(`create table calls as select * from (values
    ('7782342274025937895', 9223372036854775807, 1.50::decimal(9,2), timestamptz '2026-01-01 02:00:00+02', '{"k":12345678901234567890.10}'::json),
    ('8', NULL, NULL, NULL, NULL)) t(call_id, n, amount, started_at, raw)`);
  await connection.run(`create table transcripts as select '${sentence}' as text`);
  connection.closeSync();
  instance.closeSync();
  await writeFile(join(folder, 'gong-elt.yaml'), 'destination: w.duckdb\n');
  await writeFile(
    join(folder, 'no.duckdb'),
    'this is no database, but it is long enough to be read as one. '.repeat(100),
  );
});
afterAll(() => rm(folder, { recursive: true }));

const query = (sql: string, ...args: string[]) => runGongElt(['query', sql, ...args], { cwd: folder });

describe('gong-elt query', () => {
  it('asks the destination of gong-elt.yaml, and prints a table', async () => {
    const { code, stdout, stderr } = await query('select call_id, n, amount, started_at from calls order by 1');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`call_id                                n  amount  started_at
───────────────────  ───────────────────  ──────  ──────────────────────
7782342274025937895  9223372036854775807    1.50  2026-01-01 00:00:00+00
8
(2 rows)
`);
  });

  it('prints JSON with every digit, and JSON columns as JSON', async () => {
    const { stdout } = await query(
      'select n, amount, raw from calls order by call_id limit 1',
      '--from',
      'w.duckdb',
      '--format',
      'jsonl',
    );
    expect(stdout).toBe('{"n":"9223372036854775807","amount":"1.50","raw":{"k":12345678901234567890.10}}\n');
    const json = await query('select call_id from calls order by 1', '--json');
    expect(JSON.parse(json.stdout)).toEqual([{ call_id: '7782342274025937895' }, { call_id: '8' }]);
  });

  it.each([
    ['selec 1', 'Parser Error: syntax error'],
    ['select * from cals', 'Did you mean "calls'],
    ['select nope from calls', 'Referenced column "nope" not found'],
    ['create table x (a int)', 'attached in read-only mode'],
    ["select * from read_csv('/etc/hostname')", 'file system operations are disabled'],
    ['  ', 'The query is empty.'],
  ])('explains what is wrong with %j', async (sql, text) => {
    const { code, stdout, stderr } = await query(sql);
    expect(stderr).toContain(text);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('does not repeat what stands in a row when a value does not fit', async () => {
    const { code, stdout, stderr } = await query('select text::int from transcripts', '-vv');
    expect(code).toBe(2);
    expect(stderr).toContain('Conversion Error in the query');
    expect(stdout + stderr).not.toContain('budget');
  });

  it.each([
    ['none.duckdb', 7, 'there is no file none.duckdb'],
    ['no.duckdb', 7, 'is not a DuckDB file'],
  ])('says what is wrong with %s, with code %i', async (path, code, text) => {
    const ended = await query('select 1', '--from', path);
    expect(ended.stderr).toContain(text);
    expect(ended.code).toBe(code);
  });

  it('prints the last row of a large answer, however slow its reader', async () => {
    const { code, stdout } = await runGongElt(
      ['query', 'select range as n from range(200000)', '--from', 'w.duckdb', '--format', 'jsonl'],
      {
        cwd: folder,
        onOutput: (child) => {
          child.stdout?.pause();
          setTimeout(() => child.stdout?.resume(), 2);
        },
      },
    );
    expect(code).toBe(0);
    expect(stdout.split('\n')).toHaveLength(200_001);
    expect(stdout.endsWith('{"n":199999}\n')).toBe(true);
  });

  it('reads through a reader that goes away, without an end of its own', async () => {
    const child = endsWithUs(
      spawn(
        process.execPath,
        [gongElt, 'query', 'select range from range(50000000)', '--from', 'w.duckdb', '--format', 'jsonl'],
        {
          cwd: folder,
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      ),
    );
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += String(text);
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'warn: the reader of our output hung up\n' });
  });

  it('is ended by Ctrl-C at once, however long the query takes', async () => {
    const child = endsWithUs(
      spawn(
        process.execPath,
        [gongElt, 'query', 'select count(*) from range(1000000) a, range(10000000) b', '--from', 'w.duckdb', '-v'],
        {
          cwd: folder,
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      ),
    );
    setTimeout(() => child.kill('SIGINT'), 700);
    const [code, signal] = await once(child, 'close');
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' });
  });
});
