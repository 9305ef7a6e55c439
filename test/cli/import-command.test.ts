// gong-elt import and gong-elt marts, as processes, on files that other hands filled.
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { callRow, runRow } from '../analytics/deals-fixture.ts';
import { openWarehouse, temporaryFolder } from '../analytics/warehouse.ts';
import { runGongElt } from '../support/run-node.ts';

const run = (folder: string, ...args: string[]) => runGongElt(args, { cwd: folder });

/** A folder with w.duckdb, which holds three calls of three deals. */
async function folderWithCalls(schema?: string): Promise<string> {
  const folder = temporaryFolder();
  const warehouse = await openWarehouse({
    path: join(folder, 'w.duckdb'),
    ...(schema === undefined ? {} : { schema }),
  });
  await warehouse.insert(
    'calls',
    ['1', '2', '3'].map((id) => callRow({ id: `c${id}`, deal: `d${id}`, won: null })),
  );
  await warehouse.insert('semarize_runs', [
    runRow({ call: 'c1', kit: 'A-1', bricks: { overall_score: 7, budget: true } }),
  ]);
  warehouse.close();
  return folder;
}

async function ask(folder: string, sql: string) {
  const instance = await DuckDBInstance.create(join(folder, 'w.duckdb'), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe('gong-elt import outcomes', () => {
  test('takes what it can, names the rest by line, and changes nothing the second time', async () => {
    const folder = await folderWithCalls();
    const file = join(folder, 'deals.csv');
    const lines = [
      '\uFEFFId;Is Won;Closed At;Owner',
      'd1;true;2026-05-20;x',
      'd2;false;2026-05-21;x',
      ';true;2026-05-01;x',
      'd3;maybe;2026-05-01;x',
      'd3;true;31.12.2026;canary',
      'd3;true',
    ];
    await writeFile(file, lines.join('\r\n'));
    await utimes(file, new Date('2026-06-10T00:00:00Z'), new Date('2026-06-10T00:00:00Z'));
    const args = ['import', 'outcomes', 'deals.csv', '--map', 'opportunity_id=Id', '--in', 'w.duckdb'];
    const first = await run(folder, ...args);
    expect(first.code).toBe(1);
    expect(first.stderr).toContain('read 6 · new 2 · changed 0 · unchanged 0 · refused 4 · as of 2026-06-10');
    for (const text of [
      'line 4: opportunity_id is empty',
      'line 5: is_won is neither',
      'line 6: closed_at is no date',
      'line 7: has 2 fields, the header has 4',
      'nobody reads: Owner',
    ])
      expect(first.stderr).toContain(text);
    expect(first.stderr).not.toContain('canary');
    const deals = `SELECT opportunity_id AS id, is_won, outcome_source AS source, outcome_as_of::DATE AS day FROM deals ORDER BY 1`;
    expect(await ask(folder, deals)).toEqual([
      { id: 'd1', is_won: true, source: 'import', day: '2026-06-10' },
      { id: 'd2', is_won: false, source: 'import', day: '2026-06-10' },
      { id: 'd3', is_won: null, source: 'crm_flags', day: '2026-12-01' },
    ]);
    expect((await run(folder, ...args)).stderr).toContain('new 0 · changed 0 · unchanged 2');

    // A file of an older day does not take back what a newer one said.
    await writeFile(
      file,
      'opportunity_id,is_won,closed_at,outcome_as_of\nd1,false,2026-05-20,2026-06-09\nd2,true,2026-05-21,2026-06-11\nd2,true,2026-05-22,2026-06-12\n',
    );
    const third = await run(folder, 'import', 'outcomes', 'deals.csv', '--in', 'w.duckdb', '--json');
    expect(third.code).toBe(0);
    expect(JSON.parse(third.stdout)).toMatchObject({
      read: 3,
      added: 0,
      changed: 1,
      older: 1,
      repeated: 1,
      refused: 0,
    });
    expect(await ask(folder, 'SELECT opportunity_id AS id, is_won FROM ext_outcomes ORDER BY 1')).toEqual([
      { id: 'd1', is_won: true },
      { id: 'd2', is_won: true },
    ]);
  });

  test('reads Parquet and a query over the same file alike', async () => {
    const folder = await folderWithCalls();
    const instance = await DuckDBInstance.create(join(folder, 'w.duckdb'));
    const connection = await instance.connect();
    await connection.run(
      `CREATE TABLE crm AS SELECT 'd' || i AS opportunity_id, i = 1 AS is_won, TIMESTAMP '2026-05-20 10:00:00' AS closed_at, 5.5::DECIMAL(9,2) AS amount FROM range(1, 4) t(i)`,
    );
    await connection.run(`COPY crm TO '${folder}/deals.parquet'`);
    connection.closeSync();
    instance.closeSync();
    expect((await run(folder, 'import', 'outcomes', 'deals.parquet', '--in', 'w.duckdb')).stderr).toContain('new 3');
    const second = await run(folder, 'import', 'outcomes', '--sql', 'FROM crm', '--in', 'w.duckdb');
    expect(second.stderr).toContain('new 0 · changed 0 · unchanged 3');
    expect(
      await ask(folder, `SELECT is_won, amount, epoch_ms(closed_at) AS ms FROM deals WHERE opportunity_id = 'd1'`),
    ).toEqual([{ is_won: true, amount: 5.5, ms: String(Date.UTC(2026, 4, 20, 10)) }]);
  });

  test.each([
    ['a file that is not there', ['none.csv'], 'There is no file none.csv'],
    ['neither file nor query', [], 'Name either a file or --sql'],
    ['a query that is wrong', ['--sql', 'select nothing from nowhere'], 'the query cannot be read'],
  ])('refuses %s, with 2', async (_, args, text) => {
    const folder = await folderWithCalls();
    const { code, stderr } = await run(folder, 'import', 'outcomes', ...args, '--in', 'w.duckdb');
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });

  test('of the settings is imported when the marts are made, from beside analytics.yaml', async () => {
    const folder = await folderWithCalls();
    await mkdir(join(folder, 'settings'));
    await writeFile(join(folder, 'settings', 'deals.csv'), 'Id,is_won,closed_at\nd1,true,2026-05-20\n');
    await writeFile(
      join(folder, 'settings', 'analytics.yaml'),
      'outcomes: {file: deals.csv, map: {opportunity_id: Id}}\nkits: [{code: A-1, label: Ours}]\n',
    );
    await writeFile(join(folder, 'gong-elt.yaml'), 'analytics: settings/analytics.yaml\n');
    const { code, stderr } = await run(folder, 'marts', '--in', 'w.duckdb');
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('outcomes      read 1 · new 1'),
    });
    expect(await ask(folder, `SELECT outcome_source AS s FROM deals WHERE is_won`)).toEqual([{ s: 'import' }]);
    // Somebody without these settings changes none of them.
    const other = temporaryFolder();
    expect((await run(other, 'marts', '--in', join(folder, 'w.duckdb'))).code).toBe(0);
    expect(await ask(folder, 'SELECT label FROM cfg_kits')).toEqual([{ label: 'Ours' }]);
  });
});

describe('gong-elt import conversations and runs', () => {
  test('bring what can be read, name what cannot, and stand in conversations and bricks', async () => {
    const folder = await folderWithCalls();
    const zoom = join(folder, 'zoom');
    await mkdir(zoom);
    await writeFile(
      join(zoom, 'calls.csv'),
      'id,source,started_at,opportunity_id,owner_name,file\n1,Zoom,2026-05-10 10:00,d1,Ann,\n2,Zoom,2026-05-11,d2,,bad.vtt\n3,Zoom,soon,d2,,\n4,Zoom,2026-05-12,,,../w.duckdb\n',
    );
    await writeFile(join(zoom, '1.vtt'), 'WEBVTT\n\n00:01.000 --> 00:03.000\n<v Ann>We support SSO</v>\n');
    await writeFile(join(zoom, 'bad.vtt'), 'no vtt');
    await writeFile(join(zoom, 'extra.vtt'), 'WEBVTT\n');
    const { code, stderr } = await run(folder, 'import', 'conversations', 'zoom', '--in', 'w.duckdb');
    expect(code).toBe(1);
    for (const text of [
      'read 4 · new 1 ',
      'bad.vtt: does not begin with WEBVTT',
      'calls.csv line 4: started_at is no date',
      'calls.csv line 5: file lies in another folder',
      'left out: extra.vtt',
    ])
      expect(stderr).toContain(text);
    const evaluated = {
      run_id: 'x1',
      status: 'succeeded',
      call_id: 'Zoom:1',
      kit_version_id: 'v1',
      output: { kit_code: 'A-1', bricks: { budget: { value: true, evidence: ['support sso'] } } },
    };
    await writeFile(
      join(folder, 'runs.json'),
      JSON.stringify({
        runs: [
          { ...evaluated, input: { transcript: 'canary words' } },
          { run_id: 'x2', status: 'running' },
        ],
      }),
    );
    const runs = await run(folder, 'import', 'runs', 'runs.json', '--in', 'w.duckdb');
    expect(runs.code).toBe(1);
    expect(runs.stderr).toMatch(/read 2 · new 1 .*refused 1[\s\S]*line 2: has not ended/);
    await writeFile(join(folder, 'runs.jsonl'), `${JSON.stringify(evaluated)}\n`);
    const again = await run(folder, 'import', 'runs', 'runs.jsonl', '--in', 'w.duckdb');
    expect({ code: again.code, stderr: again.stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('read 1 · new 0'),
    });
    expect(
      await ask(
        folder,
        `SELECT call_id, text, n_turns::INTEGER AS turns, duration_s::INTEGER AS s FROM ext_conversations`,
      ),
    ).toEqual([{ call_id: 'Zoom:1', text: 'Ann (rep): We support SSO', turns: 1, s: 3 }]);
    expect(
      await ask(folder, `SELECT run_id, found_in_transcript AS found FROM brick_evidence WHERE run_id = 'x1'`),
    ).toEqual([{ run_id: 'x1', found: true }]);
    expect(await ask(folder, `SELECT exclusion_reason AS reason FROM run_eligibility WHERE run_id = 'x1'`)).toEqual([
      { reason: 'collected' },
    ]);
    expect(await ask(folder, `SELECT count(*)::INTEGER AS n FROM ext_runs WHERE raw::VARCHAR LIKE '%canary%'`)).toEqual(
      [{ n: 0 }],
    );
  });
});

describe('gong-elt marts', () => {
  test('makes them beside streams in another schema, names what is left out, and writes a template once', async () => {
    const folder = await folderWithCalls('gong');
    const { code, stderr, stdout } = await run(
      folder,
      'marts',
      '--in',
      'w.duckdb',
      '--init',
      '--materialize',
      '--json',
    );
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('schema gong, semarize_bricks as a table'),
    });
    expect(stderr).toContain('left out for want of');
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'gong',
      tabled: ['semarize_bricks'],
      settings_file: 'analytics.yaml',
    });
    expect(await ask(folder, 'SELECT brick_key FROM gong.bricks_current ORDER BY 1')).toEqual([
      { brick_key: 'budget' },
      { brick_key: 'overall_score' },
    ]);
    await writeFile(join(folder, 'gong-elt.yaml'), 'analytics: analytics.yaml\n');
    const again = await run(folder, 'marts', '--in', 'w.duckdb', '--init');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('analytics.yaml is there already');
  });

  test.each([
    ['a file that is not there', 'none.duckdb', 'none.duckdb is not there'],
    ['a file without streams', 'empty.duckdb', 'no table calls, transcripts or semarize_runs'],
  ])('refuses %s, with 2, and changes nothing', async (_, name, text) => {
    const folder = temporaryFolder();
    const warehouse = await openWarehouse({ path: join(folder, 'empty.duckdb'), streams: [] });
    warehouse.close();
    const { code, stderr } = await run(folder, 'marts', '--in', name);
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });
});
