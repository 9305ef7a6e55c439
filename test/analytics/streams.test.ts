// Files that another loader filled: its types, its columns, its names.
import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { leftOut, openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const zones = ['UTC', 'America/Los_Angeles', 'Asia/Kolkata'];
/** The instant of a column of the only call, in whole and part seconds. */
const instantOf = async (column: string) =>
  (await warehouse.row(`SELECT epoch_us(${column}) AS us FROM stream_calls`))['us'];

describe('a time of another loader', () => {
  test.each([
    ['TIMESTAMP', "'2026-05-01 10:00:00.123456'", Date.UTC(2026, 4, 1, 10) * 1000 + 123456],
    ['TIMESTAMP_NS', "'2026-05-01 10:00:00'", Date.UTC(2026, 4, 1, 10) * 1000],
    ['DATE', "'2026-05-01'", Date.UTC(2026, 4, 1) * 1000],
    ['VARCHAR', "'2026-05-01T10:00:00Z'", Date.UTC(2026, 4, 1, 10) * 1000],
    ['VARCHAR', "'2026-05-01T10:00:00.5+05:30'", Date.UTC(2026, 4, 1, 4, 30) * 1000 + 500_000],
    ['VARCHAR', "'2026-05-01t10:00:00z'", Date.UTC(2026, 4, 1, 10) * 1000],
    ['VARCHAR', "'2026-05-01 03:00:00-0700'", Date.UTC(2026, 4, 1, 10) * 1000],
    ['VARCHAR', "'2026-05-01 10:00:00 UTC'", Date.UTC(2026, 4, 1, 10) * 1000],
    ['BIGINT', '5', null],
    ['VARCHAR', "'2026-05-01 10:00:00'", Date.UTC(2026, 4, 1, 10) * 1000],
    ['VARCHAR', "'2026-05-01'", Date.UTC(2026, 4, 1) * 1000],
    ['TIMESTAMPTZ', "'2026-05-01 10:00:00+00'", Date.UTC(2026, 4, 1, 10) * 1000],
    ['VARCHAR', "'not a time'", null],
    ['VARCHAR', 'NULL', null],
  ])('A2 in a %s column that holds %s is the same instant in every TimeZone', async (type, value, expected) => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [callRow({ id: 'c1' })]);
    await warehouse.run(`ALTER TABLE calls DROP COLUMN started_at; ALTER TABLE calls ADD COLUMN started_at ${type};
      UPDATE calls SET started_at = ${value}`);
    for (const zone of zones) {
      await warehouse.run(`SET TimeZone = '${zone}'`);
      await warehouse.createMarts();
      expect(await instantOf('started_at'), zone).toBe(expected === null ? null : BigInt(expected));
    }
  });

  test('A2 counts the same eligible calls in every TimeZone, from a file without zones', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert(
      'calls',
      Array.from({ length: 48 }, (_, i) => callRow({ id: `c${i}`, deal: 'd', daysToClose: (i - 24) / 24 })),
    );
    for (const column of ['started_at', 'context_read_at', 'closed_seen_at', 'extracted_at'])
      await warehouse.run(`ALTER TABLE calls ALTER ${column} TYPE TIMESTAMP USING make_timestamp(epoch_us(${column}))`);
    for (const zone of zones) {
      await warehouse.run(`SET TimeZone = '${zone}'`);
      await warehouse.createMarts();
      // Started before the day of the close began: 23 of 48.
      expect(await warehouse.row('SELECT count_if(is_eligible) AS n FROM deal_calls'), zone).toEqual({ n: 23n });
    }
  });
});

test('types of other loaders are read as the streams have them, their own columns stay out', async () => {
  warehouse = await openWarehouse({ streams: ['transcripts', 'semarize_runs'] });
  // As PyAirbyte's cache lands them.
  await warehouse.run(`
    CREATE TABLE Calls ("Call_Id" VARCHAR, started_at TIMESTAMP, duration_s DECIMAL(38,0), amount_now DECIMAL(38,9), is_private VARCHAR,
      is_closed_now BIGINT, is_won_now VARCHAR, close_date_now VARCHAR, opportunity_id BIGINT, parties VARCHAR, title JSON,
      _airbyte_raw_id VARCHAR, _sdc_extracted_at TIMESTAMP);
    INSERT INTO Calls VALUES ('77', '2026-05-01 10:00:00', 61, 85000.5, 'false', 1, 'true', '2026-06-01T00:00:00Z', 42,
      '[{"name": "Ann", "role": "rep", "unknown": 1}]', '"A title"', 'x', NULL)`);
  const { skipped } = await warehouse.createMarts();
  expect(skipped).toEqual([{ view: 'call_crm_fields', missing: ['calls.crm_objects'] }, ...leftOut]);
  expect(
    await warehouse.row(
      'SELECT call_id, duration_s, amount_now, is_private, is_closed_now, is_won_now, title FROM stream_calls',
    ),
  ).toEqual({
    ...{
      call_id: '77',
      duration_s: 61n,
      amount_now: 85000.5,
      is_private: false,
      is_closed_now: true,
      is_won_now: true,
    },
    title: 'A title',
  });
  expect(await warehouse.rows('SELECT name, role FROM call_participants')).toEqual([{ name: 'Ann', role: 'rep' }]);
  expect(await warehouse.row(`SELECT opportunity_id, is_won, epoch_ms(closed_at) AS ms FROM deals`)).toEqual({
    ...{ opportunity_id: '42', is_won: true },
    ms: BigInt(Date.UTC(2026, 5, 1)),
  });
  const own = await warehouse.rows(
    `SELECT column_name FROM duckdb_columns() WHERE table_name = 'stream_calls' AND column_name LIKE '\\_%' ESCAPE '\\'`,
  );
  expect(own).toEqual([]);
});

test('a stream without a column that everything rests on is left out by that name, with what reads it', async () => {
  warehouse = await openWarehouse();
  await warehouse.run('ALTER TABLE semarize_runs DROP COLUMN bricks');
  const { skipped, views } = await warehouse.createMarts();
  expect(skipped).toContainEqual({ view: 'semarize_bricks', missing: ['semarize_runs.bricks'] });
  expect(views).toContain('deals');
});

test('imported runs and transcripts stand beside those of the streams, which win', async () => {
  warehouse = await openWarehouse();
  await warehouse.insert('semarize_runs', [runRow({ call: 'c1', bricks: { x: 1 }, columns: { run_id: 'r1' } })]);
  await warehouse.createMarts();
  await warehouse.run(`INSERT INTO ext_runs BY NAME SELECT * REPLACE ('{"x": {"value": 2}}'::JSON AS bricks) FROM semarize_runs;
    INSERT INTO ext_runs BY NAME SELECT * REPLACE ('r2' AS run_id, 'c2' AS call_id, 'collected' AS origin) FROM semarize_runs;
    INSERT INTO ext_conversations BY NAME SELECT 'Zoom:1' AS call_id, 'Zoom' AS source, '1' AS conversation_id, 'deal-1' AS opportunity_id,
      'words' AS text, 'h' AS transcript_hash, TIMESTAMPTZ '2026-05-01 10:00:00+00' AS started_at, now() AS imported_at`);
  expect(await warehouse.rows('SELECT run_id, value_num FROM semarize_bricks ORDER BY run_id')).toEqual([
    { run_id: 'r1', value_num: 1 },
    { run_id: 'r2', value_num: 1 },
  ]);
  expect(await warehouse.rows('SELECT call_id, text FROM stream_transcripts')).toEqual([
    { call_id: 'Zoom:1', text: 'words' },
  ]);
  expect(await warehouse.row('SELECT call_id, origin, source, transcript_status FROM conversations')).toEqual({
    ...{ call_id: 'Zoom:1', origin: 'import', source: 'Zoom', transcript_status: 'available' },
  });
  expect(await warehouse.rows('SELECT opportunity_id, call_id, exclusion_reason FROM deal_calls')).toEqual([
    { opportunity_id: 'deal-1', call_id: 'Zoom:1', exclusion_reason: 'deal_open' },
  ]);
});
