import { afterEach, describe, expect, test } from 'vitest';
import { callRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { leftOut, openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const content = {
  trackers: [
    { id: '1', name: 'Pricing', count: 3, type: 'KEYWORD', occurrences: [], phrases: [] },
    { id: '2', name: `Com"petitors'`, count: 0, type: 'SMART' },
    { id: '3', name: 'Pricing', count: 1 },
  ],
  topics: [
    { name: 'Wrap-up', duration: 0 },
    { name: 'Größe', duration: 61 },
  ],
};
const interaction = {
  interactionStats: [
    { name: 'Talk Ratio', value: 0.43 },
    { name: 'Longest Monologue', value: 120 },
    { name: 'Patience', value: 0.8 },
    { name: 'Interactivity', value: null },
  ],
  questions: { companyCount: 7, nonCompanyCount: 0 },
};

describe('mart_gong_signals', () => {
  test('is left out by name as long as the source stores no content of Gong', async () => {
    warehouse = await openWarehouse();
    await warehouse.run(
      'ALTER TABLE calls DROP COLUMN IF EXISTS gong_content; ALTER TABLE calls DROP COLUMN IF EXISTS interaction',
    );
    const { skipped } = await warehouse.createMarts();
    expect(skipped).toEqual(leftOut);
  });

  test.each(['JSON', 'VARCHAR'])('is a long table in the columns of brick_features, read from %s', async (type) => {
    warehouse = await openWarehouse();
    await warehouse.run(
      `ALTER TABLE calls ADD COLUMN IF NOT EXISTS gong_content ${type}; ALTER TABLE calls ADD COLUMN IF NOT EXISTS interaction ${type}`,
    );
    const ids = ['c1', 'c2', 'c3', 'private', 'odd'];
    await warehouse.insert(
      'calls',
      ids.map((id) => callRow({ id, columns: { is_private: id === 'private' } })),
    );
    await warehouse.run(`UPDATE calls SET gong_content = $1, interaction = $2 WHERE call_id IN ('c1', 'private')`, [
      JSON.stringify(content),
      JSON.stringify(interaction),
    ]);
    await warehouse.run(
      `UPDATE calls SET gong_content = '{"trackers": []}', interaction = '{"questions": {}}' WHERE call_id = 'c2'`,
    );
    await warehouse.run(
      `UPDATE calls SET gong_content = '{"trackers": {"name": 1}, "topics": [null, 5]}', interaction = '[]' WHERE call_id = 'odd'`,
    );
    await warehouse.createMarts();
    const rows = await warehouse.rows(
      'SELECT call_id, brick_key, value_kind, level, x, amount FROM mart_gong_signals ORDER BY ALL',
    );
    const list = (call: string, brick: string, level: string | null, amount: number | null) => [
      call,
      brick,
      'list',
      level,
      level && 1,
      amount,
    ];
    const number = (brick: string, x: number) => ['c1', brick, 'number', null, x, x];
    expect(rows.map(Object.values)).toEqual([
      number('company_questions', 7),
      number('customer_questions', 0),
      number('longest_monologue', 120),
      number('patience', 0.8),
      number('talk_share', 0.43),
      list('c1', 'topics', 'Größe', 61),
      list('c1', 'topics', null, null),
      list('c1', 'trackers', 'Pricing', 4),
      list('c1', 'trackers', null, null),
      list('c2', 'trackers', null, null),
      list('odd', 'topics', null, null),
    ]);
    const columns = (view: string) => warehouse.rows(`SELECT column_name FROM (DESCRIBE ${view})`);
    const signals = (await columns('mart_gong_signals')).map(({ column_name: name }) => name);
    for (const { column_name: name } of await columns('brick_features')) expect(signals).toContain(name);
  });
});
