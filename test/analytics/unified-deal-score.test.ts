import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const signals = ['s1', 's2', 's3', 's4'];
const settings = {
  bricks: signals.map((brick_key) => ({ brick_key, role: 'signal', in_deal_score: true })),
  sources: [{ system: 'Zoom', label: 'Zoom' }],
  settings: { as_of: '2026-02-01T06:00:00Z' },
};
const scored = (points: number, n: number) => Object.fromEntries(signals.slice(0, n).map((key) => [key, points]));
const call = (id: string, day: string, columns: Record<string, unknown> = {}) =>
  callRow({
    id,
    deal: 'acme',
    won: null,
    columns: { started_at: `${day}T10:00:00Z`, account_name: 'Acme Corp', ...columns },
  });
const unified = () => warehouse.row(`FROM mart_unified_deal_score WHERE opportunity_id = 'acme'`);

describe('mart_unified_deal_score', () => {
  test('is the picture of the guide: 72 × 4, 65 × 2 and 58 × 1 signals are 68', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [
      call('g', '2026-01-15', { title: 'Discovery call' }),
      call('z', '2026-01-22', { title: 'Technical demo', system: 'Zoom' }),
    ]);
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'g', bricks: scored(72, 4) }),
      // An empty brick is no signal.
      runRow({ call: 'z', bricks: { ...scored(65, 2), s3: null, s4: {} } }),
      runRow({ call: 'Teams:1', bricks: scored(58, 1) }),
    ]);
    await warehouse.createMarts(settings);
    await warehouse.run(`INSERT INTO ext_conversations BY NAME SELECT 'Teams:1' AS call_id, 'Teams' AS source, '1' AS conversation_id,
      'Internal deal review' AS title, '2026-01-25T10:00:00Z'::TIMESTAMPTZ AS started_at, 'acme' AS opportunity_id,
      '2026-02-01T00:00:00Z'::TIMESTAMPTZ AS imported_at`);
    expect(await unified()).toEqual({
      opportunity_id: 'acme',
      opportunity_name: null,
      account_name: 'Acme Corp',
      is_closed: false,
      score: 68,
      n_signals: 7n,
      n_sources: 3n,
      by_source: [
        ['Gong', 72, 4n, 1, '2026-01-15', 'Discovery call'],
        ['Teams', 58, 1n, 0.25, '2026-01-25', 'Internal deal review'],
        ['Zoom', 65, 2n, 0.5, '2026-01-22', 'Technical demo'],
      ].map(([source, score, n_signals, coverage, day, last_title]) => ({
        source,
        score,
        n_signals,
        coverage,
        last_call: new Date(`${day}T10:00:00Z`),
        last_title,
      })),
      coverage: 1,
      missing_signals: null,
      confidence_mean: expect.closeTo(0.9, 12),
      confidence_min: 0.9,
      last_signal_at: new Date('2026-01-25T10:00:00Z'),
      staleness_days: 6n,
      // Without the newest conversation: (288 + 130) / 6.
      previous_score: expect.closeTo(418 / 6, 9),
      method_version: 'weighted_mean/1',
    });
  });

  test('takes the newest value of a brick, not an older one that is no longer true, and not an empty one', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [call('a', '2026-01-01'), call('b', '2026-01-02'), call('c', '2026-01-03')]);
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'a', bricks: { s1: true, s2: 'high', s3: 10 } }),
      runRow({ call: 'b', bricks: { s1: false, s2: 'unheard of', s3: null } }),
      runRow({ call: 'c', bricks: { s1: null } }),
    ]);
    await warehouse.createMarts({ ...settings, levels: [{ brick_key: 's2', level: 'high', points: 90 }] });
    // s1 is false by now, s2 has a value without points by now, s3 is still 10.
    expect(await unified()).toMatchObject({
      score: 5,
      n_signals: 2n,
      coverage: 0.5,
      missing_signals: ['s2', 's4'],
      previous_score: (100 + 90 + 10) / 3,
    });
  });

  test('weighs by the settings, turns directions, and keeps versions, sandbox runs, private and gone calls out', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [
      call('a', '2026-01-01'),
      call('private', '2026-01-02', { is_private: true }),
      call('gone', '2026-01-02', { gone_at: '2026-01-20T00:00:00Z' }),
      callRow({ id: 'no-deal', deal: null }),
    ]);
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'a', bricks: { s1: 80, s2: 30 } }),
      runRow({
        call: 'a',
        bricks: { s1: 1 },
        columns: { run_id: 'sandbox', is_sandbox: true, requested_at: '2026-07-01T00:00:00Z' },
      }),
      runRow({ call: 'a', bricks: { s1: 1 }, columns: { run_id: 'other', kit_version_id: 'v0' } }),
      ...['private', 'gone', 'no-deal'].map((id) => runRow({ call: id, bricks: { s1: 1, s2: 1 } })),
    ]);
    const bricks = [
      { brick_key: 's1', role: 'signal', in_deal_score: true, weight: 3 },
      { brick_key: 's2', role: 'signal', in_deal_score: true, direction: -1 },
    ];
    await warehouse.createMarts({ bricks });
    expect(await warehouse.rows('SELECT opportunity_id, score, previous_score FROM mart_unified_deal_score')).toEqual([
      { opportunity_id: 'acme', score: (3 * 80 + 70) / 4, previous_score: null },
    ]);
  });
});
