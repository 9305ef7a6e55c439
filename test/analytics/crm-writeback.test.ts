import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const call = (id: string, day: string, columns = {}) =>
  callRow({ id, deal: 'd', won: null, columns: { started_at: `2026-05-${day}T10:00:00Z`, ...columns } });

async function load(
  calls: Record<string, unknown>[],
  runs: Parameters<typeof runRow>[0][],
  settings?: unknown,
): Promise<void> {
  warehouse = await openWarehouse();
  await warehouse.insert('calls', calls);
  await warehouse.insert('semarize_runs', runs.map(runRow));
  await warehouse.createMarts(settings);
}
const writeback = () => warehouse.rows('FROM mart_crm_writeback');

describe('mart_crm_writeback', () => {
  test('has the newest value of each field; an empty answer wipes out nothing', async () => {
    await load(
      [call('c1', '01'), call('c2', '02'), call('c3', '03'), callRow({ id: 'lone', deal: null })],
      [
        {
          call: 'c1',
          bricks: { overall_score: { value: 60, confidence: 0.6 }, risk_flag: true, pain_point: 'reports' },
        },
        {
          call: 'c2',
          bricks: { overall_score: { value: 70, confidence: 0.8 }, risk_flag: { value: false, confidence: 0.7 } },
        },
        { call: 'c3', bricks: { overall_score: null, risk_flag: null, pain_point: {} } },
        { call: 'lone', bricks: { overall_score: 1 } },
      ],
    );
    expect(await writeback()).toEqual([
      {
        opportunity_id: 'd',
        ai_score: 70,
        ai_score_source: 'KIT',
        risk_flag: false,
        pain_point: 'reports',
        score_as_of: new Date('2026-05-02T10:00:00Z'),
        min_confidence: 0.6,
        n_calls: 3n,
      },
    ]);
  });

  test('sends the unified score where there is one', async () => {
    await load(
      [call('c1', '01'), call('c2', '02')],
      [
        { call: 'c1', bricks: { need: { value: 20, confidence: 0.5 } } },
        { call: 'c2', bricks: { overall_score: 70, need: null } },
      ],
      { bricks: [{ brick_key: 'need', role: 'signal', in_deal_score: true }] },
    );
    expect(await writeback()).toMatchObject([
      {
        ai_score: 20,
        ai_score_source: 'unified',
        score_as_of: new Date('2026-05-01T10:00:00Z'),
        min_confidence: 0.5,
        risk_flag: null,
      },
    ]);
  });

  test('does not mix kits: that of purpose deal_score, else the first; an audit scores no deal', async () => {
    const calls = [call('c1', '01'), call('c2', '02')];
    const runs = [
      { call: 'c1', kit: 'A', bricks: { overall_score: 10 } },
      { call: 'c2', kit: 'B', bricks: { overall_score: 20 } },
      { call: 'c2', kit: 'C', bricks: { overall_score: 30 } },
    ];
    await load(calls, runs, {
      kits: [
        { code: 'C', purpose: 'pricing_audit' },
        { code: 'B', purpose: 'framework' },
        { code: 'A', purpose: 'deal_score' },
      ],
    });
    expect(await writeback()).toMatchObject([{ ai_score: 10, ai_score_source: 'A', n_calls: 2n }]);
    warehouse.close();
    await load(calls, runs, { kits: [{ code: 'C', purpose: 'pricing_audit' }, { code: 'B' }] });
    expect(await writeback()).toMatchObject([{ ai_score: 20, ai_score_source: 'B' }]);
  });

  test('sends nothing of private and gone calls, and no row where there is nothing to send', async () => {
    await load(
      [
        call('c1', '01', { is_private: true }),
        call('c2', '02', { gone_at: '2026-05-03T00:00:00Z' }),
        callRow({ id: 'c3', deal: 'e' }),
      ],
      [
        { call: 'c1', bricks: { overall_score: 60, risk_flag: true } },
        { call: 'c2', bricks: { overall_score: 60, pain_point: 'x' } },
        { call: 'c3', bricks: { other: 1 } },
      ],
    );
    expect(await writeback()).toEqual([]);
  });
});
