// gong-elt query, as a process, on real DuckDB files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endsWithUs } from '../support/ends-with-us.ts';
import { gongElt, root, runGongElt, runNode } from '../support/run-node.ts';

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
  it('takes SQL that begins with a comment', async () => {
    const { code, stdout } = await query('-- how many\nselect count(*) as n from calls', '--format', 'csv');
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: 'n\r\n2' });
  });

  it('asks the destination of gong-elt.yaml, and prints a table', async () => {
    const sql = 'select call_id, n, amount, started_at from calls order by 1';
    const { code, stdout, stderr } = await query(sql, '--format', 'table');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '2 rows\n' });
    expect(stdout).toBe(`call_id                                n  amount  started_at
───────────────────  ───────────────────  ──────  ──────────────────────
7782342274025937895  9223372036854775807    1.50  2026-01-01 00:00:00+00
8                                   NULL    NULL  NULL
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
    expect(stdout).toBe('{"n":"9223372036854775807","amount":1.5,"raw":{"k":12345678901234567890.10}}\n');
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

  it('prints CSV in a pipe, and the first 100 rows of a table', async () => {
    expect((await query('select call_id, n from calls order by 1')).stdout).toBe(
      'call_id,n\r\n7782342274025937895,9223372036854775807\r\n8,\r\n',
    );
    const table = await query('from range(101)', '--format', 'table');
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(102);
    expect(table.stderr).toBe('100 rows, and there are more (--limit)\n');
    expect((await query('from range(5)', '--limit', '2', '--format', 'jsonl')).stdout).toBe(
      '{"range":0}\n{"range":1}\n',
    );
  });

  it('takes the SQL from a file, from a pipe, or a mart by its name', async () => {
    await writeFile(join(folder, 'my.sql'), '-- how many; or none\nselect count(*) as n from calls;\n');
    const asked = [
      await runGongElt(['query', '-f', 'my.sql'], { cwd: folder }),
      await runGongElt(['query'], { cwd: folder, input: 'select count(*) as n from calls' }),
      await runGongElt(['query', '-'], { cwd: folder, input: 'select count(*) as n from calls' }),
    ];
    expect(asked.map(({ stdout }) => stdout)).toEqual(Array(3).fill('n\r\n2\r\n'));
    const mart = await runGongElt(['query', '--mart', 'transcripts'], { cwd: folder });
    expect(mart.stdout).toBe(`text\r\n${sentence}\r\n`);
    const twice = await query('select 1', '--file', 'my.sql');
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('The SQL is given twice')]);
    const none = await runGongElt(['query', '-f', 'none.sql'], { cwd: folder });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('none.sql cannot be read (ENOENT)')]);
  });

  it('binds parameters, and names those that are missing or not there', async () => {
    const sql = 'select call_id from calls where started_at >= $since and n > $n';
    const { stdout } = await query(sql, '--param', 'since=2025-12-31', '--param', 'n=5');
    expect(stdout).toBe('call_id\r\n7782342274025937895\r\n');
    const quoted = await query('select $x as x', '--param', "x=1' or '1'='1");
    expect(quoted.stdout).toBe("x\r\n1' or '1'='1\r\n");
    expect((await query(sql, '--param', 'n=5')).stderr).toContain('The query has $since, and no value for it is given');
    expect((await query('select $a', '--param', 'a=1', '--param', 'b=1')).stderr).toContain('The query has no $b');
    expect((await query('select 1', '--param', 'b')).stderr).toContain('--param takes a name and a value');
  });

  it.each([
    ['select 1; select 2', 'holds 2 statements (SELECT, SELECT)'],
    [`select ';' /* ; */; copy calls to 'x.csv'`, 'holds 2 statements (SELECT, COPY)'],
    ['pivot calls on call_id using count(*)', 'give PIVOT its IN list'],
  ])('refuses more than one statement: %s', async (sql, text) => {
    const { code, stdout, stderr } = await query(sql);
    expect(stderr).toContain(text);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('reads a file of the asker’s as a table, its ids as text', async () => {
    await writeFile(join(folder, 'deals.csv'), 'opportunity_id,ID,amount\n00612345678901234567,007,1.5\n');
    await writeFile(join(folder, 'deals.jsonl'), '{"a":1}\n');
    const both = ['--attach', 'deals=deals.csv', '--attach', 'more=deals.jsonl'];
    const { stdout } = await query(
      'select d.*, more.a, typeof(amount) as t from deals d, more',
      ...both,
      '--format',
      'jsonl',
    );
    expect(stdout).toBe('{"opportunity_id":"00612345678901234567","ID":"007","amount":1.5,"a":1,"t":"DOUBLE"}\n');
    const failing = [
      ['from x', '--attach', 'x=none.csv', 'There is no file none.csv'],
      ['from x', '--attach', 'x=w.duckdb', 'w.duckdb is no file that can be attached'],
      ['from calls', '--attach', 'Calls=deals.csv', 'There is a table or view calls already'],
      [`from read_csv('deals.csv')`, '--attach', 'x=deals.jsonl', '--attach name=file.csv, or let the SQL read any'],
      [`copy (select 1) to 'deals.csv'`, '--attach', 'x=deals.csv', 'COPY is not answered here'],
      [`explain analyze copy (select 1) to 'deals.csv'`, '--attach', 'x=deals.csv', 'EXPLAIN is not answered here'],
    ];
    for (const [sql = '', flag = '', value = '', text = ''] of failing) {
      const { code, stderr } = await query(sql, flag, value);
      expect([code, stderr]).toEqual([2, expect.stringContaining(text)]);
    }
    expect((await query(`from read_csv('deals.csv')`, '--allow-files')).stdout).toContain('00612345678901234567');
    const copy = await query(`copy (select 1) to 'out.csv'`, '--allow-files');
    expect([copy.code, copy.stderr]).toEqual([2, expect.stringContaining('COPY is not answered here')]);
    expect(await readdir(folder)).not.toContain('out.csv');
  });

  it('has the formulas of the marts for one query', async () => {
    const { stdout } = await query(
      `select round(wilson_lo(12, 100), 4) as lo, round(wilson_hi(12, 100), 4) as hi, round(fisher_lo(0.73, 200), 2) as r, clean('nan'::double) as c`,
      '--macros',
      '--format',
      'jsonl',
    );
    // Wilson (1927) for 12 of 100, and Fisher for r .73 of 200, as analytics.md prints them.
    expect(stdout).toBe('{"lo":0.07,"hi":0.1981,"r":0.66,"c":null}\n');
  });

  it('writes a file whole or not at all, in the form of its name', async () => {
    const done = await query('select call_id from calls order by 1', '-o', 'out/rows.jsonl');
    expect([done.code, done.stderr]).toEqual([7, expect.stringContaining('out/rows.jsonl cannot be written (ENOENT)')]);
    expect(await query('select call_id from calls order by 1', '-o', 'rows.jsonl')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'rows.jsonl: 2 rows\n',
    });
    const before = await readFile(join(folder, 'rows.jsonl'), 'utf8');
    expect(before).toBe('{"call_id":"7782342274025937895"}\n{"call_id":"8"}\n');
    // It fails in its third chunk of 2,048 rows.
    const failed = await query(
      `select (case when range = 5000 then 'x' else '1' end)::int from range(6000)`,
      '-o',
      'rows.jsonl',
    );
    expect(failed.code).toBe(2);
    expect(await readFile(join(folder, 'rows.jsonl'), 'utf8')).toBe(before);
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect((await query('select 1 as a', '-o', '/dev/null')).code).toBe(0);
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
    const itself = await query('select 1', '-o', 'w.duckdb');
    expect([itself.code, itself.stderr]).toEqual([2, expect.stringContaining('w.duckdb holds what is asked')]);
  });

  it('lists what there is, and prints the SQL of a mart', async () => {
    const { stdout } = await query('', '--list', '--format', 'jsonl');
    expect(stdout.split('\n')[0]).toContain('{"name":"calls","kind":"stream"');
    const sql = await runGongElt(['query', '--sql', 'mart_call_scores'], { cwd: folder });
    expect(sql.stdout).toContain('CREATE OR REPLACE VIEW mart_call_scores AS');
    expect(sql.stdout).not.toContain('{{');
    const unknown = await runGongElt(['query', '--sql', 'mart_call_score'], { cwd: folder });
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Did you mean "mart_call_scores"?')]);
  });

  it('gives up when the time is over', async () => {
    const { code, stderr } = await query(
      'select count(*) from range(1000000) a, range(10000000) b',
      '--timeout',
      '0.2',
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('The query took longer than 0.2 s')]);
  });

  it('waits for a file that is written as long as it is told, then names who holds it', async () => {
    const script = `const { DuckDBInstance } = await import('@duckdb/node-api');
      await DuckDBInstance.create(process.argv[1]); console.log('open'); setInterval(() => {}, 1000);`;
    const path = join(folder, 'held.duckdb');
    const holder = endsWithUs(
      spawn(process.execPath, ['--input-type=module', '-e', script, path], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    await once(holder.stdout, 'data');
    const { code, stderr } = await query('select 1', '--from', 'held.duckdb', '--wait', '0');
    expect(stderr).toContain(`held.duckdb is open in another program (PID ${holder.pid})`);
    expect(stderr).toContain('--wait 60');
    expect(code).toBe(8);
    holder.kill();
    await once(holder, 'close');
  });

  it.each(['table', 'csv', 'jsonl', 'arrow'])('keeps none of the rows that it has written as %s', async (format) => {
    // Half a million rows take 150 MB when they stay; the heap has 64.
    const sql = `select range as n, 'call ' || range as title, [range, null] as list from range(500000)`;
    const { code, stderr } = await runNode(
      ['--max-old-space-size=64', gongElt, 'query', sql, '--format', format, '--limit', '500000', '-o', '/dev/null'],
      { cwd: folder },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '/dev/null: 500,000 rows\n' });
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
