import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import { wilson } from './statistics.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const wrong = {
  pricing_tier_correct: {
    value: false,
    confidence: 0.9,
    reason: 'Enterprise only',
    evidence: ['20 seats are 10 each'],
  },
  discount_authority_exceeded: true,
  packaging_outdated: true,
  commercial_risk_level: 'high',
};
const open = (id: string, deal: string | null, columns: Record<string, unknown> = {}) =>
  callRow({
    id,
    deal,
    won: null,
    columns: {
      started_at: '2026-05-06T10:00:00Z',
      amount_now: 85_000,
      currency: 'USD',
      owner_email: 'a@x.com',
      ...columns,
    },
  });

async function load(
  calls: Record<string, unknown>[],
  bricks: Record<string, Record<string, unknown>>,
  settings?: unknown,
) {
  warehouse = await openWarehouse();
  await warehouse.insert('calls', calls);
  await warehouse.insert(
    'semarize_runs',
    Object.entries(bricks).map(([call, answers]) => runRow({ call, bricks: answers })),
  );
  await warehouse.createMarts(settings ?? { people: [{ email: 'a@x.com', team: 'EMEA' }] });
}
const weekly = () => warehouse.rows('FROM mart_pricing_audit_weekly ORDER BY week, team, currency');

describe('the pricing audit', () => {
  test('is that of the guide: one week, four exceptions, 85,000 exposed once', async () => {
    await load([open('c1', 'acme', { account_name: 'Acme Corp', owner_name: 'Ann', url: 'https://x' })], { c1: wrong });
    expect(await weekly()).toEqual([
      {
        week: new Date('2026-05-04T00:00:00Z'),
        team: 'EMEA',
        currency: 'USD',
        n_calls: 1n,
        n_tier_checked: 1n,
        tier_correct_n: 0n,
        tier_correct_rate: 0,
        tier_correct_low: expect.closeTo(wilson(0, 1)[0] ?? 0, 12),
        tier_correct_high: expect.closeTo(wilson(0, 1)[1] ?? 0, 12),
        discount_exceeded_n: 1n,
        packaging_outdated_n: 1n,
        risk_high_n: 1n,
        risk_medium_n: 0n,
        deals_exposed: 1n,
        amount_exposed: 85_000,
        amount_at_risk: null,
      },
    ]);
    const exceptions = await warehouse.rows('FROM mart_pricing_exceptions ORDER BY brick_key');
    expect(exceptions.map(({ brick_key, value, risk, amount, rep }) => [brick_key, value, risk, amount, rep])).toEqual([
      ['commercial_risk_level', 'high', 'high', 85_000, 'Ann'],
      ['discount_authority_exceeded', 'true', 'high', 85_000, 'Ann'],
      ['packaging_outdated', 'true', 'high', 85_000, 'Ann'],
      ['pricing_tier_correct', 'false', 'high', 85_000, 'Ann'],
    ]);
    expect(exceptions[3]).toMatchObject({
      reason: 'Enterprise only',
      evidence: ['20 seats are 10 each'],
      url: 'https://x',
      opportunity_id: 'acme',
    });
  });

  test('exposes an open deal once a week, by currency; not a closed one, not one without an error', async () => {
    await load(
      [
        open('c1', 'a', { amount_now: 100, context_read_at: '2026-12-02T00:00:00Z' }),
        open('c2', 'a', { amount_now: 7 }),
        open('c3', 'b', { amount_now: -40 }),
        open('c4', 'c', { amount_now: null }),
        open('c5', 'euro', { amount_now: 9, currency: 'EUR' }),
        open('c6', 'fine'),
        callRow({
          id: 'c7',
          deal: 'closed',
          columns: { started_at: '2026-05-06T10:00:00Z', currency: 'USD', amount_now: 5, owner_email: 'A@X.com' },
        }),
        open('c8', null, { currency: null }),
      ],
      {
        ...{
          c1: wrong,
          c2: wrong,
          c3: wrong,
          c4: { packaging_outdated: true },
          c5: { pricing_tier_correct: false },
          c7: wrong,
          c8: wrong,
        },
        c6: {
          pricing_tier_correct: true,
          discount_authority_exceeded: false,
          packaging_outdated: null,
          commercial_risk_level: 'medium',
        },
      },
      { people: [{ email: 'a@x.com', team: 'EMEA' }], settings: { assumed_leakage_rate: 0.08 } },
    );
    const found = await weekly();
    expect(
      found.map(({ currency, n_calls, deals_exposed, amount_exposed }) => [
        currency,
        n_calls,
        deals_exposed,
        amount_exposed,
      ]),
    ).toEqual([
      ['EUR', 1n, 1n, 9],
      // a 100, b −40, c of unknown amount.
      ['USD', 6n, 3n, 60],
      [null, 1n, 0n, 0],
    ]);
    expect(found[1]).toMatchObject({
      n_tier_checked: 5n,
      tier_correct_n: 1n,
      tier_correct_rate: 0.2,
      risk_medium_n: 1n,
      risk_high_n: 4n,
    });
    expect(found[1]?.['amount_at_risk']).toBeCloseTo(60 * 0.08, 12);
  });

  test('keeps null, missing and false apart', async () => {
    const nothing = {
      pricing_tier_correct: null,
      discount_authority_exceeded: {},
      packaging_outdated: false,
      commercial_risk_level: 'none',
    };
    await load([open('c1', 'a')], { c1: nothing });
    expect(await weekly()).toMatchObject([
      {
        n_calls: 1n,
        n_tier_checked: 0n,
        tier_correct_rate: null,
        tier_correct_low: null,
        tier_correct_high: null,
        deals_exposed: 0n,
        amount_exposed: 0,
      },
    ]);
    expect(await warehouse.rows('FROM mart_pricing_exceptions')).toEqual([]);
  });

  test('knows a level by its meaning, and leaves private and gone calls out', async () => {
    await load(
      [open('c1', 'a'), open('p', 'a', { is_private: true }), open('g', 'a', { gone_at: '2026-05-09T00:00:00Z' })],
      { c1: { commercial_risk_level: 'rot' }, p: wrong, g: wrong },
      { levels: [{ brick_key: 'commercial_risk_level', level: 'rot', meaning: 'high' }] },
    );
    expect(await weekly()).toMatchObject([{ team: null, n_calls: 1n, risk_high_n: 1n, deals_exposed: 1n }]);
  });

  test('says whether the quotes are in the transcript', async () => {
    warehouse = await openWarehouse();
    const said = { evidence: ['We sell it for 10', 'Größe!'] };
    await warehouse.insert(
      'calls',
      ['c1', 'c2', 'c3'].map((id) => open(id, 'a')),
    );
    await warehouse.insert('transcripts', [
      { call_id: 'c1', text: 'Ann (rep): we sell it, for 10. größe' },
      { call_id: 'c2', text: 'Ann (rep): we sell it, for 10' },
      { call_id: 'c3', text: null },
    ]);
    await warehouse.insert(
      'semarize_runs',
      ['c1', 'c2', 'c3'].map((call) => runRow({ call, bricks: { packaging_outdated: { value: true, ...said } } })),
    );
    await warehouse.createMarts();
    expect(
      await warehouse.rows('SELECT call_id, found_in_transcript FROM mart_pricing_exceptions ORDER BY call_id'),
    ).toEqual([
      { call_id: 'c1', found_in_transcript: true },
      { call_id: 'c2', found_in_transcript: false },
      { call_id: 'c3', found_in_transcript: null },
    ]);
  });
});
