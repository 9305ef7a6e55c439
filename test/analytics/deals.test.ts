import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

async function load(calls: readonly Record<string, unknown>[], settings?: unknown): Promise<void> {
  warehouse = await openWarehouse();
  await warehouse.insert('calls', calls);
  await warehouse.createMarts(settings);
}

const noFlags = { is_closed_now: null, is_won_now: null };
const iso = (value: unknown) => (value instanceof Date ? value.toISOString() : value);
const dealOf = async (id: string) => {
  const row = await warehouse.row(`SELECT * FROM deals WHERE opportunity_id = '${id}'`);
  return { ...row, closed_at: iso(row['closed_at']), outcome_as_of: iso(row['outcome_as_of']) };
};

describe('deals', () => {
  test('take the outcome from the flags of the CRM, else from the stage; an open deal is not a loss', async () => {
    await load([
      callRow({ id: 'flags', columns: { stage_now: 'Closed Lost' } }),
      callRow({ id: 'stage', columns: { ...noFlags, stage_now: 'closedlost' } }),
      callRow({
        id: 'flag-without-outcome',
        columns: { is_closed_now: true, is_won_now: null, stage_now: 'Closed Won' },
      }),
      callRow({ id: 'won-flag-alone', columns: { is_closed_now: null, is_won_now: true } }),
      callRow({ id: 'open', won: null }),
      callRow({ id: 'unknown', columns: { ...noFlags, stage_now: 'Negotiation' } }),
    ]);
    expect(await dealOf('deal-flags')).toMatchObject({ outcome_source: 'crm_flags', is_closed: true, is_won: true });
    expect(await dealOf('deal-stage')).toMatchObject({ outcome_source: 'crm_stage', is_closed: true, is_won: false });
    expect(await dealOf('deal-flag-without-outcome')).toMatchObject({ outcome_source: 'crm_stage', is_won: true });
    expect(await dealOf('deal-won-flag-alone')).toMatchObject({
      outcome_source: 'crm_flags',
      is_closed: true,
      is_won: true,
    });
    const none = { is_won: null, closed_at: null };
    expect(await dealOf('deal-open')).toMatchObject({ outcome_source: 'crm_flags', is_closed: false, ...none });
    expect(await dealOf('deal-unknown')).toMatchObject({
      outcome_source: null,
      is_closed: null,
      outcome_as_of: null,
      ...none,
    });
  });

  test('speak from the newest CRM context of their calls, gone ones left out', async () => {
    const seen = (day: string, stage: string, columns = {}) => ({
      ...{ context_read_at: `2026-${day}T00:00:00Z`, stage_now: stage, amount_now: Number(day.slice(3)) },
      ...columns,
    });
    await load([
      callRow({ id: 'c1', deal: 'd', won: false, columns: seen('05-03', 'Old') }),
      callRow({ id: 'c2', deal: 'd', won: true, columns: seen('05-07', 'New') }),
      callRow({ id: 'c3', deal: 'd', won: false, columns: seen('05-09', 'Gone', { gone_at: '2026-05-10T00:00:00Z' }) }),
      callRow({ id: 'c4', deal: null }),
    ]);
    expect(await dealOf('d')).toMatchObject({ stage: 'New', amount: 7, is_won: true, n_calls: 2n });
    expect(await warehouse.rows('SELECT opportunity_id FROM deals')).toHaveLength(1);
  });

  test('close at the start of the close date in UTC, or when they were first seen closed if that was earlier', async () => {
    const closing = (date: string | null, seen: string | null) => ({ close_date_now: date, closed_seen_at: seen });
    await load([
      callRow({ id: 'c1', deal: 'date', columns: closing('2026-06-10', null) }),
      callRow({ id: 'c2', deal: 'plan', columns: closing('2026-09-30', '2026-06-12T08:00:00Z') }),
      callRow({ id: 'c3', deal: 'plan', columns: closing('2026-09-30', '2026-06-11T08:00:00Z') }),
      callRow({ id: 'c4', deal: 'never', columns: closing(null, null) }),
    ]);
    for (const zone of ['UTC', 'America/New_York', 'Asia/Kolkata']) {
      await warehouse.run(`SET TimeZone = '${zone}'`);
      expect((await dealOf('date')).closed_at, zone).toBe('2026-06-10T00:00:00.000Z');
    }
    expect((await dealOf('plan')).closed_at).toBe('2026-06-11T08:00:00.000Z');
    expect((await dealOf('never')).closed_at).toBeNull();
  });
});

describe('deal_calls', () => {
  const calls = [
    callRow({ id: 'counts', deal: 'd1', daysToClose: 30 }),
    callRow({ id: 'closing-day', deal: 'd1', daysToClose: -0.5 }),
    callRow({ id: 'on-the-dot', deal: 'd1', daysToClose: 0 }),
    callRow({ id: 'timeless', deal: 'd1', columns: { started_at: null } }),
    callRow({ id: 'closed-stage', deal: 'd1', columns: { stage_at_call: 'Closed Lost' } }),
    callRow({ id: 'private', deal: 'd1', columns: { is_private: true } }),
    callRow({ id: 'gone', deal: 'd1', columns: { gone_at: '2026-05-10T00:00:00Z' } }),
    callRow({ id: 'open', deal: 'd2', won: null }),
    callRow({ id: 'no-outcome', deal: 'd3', columns: noFlags }),
    callRow({ id: 'no-close-time', deal: 'd4', columns: { close_date_now: null } }),
    callRow({ id: 'renewal', deal: 'd5', columns: { opportunity_type: 'Renewal' } }),
    callRow({ id: 'type-unknown', deal: 'd6', columns: { opportunity_type: null } }),
    callRow({ id: 'net-new', deal: 'd8', columns: { opportunity_type: 'NetNew, later renewal' } }),
    callRow({ id: 'hubspot', deal: 'd7', columns: { opportunity_type: 'newbusiness' } }),
    callRow({ id: 'german', deal: 'd9', columns: { opportunity_type: 'Neugeschäft' } }),
    callRow({ id: 'upsell', deal: 'd10', columns: { opportunity_type: 'UP-SELL' } }),
    callRow({ id: 'no-deal', deal: null }),
  ];
  const reasons = async () =>
    Object.fromEntries(
      (await warehouse.rows('SELECT call_id, exclusion_reason FROM deal_calls')).map((row) => [
        row['call_id'],
        row['exclusion_reason'],
      ]),
    );

  test('drop a call for one named reason', async () => {
    await load(calls);
    expect(await reasons()).toEqual({
      counts: null,
      'closing-day': 'after_close',
      'on-the-dot': 'after_close',
      timeless: 'after_close',
      'closed-stage': 'closed_stage_at_call',
      private: 'private',
      open: 'deal_open',
      'no-outcome': 'deal_open',
      'no-close-time': 'no_close_time',
      renewal: 'not_new_business',
      'type-unknown': null,
      hubspot: null,
      german: null,
      upsell: 'not_new_business',
      'net-new': 'not_new_business',
    });
    expect(await warehouse.row(`SELECT is_eligible, days_to_close FROM deal_calls WHERE call_id = 'counts'`)).toEqual({
      is_eligible: true,
      days_to_close: 30,
    });
    expect(
      await warehouse.rows('SELECT call_id FROM deal_calls WHERE is_eligible <> (exclusion_reason IS NULL)'),
    ).toEqual([]);
  });

  test('keep renewals when asked', async () => {
    await load(calls, { settings: { new_business_only: false } });
    expect(await reasons()).toMatchObject({ renewal: null, private: 'private' });
  });

  test('are counted with their reasons, run by run and call by call, in mart_call_scores', async () => {
    await load(calls);
    const score = (call: string, columns = {}) => runRow({ call, bricks: { overall_score: 60 }, columns });
    const origin = (call: string) => (call === 'hubspot' ? 'collected' : 'connector');
    await warehouse.insert('semarize_runs', [
      ...calls.map((call) => score(call.call_id, { origin: origin(call.call_id) })),
      score('counts', { run_id: 'test key', is_sandbox: true, requested_at: '2026-06-03T00:00:00Z' }),
    ]);
    const counted = await warehouse.rows(
      'SELECT exclusion_reason AS reason, count(*)::INTEGER AS n FROM mart_call_scores GROUP BY ALL ORDER BY ALL',
    );
    expect(Object.fromEntries(counted.map(({ reason, n }) => [String(reason), n]))).toEqual({
      null: 3,
      after_close: 3,
      closed_stage_at_call: 1,
      collected: 1,
      deal_open: 2,
      no_close_time: 1,
      no_deal: 1,
      not_new_business: 3,
      private: 1,
    });
    expect(await warehouse.row(`SELECT exclusion_reason FROM run_eligibility WHERE run_id = 'test key'`)).toEqual({
      exclusion_reason: 'sandbox',
    });
    // What is dropped is in no estimate.
    expect(await warehouse.row('SELECT n_deals, n_calls FROM mart_win_correlation')).toEqual({
      n_deals: 3n,
      n_calls: 3n,
    });
  });
});

test('as_of is the setting, else the last read of a call', async () => {
  await load([callRow({ id: 'c1' }), callRow({ id: 'c2', columns: { extracted_at: '2026-12-02T03:04:05Z' } })]);
  expect(await warehouse.row('FROM as_of')).toEqual({ as_of: new Date('2026-12-02T03:04:05Z') });
  await warehouse.createMarts({ settings: { as_of: '2026-07-01T02:00:00+02:00' } });
  await warehouse.run(`SET TimeZone = 'America/New_York'`);
  expect(await warehouse.row('FROM as_of')).toEqual({ as_of: new Date('2026-07-01T00:00:00Z') });
});
