import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { createMarts, leftOutMarts } from '../../src/analytics/marts.ts';
import { parseAnalyticsSettings } from '../../src/analytics/settings.ts';
import { readViewFiles } from '../../src/analytics/view-files.ts';
import { callRowSchema, transcriptRowSchema } from '../../src/gong/row-schemas.ts';
import { runRowSchema } from '../../src/semarize/row-schemas.ts';
import { callRow, runRow } from './deals-fixture.ts';
import { seeded } from './statistics.ts';
import type { Nested, StreamName, Warehouse } from './warehouse.ts';
import { leftOut, openWarehouse, streamColumns, temporaryFolder } from './warehouse.ts';

const open: Warehouse[] = [];
async function openOne(options?: Parameters<typeof openWarehouse>[0]): Promise<Warehouse> {
  const warehouse = await openWarehouse(options);
  open.push(warehouse);
  return warehouse;
}
afterEach(() => {
  for (const warehouse of open.splice(0)) warehouse.close();
});

/** All views that can be made: those over the streams, then one a file. */
const views = [
  ...['stream_calls', 'stream_transcripts', 'stream_runs'],
  ...(await readViewFiles()).map(({ view }) => view),
].filter((view) => !leftOut.some((out) => out.view === view));
/** Follow from the rows. */
const generated = ['wide_A', 'wide_B', 'data_dictionary'];
const ofCalls = [
  'call_crm_fields',
  'stream_calls',
  'as_of',
  'call_participants',
  'conversations',
  'deals',
  'deal_calls',
];
const ofRuns = ['stream_runs', 'semarize_bricks', 'kit_versions', 'run_eligibility', 'bricks_current', 'brick_points'];
/** Hold something of what `fill` brings. */
const filled = [
  ...generated,
  'call_crm_fields',
  'speaker_stats',
  'brick_evidence',
  ...ofCalls,
  ...ofRuns,
  'stream_transcripts',
  'transcript_sentences',
  'brick_features',
  'deal_features',
];

const party = (id: string, role: string) => ({
  party_id: `p${id}`,
  speaker_id: id,
  name: `Name ${id}`,
  email: null,
  role,
  methods: ['Invitee'],
  crm_ids: [{ system: 'Salesforce', object_type: 'Contact', object_id: `x${id}` }],
});
const sentence = (idx: number) => ({
  idx,
  turn: idx,
  speaker_id: '1',
  speaker_name: 'N',
  role: 'rep',
  topic: null,
  start_ms: idx * 10,
  end_ms: idx * 10 + 9,
  text: `sentence ${idx}`,
});

/** 60 deals with 3 calls each, two kits, some of everything that is left out. `parts` are added to nested elements. */
async function fill(warehouse: Warehouse, parts: { extra?: boolean; backwards?: boolean } = {}): Promise<void> {
  const random = seeded(11);
  const extra = parts.extra ? { unknown_key: 'ignored' } : {};
  const inOrder = <Row>(rows: Row[]) => (parts.backwards ? rows.toReversed() : rows);
  const calls = Array.from({ length: 180 }, (_, i) =>
    callRow({
      id: `c${i}`,
      deal: i % 20 === 0 ? null : `d${i % 60}`,
      won: i % 60 > 55 ? null : (i % 60) % 2 === 0,
      daysToClose: (i % 45) - 2,
      closesLater: i % 60,
      columns: {
        is_private: i % 31 === 0,
        gone_at: i % 37 === 0 ? '2026-05-01T00:00:00Z' : null,
        parties: [party('1', 'rep'), { ...party('2', 'prospect'), ...extra }],
        crm_objects: [
          {
            system: 'Salesforce',
            object_type: 'Opportunity',
            object_id: '1',
            timing: 'Now',
            fields: { Amount: i, Won: true },
          },
        ],
        owner_email: 'rep@example.com',
        system: 'Zoom',
      },
    }),
  );
  await warehouse.insert('calls', inOrder(calls));
  await warehouse.insert(
    'transcripts',
    inOrder(
      calls.map(({ call_id, started_at }) => ({
        call_id,
        started_at,
        sentences: [sentence(0), { ...sentence(1), ...extra }],
      })),
    ),
  );
  const runs = calls.flatMap(({ call_id: call, is_won_now: won }, i) =>
    ['A', 'B'].map((kit) =>
      runRow({
        call,
        kit,
        bricks: {
          overall_score: Math.round(60 * random() + (won ? 20 : 0)),
          risk_flag: { value: random() < 0.4, confidence: 0.9, evidence: ['Sentence 1!'] },
          competitors: random() < 0.5 ? ['acme', 'beta', 'acme'] : ['acme'],
          level: ['high', 'medium', 'low'][Math.floor(3 * random())],
          pain_point: i % 9 === 0 ? null : `words ${i}`,
        },
        columns: { is_sandbox: i % 29 === 0, origin: i % 23 === 0 ? 'collected' : 'connector' },
      }),
    ),
  );
  const rerun = runs
    .slice(40, 50)
    .map((run) => ({ ...run, run_id: `${run.run_id}-again`, requested_at: '2026-06-05T00:00:00Z' }));
  await warehouse.insert('semarize_runs', inOrder([...runs, ...rerun]));
}

const settings = {
  kits: [{ code: 'A', win_threshold: 55 }],
  people: [{ email: 'rep@example.com', team: 'EMEA' }],
  sources: [{ system: 'Zoom', label: 'Zoom' }],
};

/** Every row of every view as text, numbers to 10 digits (parallel sums differ in the last bits), times as instants. */
async function contents(warehouse: Warehouse, prefix = ''): Promise<Record<string, string[]>> {
  const print = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value);
    return typeof value === 'number' ? Number(value.toPrecision(10)) : value;
  };
  const found: Record<string, string[]> = {};
  for (const view of [...views, ...generated]) {
    const rows = await warehouse.rows(`FROM ${prefix}${view}`);
    found[view] = rows.map((row) => JSON.stringify(row, print)).toSorted();
  }
  return found;
}

describe('createMarts', () => {
  test('makes every view, and again the same ones over the same rows', async () => {
    const warehouse = await openOne();
    await fill(warehouse);
    const all = { views: [...views, ...generated], tabled: [], skipped: leftOut, taken: [] };
    expect(await warehouse.createMarts(settings)).toEqual(all);
    const first = await contents(warehouse);
    for (const view of filled) expect(first[view]?.length, view).toBeGreaterThan(0);
    expect(await warehouse.createMarts(settings)).toEqual(all);
    expect(await contents(warehouse)).toEqual(first);
  });

  test('says on every view, table and view column what it is', async () => {
    const warehouse = await openOne();
    await warehouse.createMarts();
    const silent = await warehouse.rows(`
      SELECT view_name AS name FROM duckdb_views() WHERE NOT internal AND coalesce(comment, '') NOT LIKE '% one row%. Made by gong-elt.'
      UNION ALL SELECT table_name FROM duckdb_tables() WHERE table_name SIMILAR TO '(cfg|an)_.*' AND comment IS NULL
      UNION ALL SELECT c.table_name || '.' || column_name FROM duckdb_columns() c
        WHERE NOT internal AND c.table_name NOT LIKE 'an_%' AND coalesce(comment, '') = ''`);
    expect(silent).toEqual([]);
  });

  test.each<[StreamName[], string[]]>([
    [['calls'], ofCalls],
    [
      ['calls', 'transcripts'],
      [...ofCalls, 'stream_transcripts', 'transcript_sentences', 'speaker_stats'],
    ],
    [['semarize_runs'], ofRuns],
    [[], []],
  ])('over %j makes the views that can be made and names the others', async (streams, wanted) => {
    const warehouse = await openOne({ streams });
    const { views: made, skipped } = await warehouse.createMarts(settings);
    expect(made).toEqual(expect.arrayContaining(wanted));
    const named = [...made, ...skipped.map(({ view }) => view)];
    expect(named.filter((view) => !generated.includes(view)).toSorted()).toEqual(
      [...views, ...leftOut.map(({ view }) => view)].toSorted(),
    );
    // Those of other streams are not made.
    for (const view of filled.filter((name) => ![...wanted, 'data_dictionary'].includes(name)))
      expect(made).not.toContain(view);
    for (const view of made) await warehouse.rows(`FROM ${view}`);
    const missing = skipped.find(({ view }) => view === 'mart_framework_ab')?.missing;
    expect(missing?.toSorted()).toEqual(
      ['calls', 'semarize_runs'].filter((stream) => !streams.includes(stream as StreamName)),
    );
    // Nothing takes the name that the loader will want.
    const streamNames = Object.keys(streamColumns)
      .map((name) => `'${name}'`)
      .join(', ');
    const taken = await warehouse.rows(
      `SELECT DISTINCT table_name FROM duckdb_columns() WHERE table_name IN (${streamNames})`,
    );
    expect(taken).toHaveLength(streams.length);
  });

  test('completes the views when a stream arrives, and drops them when it goes', async () => {
    const path = join(temporaryFolder(), 'w.duckdb');
    const first = await openOne({ path, streams: ['calls', 'transcripts'] });
    expect((await first.createMarts()).views).not.toContain('semarize_bricks');
    const types = Object.entries(streamColumns.semarize_runs).map(([name, type]) => `${name} ${type}`);
    await first.run(`CREATE TABLE semarize_runs (${types.join(', ')})`);
    expect((await first.createMarts()).skipped).toEqual(leftOut);
    await first.run('DROP TABLE semarize_runs');
    open.splice(0);
    first.close();

    const second = await openOne({ path, streams: [] });
    const { skipped } = await second.createMarts();
    expect(skipped).toContainEqual({ view: 'semarize_bricks', missing: ['semarize_runs'] });
    const left = await second.rows('SELECT view_name FROM duckdb_views() WHERE NOT internal');
    const names = left.map(({ view_name: name }) => name);
    expect(names).toContain('deals');
    for (const view of skipped) expect(names).not.toContain(view.view);
  });

  test('keeps results of the analysis and takes over changed settings', async () => {
    const warehouse = await openOne();
    await warehouse.createMarts({ kits: [{ code: 'OLD' }] });
    await warehouse.run(
      `INSERT INTO an_framework_ab BY NAME SELECT 'A' AS kit_code_a, 'B' AS kit_code_b, 0.5 AS p_value`,
    );
    await warehouse.createMarts({ kits: [{ code: 'NEW' }] });
    expect(await warehouse.row('SELECT p_value FROM an_framework_ab')).toEqual({ p_value: 0.5 });
    expect(await warehouse.row('SELECT kit_code FROM cfg_kits')).toEqual({ kit_code: 'NEW' });
  });

  test('L14 replaces nothing of the user: a view whose name is taken is left out with those that read it, the others are made', async () => {
    const warehouse = await openOne();
    await warehouse.run('CREATE TABLE Deals (id INTEGER)');
    const created = await warehouse.createMarts();
    expect(created.taken).toEqual(['deals']);
    expect(created.views).toContain('semarize_bricks');
    expect(created.views).not.toContain('deals');
    expect(created.skipped).toContainEqual({ view: 'mart_win_correlation', missing: ['deals'] });
    expect(leftOutMarts(created)).toMatchObject({
      area: 'destination',
      message: expect.stringMatching(/not ours: deals; these are left out: .*deals.*mart_win_correlation/),
      hint: expect.stringContaining('rename'),
    });
    expect(await warehouse.rows('FROM Deals')).toEqual([]);
    await warehouse.run('DROP TABLE Deals');
    const again = await warehouse.createMarts();
    expect([again.taken, again.skipped, leftOutMarts(again)]).toEqual([[], leftOut, undefined]);
  });

  test('changes nothing where a table of ours has a name that is taken', async () => {
    const warehouse = await openOne();
    await warehouse.run('CREATE TABLE cfg_people (email VARCHAR)');
    await expect(warehouse.createMarts()).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('not ours: cfg_people; no mart can be made'),
    });
    expect(await warehouse.rows(`SELECT * FROM duckdb_views() WHERE view_name = 'mart_call_scores'`)).toEqual([]);
  });

  test('A3 reads a missing column as NULL and leaves out, by name, only what cannot do without it', async () => {
    const warehouse = await openOne();
    await fill(warehouse);
    for (const column of [
      'owner_email',
      'parties',
      'closed_seen_at',
      'context_read_at',
      'raw',
      'gone_at',
      'is_private',
    ])
      await warehouse.run(`ALTER TABLE calls DROP COLUMN ${column}`);
    for (const column of ['origin', 'raw', 'is_sandbox', 'kit_version_id', 'requested_at'])
      await warehouse.run(`ALTER TABLE semarize_runs DROP COLUMN ${column}`);
    expect((await warehouse.createMarts(settings)).skipped).toEqual(leftOut);
    expect(await warehouse.row(`SELECT count(*) > 100 AS some FROM deal_calls WHERE is_eligible`)).toEqual({
      some: true,
    });
    expect(await warehouse.row(`SELECT count(*) > 500 AS some FROM bricks_current`)).toEqual({ some: true });

    await warehouse.run('ALTER TABLE calls DROP COLUMN opportunity_id');
    const { skipped, views: made } = await warehouse.createMarts(settings);
    expect(skipped).toContainEqual({ view: 'deals', missing: ['calls.opportunity_id'] });
    expect(made).toEqual(expect.arrayContaining(['conversations', 'call_participants', 'brick_features']));
    expect(made).not.toContain('deal_calls');
  });

  test('changes nothing where the work fails in the middle, and the connection can go on', async () => {
    const warehouse = await openOne();
    await warehouse.createMarts({ kits: [{ code: 'OLD' }] });
    const settingsOfNew = parseAnalyticsSettings({ kits: [{ code: 'NEW' }] });
    const kit = { code: null as unknown as string };
    await expect(createMarts(warehouse, { ...settingsOfNew, kits: [kit] })).rejects.toThrow(/NOT NULL/);
    expect(await warehouse.row('SELECT kit_code FROM cfg_kits')).toEqual({ kit_code: 'OLD' });
    await warehouse.run('BEGIN; COMMIT');
  });
});

describe('every view', () => {
  test('has one row a key, with no NULL in it, and counts that add up', async () => {
    const warehouse = await openOne();
    await fill(warehouse);
    await warehouse.createMarts(settings);
    // Comments say which columns are the key of a view, and which of them may be NULL.
    for (const view of [...views, ...generated].filter((name) => name !== 'as_of')) {
      const columns = await warehouse.rows(
        `SELECT column_name AS name, comment LIKE '%NULL%' OR column_name IN ('level', 'kit_version_id') AS may_be_null FROM duckdb_columns() WHERE table_name = '${view}' AND regexp_matches(comment, '^Key[.,]')`,
      );
      expect(columns.length, view).toBeGreaterThan(0);
      const key = columns.map(({ name }) => `"${name}"`).join(', ');
      expect(
        await warehouse.rows(`SELECT ${key}, count(*) FROM ${view} GROUP BY ${key} HAVING count(*) > 1`),
        view,
      ).toEqual([]);
      const missing = columns.filter((column) => !column['may_be_null']).map(({ name }) => `"${name}" IS NULL`);
      if (missing.length > 0)
        expect(await warehouse.rows(`FROM ${view} WHERE ${missing.join(' OR ')}`), view).toEqual([]);
    }
    for (const mart of ['mart_win_correlation', 'mart_framework_ab'])
      expect(await warehouse.rows(`FROM ${mart} WHERE n_won + n_lost <> n_deals`), mart).toEqual([]);
    expect(
      await warehouse.rows(
        `FROM mart_win_correlation WHERE n_true_won + n_false_won <> n_won OR n_true_lost + n_false_lost <> n_lost`,
      ),
    ).toEqual([]);
    const run = await warehouse.row(`SELECT
      (SELECT count(*) FROM semarize_runs) = count(*) AS every_run,
      count_if(is_eligible) + count_if(exclusion_reason IS NOT NULL) = count(*) AS one_reason,
      count_if(exclusion_reason = 'superseded') AS superseded FROM run_eligibility`);
    // Ten were run again; of these the two of one call were made elsewhere.
    expect(run).toEqual({ every_run: true, one_reason: true, superseded: 8n });
    const calls = await warehouse.row(
      `SELECT count(*) = (SELECT count(*) FROM calls WHERE gone_at IS NULL AND opportunity_id IS NOT NULL) AS every_call FROM deal_calls`,
    );
    expect(calls).toEqual({ every_call: true });
    const ab = await warehouse.row('SELECT n_deals, verdict FROM mart_framework_ab');
    expect(ab['verdict']).toBe('indicative');
  });

  test('is the same whatever the TimeZone of the reader', async () => {
    const warehouse = await openOne();
    await fill(warehouse);
    const found = [];
    for (const zone of ['UTC', 'America/Los_Angeles', 'Pacific/Auckland']) {
      await warehouse.run(`SET TimeZone = '${zone}'`);
      await warehouse.createMarts({ ...settings, settings: { as_of: '2026-07-01T01:00:00+02:00' } });
      found.push(await contents(warehouse));
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });

  test('is the same after a replay: the same rows in another order, and marts made again', async () => {
    const warehouse = await openOne();
    await fill(warehouse);
    await warehouse.createMarts(settings);
    const before = await contents(warehouse);
    for (const stream of Object.keys(streamColumns)) await warehouse.run(`TRUNCATE ${stream}`);
    await fill(warehouse, { backwards: true });
    await warehouse.createMarts(settings);
    expect(await contents(warehouse)).toEqual(before);
  });

  test.each(['main', 'gong'])('works when the file is attached under another name, in schema %s', async (schema) => {
    const folder = temporaryFolder();
    const path = join(folder, 'w.duckdb');
    const warehouse = await openOne({ path, ...(schema === 'main' ? {} : { schema }) });
    await fill(warehouse);
    await warehouse.createMarts(settings);
    const expected = await contents(warehouse);
    open.splice(0);
    warehouse.close();

    const reader = await openOne({ streams: ['calls', 'semarize_runs'] });
    await reader.run(`ATTACH '${path}' AS elsewhere (READ_ONLY)`);
    // The reader's own tables of the same names are empty, and must not be read.
    expect(await contents(reader, `elsewhere.${schema}.`)).toEqual(expected);
  });

  test('is the same over views, as a lake has them', async () => {
    const tables = await openOne();
    await fill(tables);
    await tables.createMarts(settings);
    const folder = temporaryFolder();
    const lake = await openOne({ streams: [] });
    for (const stream of Object.keys(streamColumns)) {
      await tables.run(`COPY ${stream} TO '${folder}/${stream}.parquet'`);
      await lake.run(`CREATE VIEW ${stream} AS FROM read_parquet('${folder}/${stream}.parquet')`);
    }
    await lake.createMarts(settings);
    // There the streams are views.
    const { data_dictionary: _, ...found } = await contents(lake);
    const { data_dictionary: __, ...expected } = await contents(tables);
    expect(found).toEqual(expected);
  });
});

describe('nested columns', () => {
  const nestedViews = ['call_participants', 'transcript_sentences', 'semarize_bricks', 'mart_win_correlation'] as const;

  test('read the same from STRUCT, JSON and VARCHAR, also where an element has a key we do not know', async () => {
    const found = [];
    for (const nested of ['struct', 'json', 'varchar'] satisfies Nested[]) {
      const warehouse = await openOne({ nested });
      await fill(warehouse, { extra: nested !== 'struct' });
      await warehouse.createMarts(settings);
      const all = await contents(warehouse);
      found.push(Object.fromEntries(nestedViews.map((view) => [view, all[view]])));
      expect(
        await warehouse.row(
          `SELECT party_id, methods, crm_ids FROM call_participants WHERE call_id = 'c1' AND party_no = 2`,
        ),
      ).toEqual({
        party_id: 'p2',
        methods: ['Invitee'],
        crm_ids: [{ system: 'Salesforce', object_type: 'Contact', object_id: 'x2' }],
      });
      expect(await warehouse.row(`SELECT text FROM transcript_sentences WHERE call_id = 'c1' AND idx = 1`)).toEqual({
        text: 'sentence 1',
      });
    }
    expect(found[1]).toEqual(found[0]);
    expect(found[2]).toEqual(found[0]);
  });

  test('that are NULL, empty or no JSON at all make no rows and no error', async () => {
    const warehouse = await openOne({ nested: 'varchar' });
    await warehouse.insert('calls', [callRow({ id: 'c1' }), callRow({ id: 'c2', columns: { parties: null } })]);
    await warehouse.insert('transcripts', [{ call_id: 'c1', sentences: null }]);
    await warehouse.insert('semarize_runs', [runRow({ call: 'c1', bricks: { x: 1 } })]);
    await warehouse.run(`INSERT INTO calls BY NAME SELECT 'c3' AS call_id, 'not json' AS parties;
      INSERT INTO semarize_runs BY NAME SELECT 'r2' AS run_id, 'c3' AS call_id, 'succeeded' AS status, 'KIT' AS kit_code, 'not json' AS bricks`);
    await warehouse.createMarts();
    expect(await warehouse.rows('FROM call_participants')).toEqual([]);
    expect(await warehouse.rows('FROM transcript_sentences')).toEqual([]);
    expect(await warehouse.rows('FROM semarize_bricks')).toHaveLength(1);
  });
});

describe('what this test relies on', () => {
  test('the columns of the fixture are those of the streams', () => {
    const namesOf = (schema: z.ZodObject) => Object.keys(schema.shape).toSorted();
    const fixture = (stream: StreamName) => Object.keys(streamColumns[stream]).toSorted();
    expect(fixture('calls')).toEqual(namesOf(callRowSchema));
    expect(fixture('transcripts')).toEqual(namesOf(transcriptRowSchema));
    expect(fixture('semarize_runs')).toEqual(namesOf(runRowSchema));
  });

  test('views hold no functions of ours and read no clock', async () => {
    const folder = new URL('../../src/analytics/marts/', import.meta.url);
    for (const file of readdirSync(folder)) {
      const sql = readFileSync(new URL(file, folder), 'utf8');
      expect(sql, file).not.toMatch(
        /\b(now\(|current_date|current_timestamp|today\(|random\(|hash\(|wilson_lo\(|fisher_lo\()/i,
      );
    }
    const warehouse = await openOne();
    await warehouse.createMarts();
    expect(await warehouse.rows('SELECT function_name FROM duckdb_functions() WHERE NOT internal')).toEqual([]);
  });
});
