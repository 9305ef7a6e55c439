import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Nested, Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const kinds = {
  whole: { value: 64 },
  negative: { value: -3 },
  share: { value: 0.72, confidence: 0.8, reason: 'because', evidence: ['one', 'two'] },
  yes: { value: true, evidence: 'a single quote' },
  no: { value: false, confidence: null },
  word: { value: 'text', evidence: [] },
  items: { value: ['x'] },
  nothing: { value: [] },
  unset: { value: null },
  absent: { confidence: 0.4 },
  group: { value: { inner: 1 } },
  'it\'s "quoted".$': { value: 'odd key' },
  huge: { value: 2 ** 63 },
  absurd: { value: 1e308 },
};

const read = `SELECT brick_key, value_kind, coalesce(value_bool::VARCHAR, value_num::VARCHAR, value_text, value_list::VARCHAR) AS value,
  confidence, reason, evidence::VARCHAR AS evidence FROM semarize_bricks ORDER BY brick_key`;

describe('semarize_bricks', () => {
  test.each<Nested>(['struct', 'json', 'varchar'])(
    'tells every kind of value apart, read from a %s column',
    async (nested) => {
      warehouse = await openWarehouse({ nested });
      await warehouse.insert('semarize_runs', [runRow({ call: 'c1', bricks: kinds })]);
      await warehouse.createMarts();
      const rows = await warehouse.rows(read);
      const found = Object.fromEntries(rows.map(({ brick_key: key, value_kind: kind, value }) => [key, [kind, value]]));
      expect(found).toEqual({
        whole: ['number', '64.0'],
        negative: ['number', '-3.0'],
        share: ['number', '0.72'],
        yes: ['boolean', 'true'],
        no: ['boolean', 'false'],
        word: ['text', 'text'],
        items: ['list', '[x]'],
        nothing: ['list', '[]'],
        unset: ['null', null],
        absent: ['missing', null],
        group: ['object', null],
        'it\'s "quoted".$': ['text', 'odd key'],
        huge: ['number', '9.223372036854776e+18'],
        absurd: ['number', null],
      });
      const evidence = Object.fromEntries(rows.map((row) => [row['brick_key'], row['evidence']]));
      expect(evidence).toMatchObject({ share: '[one, two]', yes: '[a single quote]', word: '[]', whole: null });
      const share = rows.find((row) => row['brick_key'] === 'share');
      expect(share).toMatchObject({ confidence: 0.8, reason: 'because' });
    },
  );

  test('holds nothing of a failed run or of a run without bricks', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'c1', bricks: { x: 1 }, columns: { status: 'failed' } }),
      runRow({ call: 'c2', bricks: {}, columns: { bricks: null } }),
      runRow({ call: 'c3', bricks: {} }),
    ]);
    await warehouse.createMarts();
    expect(await warehouse.rows('FROM semarize_bricks')).toEqual([]);
  });
});

describe('which run speaks for a call', () => {
  const at = (hour: number) => `2026-06-02T${String(hour).padStart(2, '0')}:00:00.000Z`;
  const run = (id: string, columns: Record<string, unknown>) =>
    runRow({ call: 'c1', bricks: { overall_score: 1 }, columns: { run_id: id, ...columns } });
  const reasons = async () =>
    Object.fromEntries(
      (await warehouse.rows('SELECT run_id, exclusion_reason FROM run_eligibility')).map((row) => [
        row['run_id'],
        row['exclusion_reason'],
      ]),
    );

  test('is the newest that counts; every other run has one reason', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('semarize_runs', [
      run('old', { requested_at: at(1) }),
      run('new', { requested_at: at(2) }),
      run('failed', { requested_at: at(3), status: 'failed' }),
      run('sandbox', { requested_at: at(4), is_sandbox: true }),
      run('collected', { requested_at: at(5), origin: 'collected' }),
      run('unmatched', { requested_at: at(6), call_id: null }),
      run('other', { requested_at: at(7), kit_version_id: 'v2' }),
      run('nameless', { requested_at: at(8), kit_code: null }),
    ]);
    await warehouse.createMarts();
    expect(await reasons()).toEqual({
      old: 'superseded',
      new: null,
      failed: 'not_succeeded',
      sandbox: 'sandbox',
      collected: 'collected',
      unmatched: 'no_call',
      other: 'other_kit_version',
      nameless: 'no_kit',
    });
    const current = await warehouse.rows('SELECT run_id, is_eligible FROM bricks_current ORDER BY run_id');
    expect(current).toEqual([
      { run_id: 'new', is_eligible: true },
      { run_id: 'other', is_eligible: false },
    ]);

    await warehouse.createMarts({ settings: { include_collected: true } });
    expect(await reasons()).toMatchObject({ new: 'superseded', collected: null });
  });

  test('is a collected run where there is no other, and it does not count', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [callRow({ id: 'c1' })]);
    await warehouse.insert('semarize_runs', [run('collected', { origin: 'collected' })]);
    await warehouse.createMarts();
    expect(await warehouse.row('SELECT run_id, score, is_eligible, exclusion_reason FROM mart_call_scores')).toEqual({
      run_id: 'collected',
      score: 1,
      is_eligible: false,
      exclusion_reason: 'collected',
    });
  });
});

describe('kit_versions', () => {
  const runs = (version: string | null, count: number, hour: number, columns = {}) =>
    Array.from({ length: count }, (_, i) =>
      runRow({
        call: `c-${version}-${hour}-${i}`,
        bricks: { x: 1 },
        columns: { kit_version_id: version, requested_at: `2026-06-02T0${hour}:00:00.000Z`, ...columns },
      }),
    );

  test('is the version with most runs that count, and a newer one is named with its count', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('semarize_runs', [
      ...runs('v1', 3, 1),
      ...runs('v2', 2, 2),
      ...runs('v3', 9, 3, { is_sandbox: true }),
      ...runs('v0', 8, 0, { origin: 'collected' }),
    ]);
    await warehouse.createMarts();
    const newer = { newer_version_id: 'v2', newer_n_runs: 2n };
    expect(await warehouse.row('FROM kit_versions')).toMatchObject({
      kit_code: 'KIT',
      kit_label: 'KIT',
      kit_version_id: 'v1',
      version_source: 'most_runs',
      n_runs: 3n,
      ...newer,
    });
    await warehouse.createMarts({ kits: [{ code: 'KIT', label: 'Kit', kit_version_id: 'v2' }] });
    expect(await warehouse.row('FROM kit_versions')).toMatchObject({
      kit_label: 'Kit',
      kit_version_id: 'v2',
      version_source: 'settings',
      n_runs: 2n,
      newer_version_id: null,
      newer_n_runs: null,
    });
  });

  test('can be no version at all: answers may lack it', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [callRow({ id: 'c1' })]);
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'c1', bricks: { overall_score: 7 }, columns: { kit_version_id: null } }),
    ]);
    await warehouse.createMarts();
    expect(await warehouse.row('SELECT kit_version_id, n_runs FROM kit_versions')).toEqual({
      kit_version_id: null,
      n_runs: 1n,
    });
    expect(await warehouse.row('SELECT score, is_eligible FROM mart_call_scores')).toEqual({
      score: 7,
      is_eligible: true,
    });
    expect(await warehouse.row('SELECT kit_version_id, n_deals FROM mart_win_correlation')).toEqual({
      kit_version_id: null,
      n_deals: 1n,
    });
  });
});

describe('brick_points', () => {
  test('puts numbers, booleans and categories on one scale, and the row of the exact kit wins', async () => {
    warehouse = await openWarehouse();
    const bricks = {
      overall_score: 4,
      risk_flag: true,
      level: 'high',
      free: 'words',
      items: ['x'],
      unset: null,
      raw: 140,
    };
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'c1', bricks }),
      runRow({ call: 'c1', kit: 'OTHER', bricks }),
    ]);
    await warehouse.createMarts({
      bricks: [
        { brick_key: 'overall_score', value_min: 0, value_max: 5 },
        { kit_code: 'OTHER', brick_key: 'overall_score', value_min: 0, value_max: 8 },
        { kit_code: 'OTHER', brick_key: 'risk_flag', direction: 1 },
        { kit_code: 'OTHER', brick_key: 'level', direction: -1 },
      ],
      levels: [
        { brick_key: 'level', level: 'high', points: 90 },
        { kit_code: 'OTHER', brick_key: 'level', level: 'high', points: 70 },
      ],
    });
    const pointsOf = async (kit: string) =>
      Object.fromEntries(
        (await warehouse.rows(`SELECT brick_key, points FROM brick_points WHERE kit_code = '${kit}'`)).map((row) => [
          row['brick_key'],
          row['points'],
        ]),
      );
    const unscaled = { free: null, items: null, unset: null, raw: 140 };
    expect(await pointsOf('KIT')).toEqual({ overall_score: 80, risk_flag: 0, level: 90, ...unscaled });
    expect(await pointsOf('OTHER')).toEqual({ overall_score: 50, risk_flag: 100, level: 30, ...unscaled });
  });
});
