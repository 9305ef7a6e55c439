import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const items: [key: string, label: string, weight: number, next?: string][] = [
  ['budget', 'Budget confirmed', 30],
  ['decision_maker', 'Decision maker identified', 28],
  ['pain', 'Pain quantified', 24],
  ['legal', 'Legal review scheduled', 10, 'Schedule technical review'],
  ['security', 'Security questionnaire sent', 8, 'Send the questionnaire'],
];
const settings = {
  readiness: items.map(([item_key, label, weight, next_action]) => ({
    ...{ item_key, label, weight, brick_key: `${item_key}_ok` },
    ...(next_action === undefined ? {} : { next_action }),
  })),
  settings: { as_of: '2026-05-20T12:00:00Z' },
};
const outside = [{ speaker_id: '1', affiliation: 'External', role: 'prospect' }];
const call = (id: string, day: string, columns: Record<string, unknown> = {}) =>
  callRow({
    id,
    deal: 'acme',
    won: null,
    columns: {
      ...{ started_at: `${day}T12:00:00Z`, account_name: 'Acme Corp', amount_now: 85_000, currency: 'USD' },
      ...{ stage_now: 'Stage 3', parties: outside, ...columns },
    },
  });
const readiness = () => warehouse.row('FROM mart_deal_readiness');

describe('mart_deal_readiness', () => {
  test('is the picture of the guide: 82 %, the next action, 12 days since the last contact', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [
      call('c1', '2026-05-01'),
      call('c2', '2026-05-08'),
      // Talk among colleagues is no contact.
      call('c3', '2026-05-15', { parties: [], scope: 'internal' }),
      callRow({ id: 'closed', deal: 'won', won: true }),
    ]);
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'c1', bricks: { budget_ok: true, decision_maker_ok: false, pain_ok: 50, legal_ok: false } }),
      runRow({ call: 'c2', bricks: { budget_ok: true, decision_maker_ok: true, pain_ok: null, legal_ok: false } }),
      runRow({ call: 'closed', bricks: { budget_ok: true } }),
    ]);
    await warehouse.createMarts(settings);
    const item = (index: number, state: string, since: string | null, call_id: string | null) => {
      const [item_key, label] = items[index] ?? [];
      const confidence = call_id === null ? null : 0.9;
      return { item_key, label, state, since: since && new Date(`${since}T12:00:00Z`), call_id, confidence };
    };
    expect(await readiness()).toEqual({
      opportunity_id: 'acme',
      opportunity_name: null,
      account_name: 'Acme Corp',
      amount: 85_000,
      currency: 'USD',
      stage: 'Stage 3',
      readiness_pct: 82,
      n_items: 5n,
      n_confirmed: 3n,
      n_unknown: 1n,
      items: [
        item(0, 'confirmed', '2026-05-01', 'c2'),
        item(1, 'confirmed', '2026-05-08', 'c2'),
        item(2, 'confirmed', '2026-05-01', 'c1'),
        item(3, 'not_confirmed', '2026-05-01', 'c2'),
        item(4, 'unknown', null, null),
      ],
      next_action: 'Schedule technical review',
      last_contact_at: new Date('2026-05-08T12:00:00Z'),
      days_since_last_contact: 12n,
    });
  });

  test('has a deal of which nothing is known, and no next action where all is confirmed', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [
      call('c1', '2026-05-01'),
      callRow({ id: 'c2', deal: 'silent', columns: { is_closed_now: null, is_won_now: null } }),
    ]);
    await warehouse.insert('semarize_runs', [
      runRow({ call: 'c1', bricks: Object.fromEntries(items.map(([key]) => [`${key}_ok`, 50])) }),
    ]);
    await warehouse.createMarts(settings);
    const columns = 'opportunity_id, readiness_pct, n_unknown, next_action, days_since_last_contact';
    expect(await warehouse.rows(`SELECT ${columns} FROM mart_deal_readiness ORDER BY opportunity_id`)).toEqual([
      { opportunity_id: 'acme', readiness_pct: 100, n_unknown: 0n, next_action: null, days_since_last_contact: 19n },
      { opportunity_id: 'silent', readiness_pct: 0, n_unknown: 5n, next_action: null, days_since_last_contact: null },
    ]);
  });

  test('is in its state since the newest answers agree, and asks the kit that the settings name', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert(
      'calls',
      ['01', '02', '03', '04'].map((day) => call(`c${day}`, `2026-05-${day}`)),
    );
    const answers: Record<string, unknown> = { '01': true, '02': false, '03': true, '04': true };
    await warehouse.insert('semarize_runs', [
      ...Object.entries(answers).map(([day, ok]) => runRow({ call: `c${day}`, kit: 'A', bricks: { ok } })),
      runRow({ call: 'c04', kit: 'B', bricks: { ok: false } }),
    ]);
    await warehouse.createMarts({
      readiness: [
        { item_key: 'of_a', kit_code: 'A', brick_key: 'ok' },
        { item_key: 'of_b', kit_code: 'B', brick_key: 'ok', threshold: 0 },
        { item_key: 'strict', kit_code: 'A', brick_key: 'ok', threshold: 100.5 },
      ],
    });
    const { items: found } = await readiness();
    expect(found).toMatchObject([
      { item_key: 'of_a', state: 'confirmed', since: new Date('2026-05-03T12:00:00Z'), call_id: 'c04' },
      { item_key: 'of_b', state: 'confirmed', since: new Date('2026-05-04T12:00:00Z') },
      { item_key: 'strict', state: 'not_confirmed', since: new Date('2026-05-01T12:00:00Z') },
    ]);
  });

  test('is empty without settings', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [call('c1', '2026-05-01')]);
    await warehouse.createMarts();
    expect(await warehouse.rows('FROM mart_deal_readiness')).toEqual([]);
  });
});
