// Rules for input that nobody promised: analytics.md §5.9.
import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const withBricks = async (...documents: string[]) => {
  warehouse = await openWarehouse({ nested: 'varchar' });
  await warehouse.insert(
    'semarize_runs',
    documents.map((_, index) => runRow({ call: `c${index}`, bricks: {} })),
  );
  for (const [index, document] of documents.entries())
    await warehouse.run('UPDATE semarize_runs SET bricks = $1 WHERE call_id = $2', [document, `c${index}`]);
  await warehouse.createMarts();
};

describe('semarize_bricks', () => {
  test('holds the bricks of an object only, whatever else stands in its place', async () => {
    await withBricks('[{"value": 1}]', '"text"', '3', 'null', 'no json', '{"real": {"value": 1}}');
    expect(await warehouse.rows('SELECT brick_key FROM semarize_bricks')).toEqual([{ brick_key: 'real' }]);
  });

  test('keeps the last of two answers to one brick', async () => {
    await withBricks('{"x": {"value": 1}, "y": {"value": "a"}, "x": {"value": 2}, "x": {"value": 3}}');
    expect(await warehouse.rows('SELECT brick_key, value_num, value_text FROM semarize_bricks ORDER BY ALL')).toEqual([
      { brick_key: 'x', value_num: 3, value_text: null },
      { brick_key: 'y', value_num: null, value_text: 'a' },
    ]);
  });

  test('has no confidence outside 0 to 1, and none that is no number', async () => {
    const given = ['0', '1', '0.5', '-0.01', '1.01', '1e400', '"0.5"', 'true', 'null', '[0.5]'];
    const text = given.map((confidence, i) => `"b${i}": {"value": 1, "confidence": ${confidence}}`);
    await withBricks(`{${text.join(', ')}}`);
    const rows = await warehouse.rows('SELECT brick_key, confidence FROM semarize_bricks');
    const found = Object.fromEntries(rows.map((row) => [row['brick_key'], row['confidence']]));
    expect(found).toEqual({
      b0: 0,
      b1: 1,
      b2: 0.5,
      b3: null,
      b4: null,
      b5: null,
      b6: null,
      b7: null,
      b8: null,
      b9: null,
    });
  });
});

test('the newest run is the one with the newest requested_at, then the highest run_id', async () => {
  warehouse = await openWarehouse();
  const run = (call: string, id: string, requested: string | null, finished: string) =>
    runRow({ call, bricks: { x: 1 }, columns: { run_id: id, requested_at: requested, finished_at: finished } });
  const [early, late] = ['2026-06-02T00:00:00Z', '2026-06-03T00:00:00Z'];
  await warehouse.insert('semarize_runs', [
    run('c1', 'r1', late, early),
    run('c1', 'r2', early, late),
    run('c2', 'r4', early, early),
    run('c2', 'r3', early, late),
    run('c3', 'r9', null, late),
    run('c3', 'r5', early, early),
  ]);
  await warehouse.createMarts();
  expect(await warehouse.rows('SELECT run_id FROM bricks_current ORDER BY run_id')).toEqual([
    { run_id: 'r1' },
    { run_id: 'r4' },
    { run_id: 'r5' },
  ]);
});

describe('two bricks of role score in one kit', () => {
  const bricks = [{ brick_key: 'deal_temperature', role: 'score' }];
  const load = async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'c1', kit: 'K', bricks: { overall_score: 10, deal_temperature: 90 } }),
      runRow({ call: 'c2', kit: 'K', bricks: { deal_temperature: 80 } }),
      runRow({ call: 'c1', kit: 'L', bricks: { deal_temperature: 70 } }),
    ]);
  };

  test('are an error that names both', async () => {
    await load();
    await expect(warehouse.createMarts({ bricks })).rejects.toMatchObject({
      area: 'config',
      message: expect.stringMatching(/kit K has deal_temperature, overall_score\.$/),
      hint: expect.stringContaining('score_brick'),
    });
  });

  test('are none for the whole kit when they come after the marts, never one for this call and the other for that', async () => {
    await load();
    await warehouse.run(`CREATE TABLE later AS FROM semarize_runs WHERE call_id = 'c1' AND kit_code = 'K'`);
    await warehouse.run(`DELETE FROM semarize_runs WHERE call_id = 'c1' AND kit_code = 'K'`);
    await warehouse.createMarts({ bricks });
    const scores = `SELECT kit_code, call_id, brick_key FROM brick_points WHERE is_score_brick ORDER BY ALL`;
    const ofL = { kit_code: 'L', call_id: 'c1', brick_key: 'deal_temperature' };
    expect(await warehouse.rows(scores)).toEqual([
      { kit_code: 'K', call_id: 'c2', brick_key: 'deal_temperature' },
      ofL,
    ]);
    await warehouse.run('INSERT INTO semarize_runs FROM later');
    expect(await warehouse.rows(scores)).toEqual([ofL]);
  });

  test.each([
    ['the settings of the kit', { bricks, kits: [{ code: 'K', score_brick: 'overall_score' }] }],
    [
      'a row of the exact kit',
      { bricks: [...bricks, { kit_code: 'K', brick_key: 'deal_temperature', role: 'signal' }] },
    ],
  ])('are decided by %s', async (_, settings) => {
    await load();
    await warehouse.createMarts(settings);
    const rows = await warehouse.rows(
      `SELECT call_id, brick_key FROM brick_points WHERE is_score_brick AND kit_code = 'K'`,
    );
    expect(rows).toEqual([{ call_id: 'c1', brick_key: 'overall_score' }]);
  });
});

test('a kit says when its version changed, and which one came before', async () => {
  warehouse = await openWarehouse();
  const run = (call: string, version: string | null, requested: string) =>
    runRow({ call, bricks: { x: 1 }, columns: { kit_version_id: version, requested_at: requested } });
  await warehouse.insert('semarize_runs', [
    run('c1', 'v1', '2026-01-01T00:00:00Z'),
    run('c2', null, '2026-02-01T00:00:00Z'),
    run('c3', 'v3', '2026-03-01T00:00:00Z'),
    run('c4', 'v3', '2026-03-02T00:00:00Z'),
    run('c5', 'v4', '2026-04-01T00:00:00Z'),
  ]);
  await warehouse.createMarts();
  const columns =
    'kit_version_id, version_changed_at, has_former_version, former_version_id, former_n_runs, newer_version_id';
  expect(await warehouse.row(`SELECT ${columns} FROM kit_versions`)).toEqual({
    kit_version_id: 'v3',
    version_changed_at: new Date('2026-03-01T00:00:00Z'),
    has_former_version: true,
    former_version_id: null,
    former_n_runs: 1n,
    newer_version_id: 'v4',
  });
});

test('no view below the marts has a column of type HUGEINT, which Parquet makes DOUBLE', async () => {
  warehouse = await openWarehouse();
  await warehouse.createMarts();
  expect(
    await warehouse.rows(
      `SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND data_type LIKE '%HUGEINT%' AND table_name NOT SIMILAR TO '(mart_|deal_features).*'`,
    ),
  ).toEqual([]);
});

test('a call counts once in every view of deals, whatever its flags leave open', async () => {
  warehouse = await openWarehouse();
  await warehouse.insert('calls', [
    callRow({ id: 'c1' }),
    callRow({ id: 'c2', columns: { is_private: null, scope: null } }),
  ]);
  await warehouse.createMarts();
  expect(await warehouse.rows('SELECT call_id, is_eligible FROM deal_calls ORDER BY 1')).toEqual([
    { call_id: 'c1', is_eligible: true },
    { call_id: 'c2', is_eligible: true },
  ]);
});
