// The views that follow from the rows: CRM fields, speakers, quotes, a table a kit, and the dictionary.
import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

test('call_crm_fields has a row a field, with the value in every type that it fits', async () => {
  warehouse = await openWarehouse();
  const object = (timing: string, fields: Record<string, unknown>) => ({
    ...{ system: 'Salesforce', object_type: 'Opportunity', object_id: '006', timing },
    fields,
  });
  const fields = {
    Amount: 85000,
    Ratio: '1.5',
    CloseDate: '2026-06-01',
    At: '2026-06-01T23:00:00Z',
    IsWon: 'True',
    Flag: false,
  };
  await warehouse.insert('calls', [
    callRow({
      id: 'c1',
      columns: {
        crm_objects: [
          object('Now', { ...fields, Empty: null, List: ['a'], Word: 'x' }),
          object('TimeOfCall', { Amount: 1 }),
        ],
      },
    }),
  ]);
  await warehouse.createMarts();
  const rows = await warehouse.rows(
    `SELECT timing || '.' || field AS field, value, value_num AS num, value_date::VARCHAR AS day, value_bool AS flag FROM call_crm_fields`,
  );
  expect(Object.fromEntries(rows.map(({ field, ...rest }) => [field, Object.values(rest)]))).toEqual({
    'Now.Amount': ['85000', 85000, null, null],
    'Now.Ratio': ['1.5', 1.5, null, null],
    'Now.CloseDate': ['2026-06-01', null, '2026-06-01', null],
    'Now.At': ['2026-06-01T23:00:00Z', null, '2026-06-01', null],
    'Now.IsWon': ['True', null, null, true],
    'Now.Flag': ['false', null, null, false],
    'Now.Empty': [null, null, null, null],
    'Now.List': ['["a"]', null, null, null],
    'Now.Word': ['x', null, null, null],
    'TimeOfCall.Amount': ['1', 1, null, null],
  });
});

test('speaker_stats adds up who talked how long', async () => {
  warehouse = await openWarehouse();
  const said = (idx: number, speaker: string | null, start: number | null, end: number | null, turn = idx) => ({
    ...{ idx, turn, speaker_id: speaker, speaker_name: speaker === null ? 'Speaker 1' : `Name ${speaker}` },
    ...{ role: speaker === 's1' ? 'rep' : 'unknown', topic: null, start_ms: start, end_ms: end, text: 'x' },
  });
  await warehouse.insert('transcripts', [
    {
      call_id: 'c1',
      sentences: [
        said(0, 's1', 0, 600),
        said(1, 's1', 700, 900, 0),
        said(2, 's2', 900, 1100),
        said(3, null, 1200, 1100),
      ],
    },
    { call_id: 'c2', sentences: [said(0, 's1', null, null)] },
  ]);
  await warehouse.createMarts();
  expect(
    await warehouse.rows(
      'SELECT call_id, speaker, n_sentences, n_turns, talk_ms, talk_share FROM speaker_stats ORDER BY ALL',
    ),
  ).toEqual([
    { call_id: 'c1', speaker: 'Speaker 1', n_sentences: 1n, n_turns: 1n, talk_ms: 0n, talk_share: 0 },
    { call_id: 'c1', speaker: 's1', n_sentences: 2n, n_turns: 1n, talk_ms: 800n, talk_share: 0.8 },
    { call_id: 'c1', speaker: 's2', n_sentences: 1n, n_turns: 1n, talk_ms: 200n, talk_share: 0.2 },
    { call_id: 'c2', speaker: 's1', n_sentences: 1n, n_turns: 1n, talk_ms: 0n, talk_share: null },
  ]);
});

test('brick_evidence says whether a quote occurs in the text, but for case, punctuation and spaces', async () => {
  warehouse = await openWarehouse();
  await warehouse.insert('transcripts', [
    { call_id: 'c1', text: 'Ann (rep): We support SSO, on ALL plans.\nBob (prospect): Größe 500/min?' },
    { call_id: 'c2', text: null },
  ]);
  const bricks = {
    a: { value: 1, evidence: ['we support sso on all plans', 'SSO is free', '…', 'GRÖSSE 500 min', 'größe 500 min'] },
  };
  await warehouse.insert('semarize_runs', [
    runRow({ call: 'c1', bricks }),
    runRow({ call: 'c2', bricks: { a: { value: 1, evidence: 'words' } } }),
  ]);
  await warehouse.createMarts();
  expect(
    await warehouse.rows('SELECT call_id, quote_no, found_in_transcript AS found FROM brick_evidence ORDER BY ALL'),
  ).toEqual([
    ...[true, false, null, false, true].map((found, index) => ({ call_id: 'c1', quote_no: BigInt(index + 1), found })),
    { call_id: 'c2', quote_no: 1n, found: null },
  ]);
});

describe('wide views', () => {
  test('have a typed column a brick and its confidence, for the analysed version alone', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [callRow({ id: 'c1' }), callRow({ id: 'c2' })]);
    const odd = `it's "odd", a;b`;
    await warehouse.insert('semarize_runs', [
      runRow({
        call: 'c1',
        kit: '6a-d3',
        bricks: { score: 64, flag: true, [odd]: 'x', tags: ['a', 'b'], mixed: 1, Score: 2, call_id: 3 },
      }),
      runRow({ call: 'c2', kit: '6a-d3', bricks: { score: null, mixed: 'word' } }),
      runRow({
        call: 'c2',
        kit: '6a-d3',
        bricks: { old: 1 },
        columns: { run_id: 'other', kit_version_id: 'v0', requested_at: '2026-01-01' },
      }),
      runRow({ call: 'c1', kit: '6a_D3', bricks: { score: 1 } }),
    ]);
    const { views } = await warehouse.createMarts({ kits: [{ code: '6a-d3', label: `Kit's name` }] });
    expect(views).toEqual(expect.arrayContaining(['wide_6a_d3', 'wide_6a_D3_2']));
    const types = await warehouse.rows(
      `SELECT column_name AS name, data_type AS type FROM duckdb_columns() WHERE table_name = 'wide_6a_d3'`,
    );
    expect(Object.fromEntries(types.map(({ name, type }) => [name, type]))).toMatchObject({
      ...{ call_id: 'VARCHAR', flag: 'BOOLEAN', it_s__odd___a_b: 'VARCHAR', tags: 'VARCHAR[]', mixed: 'VARCHAR' },
      ...{ Score: 'DOUBLE', score_2: 'DOUBLE', score_confidence_2: 'DOUBLE', call_id_2: 'DOUBLE' },
    });
    expect(Object.keys(types)).not.toContain('old');
    expect(
      await warehouse.rows(
        'SELECT call_id, opportunity_id, score_2 AS score, flag, tags::VARCHAR AS tags, mixed, score_confidence_2 AS c FROM wide_6a_d3 ORDER BY 1',
      ),
    ).toEqual([
      // "Score" is another brick than "score"; names of columns know no case.
      {
        call_id: 'c1',
        opportunity_id: 'deal-c1',
        score: 64,
        flag: true,
        tags: '[a, b]',
        mixed: '1.0',
        c: 0.9,
      },
      {
        call_id: 'c2',
        opportunity_id: 'deal-c2',
        score: null,
        flag: null,
        tags: null,
        mixed: 'word',
        c: 0.9,
      },
    ]);
  });

  test('go with their kit, and never replace what somebody else has under the name', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [callRow({ id: 'c1' })]);
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'c1', kit: 'A', bricks: { x: 1 } }),
      runRow({ call: 'c1', kit: 'B', bricks: { x: 1 } }),
    ]);
    await warehouse.run('CREATE TABLE wide_A (mine INTEGER)');
    const { views, taken } = await warehouse.createMarts();
    expect(taken).toEqual(['wide_a']);
    expect(views).toContain('wide_B');
    await warehouse.run(`DELETE FROM semarize_runs WHERE kit_code = 'B'`);
    await warehouse.createMarts();
    expect(await warehouse.rows(`SELECT view_name FROM duckdb_views() WHERE view_name LIKE 'wide%'`)).toEqual([]);
    expect(await warehouse.rows('FROM wide_A')).toEqual([]);
  });
});

test('data_dictionary lists every column with its comment, and is the same when attached beside other tables', async () => {
  warehouse = await openWarehouse();
  await warehouse.run('CREATE TABLE somebody_elses (x INTEGER)');
  await warehouse.createMarts();
  const lines = await warehouse.rows('SELECT relation, column_name, comment FROM data_dictionary ORDER BY ALL');
  const columns = await warehouse.rows(
    `SELECT table_name AS relation, column_name, comment FROM duckdb_columns() WHERE NOT internal AND table_name NOT IN ('somebody_elses', 'data_dictionary') ORDER BY ALL`,
  );
  expect(lines).toEqual(columns);
  await warehouse.run(`ATTACH ':memory:' AS other; CREATE TABLE other.calls (x INTEGER)`);
  expect(await warehouse.rows('SELECT relation, column_name, comment FROM data_dictionary ORDER BY ALL')).toEqual(
    lines,
  );
  const silent = lines.filter(({ relation, comment }) => comment === null && !String(relation).startsWith('an_'));
  expect(silent).toEqual([]);
});

describe('semarize_bricks', () => {
  const kindOf = async () =>
    (
      await warehouse.rows(
        `SELECT table_type AS kind FROM information_schema.tables WHERE table_name = 'semarize_bricks'`,
      )
    ).map(({ kind }) => kind);
  const load = async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [callRow({ id: 'c1' })]);
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'c1', bricks: { x: 1, y: { value: 'a', evidence: ['q'] } } }),
    ]);
  };

  test('is a table of the same columns, comments and rows when asked, and a view again later', async () => {
    await load();
    await warehouse.createMarts();
    const described = () =>
      warehouse.rows(
        `SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = 'semarize_bricks' ORDER BY column_index`,
      );
    const rows = () => warehouse.rows('FROM semarize_bricks ORDER BY ALL');
    const [columns, content] = [await described(), await rows()];
    expect(await kindOf()).toEqual(['VIEW']);
    expect((await warehouse.createMarts(undefined, { bricks: 'table' })).tabled).toEqual(['semarize_bricks']);
    expect(await kindOf()).toEqual(['BASE TABLE']);
    expect([await described(), await rows()]).toEqual([columns, content]);
    // Rebuilt from the rows of today.
    await warehouse.insert('semarize_runs', [runRow({ call: 'c2', bricks: { x: 2 } })]);
    await warehouse.createMarts(undefined, { bricks: 'table' });
    expect(await rows()).toHaveLength(3);
    expect((await warehouse.createMarts()).tabled).toEqual([]);
    expect(await kindOf()).toEqual(['VIEW']);
    expect(await rows()).toHaveLength(3);
  });

  test.each([
    [99_999, 'VIEW'],
    [100_000, 'BASE TABLE'],
  ])('of %i answers is a %s by itself', async (answers, kind) => {
    await load();
    await warehouse.run(`DELETE FROM semarize_runs;
      INSERT INTO semarize_runs BY NAME SELECT 'r' || i AS run_id, 'c' || i AS call_id, 'succeeded' AS status, 'K' AS kit_code, '{"a": {"value": 1}}'::JSON AS bricks
      FROM range(${answers}) t(i)`);
    await warehouse.createMarts();
    expect(await kindOf()).toEqual([kind]);
    expect(await warehouse.row('SELECT count(*)::INTEGER AS n FROM bricks_current')).toEqual({ n: answers });
  });
});
