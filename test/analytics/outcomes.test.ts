// Which outcome a deal has, by what was imported, and what the CRM context says: analytics.md §4.
import { afterEach, describe, expect, test } from 'vitest';
import { callRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const readAt = '2026-06-20 00:00:00+00';
async function load(calls: readonly Record<string, unknown>[], outcomes: readonly string[]): Promise<void> {
  warehouse = await openWarehouse();
  await warehouse.insert('calls', calls);
  await warehouse.createMarts();
  for (const values of outcomes)
    await warehouse.run(
      `INSERT INTO ext_outcomes BY NAME SELECT TIMESTAMPTZ '${readAt}' AS outcome_as_of, * FROM (SELECT ${values})`,
    );
}
const deal = async (id: string) =>
  await warehouse.row(
    `SELECT is_closed, is_won, epoch_ms(closed_at) AS closed, outcome_source AS source FROM deals WHERE opportunity_id = '${id}'`,
  );
const ms = (day: string) => BigInt(Date.parse(`${day}T00:00:00Z`));
const at = (day: string) => `TIMESTAMPTZ '${day} 00:00:00+00'`;

describe('an imported outcome', () => {
  test('wins over the flags and the stage of the CRM, for its own opportunity', async () => {
    await load(
      [callRow({ id: '1', deal: 'd1', won: true }), callRow({ id: '2', deal: 'd2', won: true })],
      [`'d1' AS opportunity_id, false AS is_won, ${at('2026-05-20')} AS closed_at, 9.5 AS amount, 'EUR' AS currency`],
    );
    expect(await deal('d1')).toEqual({ is_closed: true, is_won: false, closed: ms('2026-05-20'), source: 'import' });
    expect(await deal('d2')).toMatchObject({ is_won: true, source: 'crm_flags' });
    expect(
      await warehouse.row(`SELECT amount, currency, outcome_as_of FROM deals WHERE opportunity_id = 'd1'`),
    ).toEqual({
      ...{ amount: 9.5, currency: 'EUR' },
      outcome_as_of: new Date('2026-06-20T00:00:00Z'),
    });
  });

  test('that says nothing leaves the word to the CRM', async () => {
    await load(
      [callRow({ id: '1', deal: 'd1', won: true }), callRow({ id: '2', deal: 'd2', won: true })],
      [
        `'d1' AS opportunity_id, NULL::BOOLEAN AS is_won`,
        `'d2' AS opportunity_id, true AS is_closed, NULL::BOOLEAN AS is_won`,
      ],
    );
    expect(await deal('d1')).toMatchObject({ is_won: true, source: 'crm_flags' });
    expect(await deal('d2')).toMatchObject({ is_won: true, source: 'crm_flags' });
  });

  test.each([
    ['a loss whose day has come', `false AS is_won, ${at('2026-06-20')} AS closed_at`, true, false],
    ['a planned close of an open deal', `false AS is_won, ${at('2026-06-21')} AS closed_at`, false, null],
    ['no close at all', `false AS is_won`, false, null],
    ['a win without a day', `true AS is_won`, true, true],
    ['a win whose day is planned', `true AS is_won, ${at('2026-07-01')} AS closed_at`, true, true],
    ['open, by its own word', `false AS is_closed, false AS is_won, ${at('2026-05-01')} AS closed_at`, false, null],
    ['closed, by its own word', `true AS is_closed, false AS is_won, ${at('2026-07-01')} AS closed_at`, true, false],
  ])('reads %s: an open deal is no loss', async (_, values, isClosed, isWon) => {
    await load([callRow({ id: '1', deal: 'd1', won: true })], [`'d1' AS opportunity_id, ${values}`]);
    expect(await deal('d1')).toMatchObject({ is_closed: isClosed, is_won: isWon, source: 'import' });
  });

  test('of several the one with the newest outcome_as_of counts', async () => {
    await load(
      [callRow({ id: '1', deal: 'd1' })],
      [`'d1' AS opportunity_id, true AS is_won, ${at('2026-05-20')} AS closed_at`],
    );
    await warehouse.run(
      `INSERT INTO ext_outcomes BY NAME SELECT 'd1' AS opportunity_id, false AS is_won, ${at('2026-05-21')} AS closed_at, ${at('2026-06-19')} AS outcome_as_of`,
    );
    expect(await deal('d1')).toMatchObject({ is_won: true });
    await warehouse.run(
      `INSERT INTO ext_outcomes BY NAME SELECT 'd1' AS opportunity_id, false AS is_won, ${at('2026-05-21')} AS closed_at, ${at('2026-06-21')} AS outcome_as_of`,
    );
    expect(await deal('d1')).toMatchObject({ is_won: false, closed: ms('2026-05-21') });
  });

  test('of a deal that no call names makes no deal', async () => {
    await load([callRow({ id: '1', deal: 'd1' })], [`'other' AS opportunity_id, true AS is_won`]);
    expect(await warehouse.rows('SELECT opportunity_id FROM deals')).toEqual([{ opportunity_id: 'd1' }]);
  });
});

describe('a deal that opens again', () => {
  const reading = (id: string, day: string, columns: Record<string, unknown>) =>
    callRow({
      id,
      deal: 'd1',
      columns: { context_read_at: `2026-${day}T00:00:00Z`, close_date_now: '2026-12-31', ...columns },
    });

  test('forgets when it was seen closed, and has the new time when it closes again', async () => {
    const closedFirst = reading('1', '05-01', { closed_seen_at: '2026-05-01T00:00:00Z' });
    const openAgain = reading('2', '05-10', { is_closed_now: false, is_won_now: false, closed_seen_at: null });
    await load([closedFirst, openAgain], []);
    expect(await deal('d1')).toMatchObject({ is_closed: false, closed: null });
    await warehouse.insert('calls', [reading('3', '06-01', { closed_seen_at: '2026-06-01T00:00:00Z' })]);
    expect(await deal('d1')).toMatchObject({ is_closed: true, closed: ms('2026-06-01') });
  });

  test('by its stage alone, too', async () => {
    const byStage = { is_closed_now: null, is_won_now: null };
    await load(
      [
        reading('1', '05-01', { ...byStage, stage_now: 'Closed Lost', closed_seen_at: '2026-05-01T00:00:00Z' }),
        reading('2', '05-10', { ...byStage, stage_now: 'Open' }),
        reading('3', '06-01', { ...byStage, stage_now: 'Closed Lost', closed_seen_at: '2026-06-01T00:00:00Z' }),
      ],
      [],
    );
    await warehouse.createMarts({ stages: [{ stage: 'Open', is_closed: false, is_won: false }] });
    expect(await deal('d1')).toMatchObject({ is_closed: true, closed: ms('2026-06-01') });
  });
});
