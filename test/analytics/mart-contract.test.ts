// What holds for every mart, whoever wrote it, over a world with everything odd in it: one row a key, counts that add up, and the
// same answer in three time zones, attached under another name, over a lake's views and after a replay.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readViewFiles } from '../../src/analytics/view-files.ts';
import { buildHostileWorld, type HostileWorld } from './hostile-world.ts';
import type { StreamName, Warehouse } from './warehouse.ts';
import { leftOut, openWarehouse, streamColumns, temporaryFolder } from './warehouse.ts';

/** Views that hold marts or are made for them; those of Gong's own content need columns that the source does not store yet. */
const views = (await readViewFiles())
  .map(({ view }) => view)
  .filter((view) => /^mart_|_answers$/.test(view) && !leftOut.some((out) => out.view === view));

const world = buildHostileWorld(1, 100);

async function fill(
  warehouse: Warehouse,
  { calls, transcripts, runs }: HostileWorld,
  backwards = false,
): Promise<void> {
  const ordered = <Row>(rows: Row[]) => (backwards ? rows.toReversed() : rows);
  await warehouse.insert('calls', ordered(calls));
  await warehouse.insert('transcripts', ordered(transcripts));
  await warehouse.insert('semarize_runs', ordered(runs));
  await warehouse.run(`INSERT INTO ext_conversations BY NAME SELECT 'Teams:' || n AS call_id, 'Teams' AS source, n::VARCHAR AS conversation_id,
    '2026-05-03T23:30:00Z'::TIMESTAMPTZ AS started_at, 'd' || n AS opportunity_id, 'SSO on all plans' AS text, true AS has_external,
    '2026-06-01T00:00:00Z'::TIMESTAMPTZ AS imported_at FROM range(8) t(n) WHERE NOT EXISTS (FROM ext_conversations)`);
}

async function made(options: Parameters<typeof openWarehouse>[0] = {}): Promise<Warehouse> {
  const warehouse = await openWarehouse(options);
  await warehouse.createMarts(world.settings);
  await fill(warehouse, world);
  return warehouse;
}

/** Every row of every mart as text, numbers to 10 digits (parallel sums differ in the last bits). */
async function contents(warehouse: Warehouse, prefix = ''): Promise<Record<string, string[]>> {
  const print = (_: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return String(value);
    return typeof value === 'number' ? Number(value.toPrecision(10)) : value;
  };
  const found: Record<string, string[]> = {};
  for (const view of views) {
    const rows = await warehouse.rows(`FROM ${prefix}${view}`);
    found[view] = rows.map((row) => JSON.stringify(row, print)).toSorted();
  }
  return found;
}

/** What a plain file in UTC gives: read once, inside the first test that asks. */
let known: Record<string, string[]> | undefined;
async function expected(): Promise<Record<string, string[]>> {
  if (known === undefined) {
    const warehouse = await made();
    known = await contents(warehouse);
    warehouse.close();
  }
  return known;
}

/** Of a view: columns that are counts of the same things, which must add up; a row that breaks one of these is a fault. */
const sums: Record<string, string[]> = {
  mart_call_scores: ['n_null <= n_bricks', 'is_eligible = (exclusion_reason IS NULL)'],
  mart_deal_scores: ['n_eligible <= n_calls', 'n_scored <= n_calls', 'score_max >= score_mean - 1e-9 IS NOT FALSE'],
  mart_coverage: [
    'with_transcript + pending + gave_up + without_transcript = calls',
    'greatest(private, with_run, with_opportunity, with_outcome, eligible, ambiguous_opportunity) <= calls',
    'eligible <= least(with_run, with_outcome)',
  ],
  mart_run_health: [
    'succeeded_n + failed_n + cancelled_n + other_status_n = n_runs',
    'coalesce(list_sum(list_transform(errors, lambda e: e.n)), 0) <= n_runs',
  ],
  mart_brick_quality: ['null_n + missing_n <= n', 'quotes_found <= quotes_checked', 'quotes_checked <= quotes'],
  mart_product_knowledge: ['incorrect_n + imprecise_n <= claims_checked', 'pricing_misstated_n <= pricing_checked_n'],
  mart_knowledge_gaps: ['n_4w + n_prev_4w <= n_calls', 'n_reps <= n_calls', 'first_seen <= last_seen'],
  mart_pricing_audit_weekly: [
    'tier_correct_n <= n_tier_checked',
    'tier_correct_rate BETWEEN tier_correct_low AND tier_correct_high IS NOT FALSE',
  ],
  mart_messaging_drift: [
    'n_used <= n_checked',
    'used_rate BETWEEN used_rate_low AND used_rate_high IS NOT FALSE',
    'days_since_enablement_max // 7 = bucket',
  ],
  mart_unified_deal_score: [
    'list_sum(list_transform(by_source, lambda s: s.n_signals)) = n_signals',
    'len(by_source) = n_sources',
    '(coverage = 1) = (missing_signals IS NULL)',
  ],
  mart_deal_readiness: [
    'len(items) = n_items',
    'n_confirmed + n_unknown <= n_items',
    'readiness_pct BETWEEN 0 AND 100',
  ],
  mart_win_correlation: ['n_won + n_lost = n_deals'],
  mart_framework_ab: ['n_won + n_lost = n_deals'],
};

describe('every mart', () => {
  test('has rows of the hostile world, one a key, without NULL where its comment allows none, with counts that add up', async () => {
    const warehouse = await made();
    for (const view of views) {
      await warehouse.run(`CREATE TEMP TABLE snapshot AS FROM ${view}`);
      expect((await warehouse.row('SELECT count(*) AS n FROM snapshot'))['n'], view).toBeGreaterThan(0n);
      const columns = await warehouse.rows(
        `SELECT column_name AS name, data_type AS type, regexp_matches(comment, '^Key[.,]') AS is_key,
           comment LIKE '%NULL%' OR column_name IN ('level', 'kit_version_id') AS may_be_null
         FROM duckdb_columns() WHERE table_name = '${view}'`,
      );
      const keys = columns.filter((column) => column['is_key']);
      const key = keys.map(({ name }) => `"${name}"`).join(', ');
      expect(await warehouse.rows(`SELECT ${key} FROM snapshot GROUP BY ${key} HAVING count(*) > 1`), view).toEqual([]);
      const rules = [
        ...keys.filter((column) => !column['may_be_null']).map(({ name }) => `"${name}" IS NOT NULL`),
        ...columns.filter(({ type }) => type === 'DOUBLE').map(({ name }) => `isfinite("${name}") IS NOT FALSE`),
        ...(sums[view] ?? []),
      ];
      for (const rule of rules)
        expect(await warehouse.rows(`FROM snapshot WHERE (${rule}) IS NOT TRUE`), `${view}: ${rule}`).toEqual([]);
      const wide = columns.filter(({ type }) => String(type).includes('HUGEINT')).map(({ name }) => name);
      expect(wide, view).toEqual([]);
      await warehouse.run('DROP TABLE snapshot');
    }
    warehouse.close();
  }, 180_000);

  test.each(['America/Los_Angeles', 'Pacific/Auckland', 'Asia/Kolkata'])(
    'is the same where the reader lives in %s',
    async (zone) => {
      const warehouse = await openWarehouse();
      await warehouse.run(`SET TimeZone = '${zone}'`);
      await warehouse.createMarts(world.settings);
      await fill(warehouse, world);
      expect(await contents(warehouse)).toEqual(await expected());
      warehouse.close();
    },
  );

  test('is the same after a replay: the same rows in another order, and marts made again', async () => {
    const warehouse = await made();
    for (const stream of Object.keys(streamColumns)) await warehouse.run(`TRUNCATE ${stream}`);
    await fill(warehouse, world, true);
    await warehouse.createMarts(world.settings);
    expect(await contents(warehouse)).toEqual(await expected());
    warehouse.close();
  });

  test.each(['main', 'gong'])(
    'is the same when the file is attached under another name, in schema %s',
    async (schema) => {
      const path = join(temporaryFolder(), 'w.duckdb');
      const options = schema === 'main' ? { path } : { path, schema };
      (await made(options)).close();
      const reader = await openWarehouse({ streams: ['calls', 'semarize_runs'] });
      await reader.createMarts();
      await reader.run(`ATTACH '${path}' AS elsewhere (READ_ONLY)`);
      // The reader's own tables and views of the same names are empty, and must not be read.
      expect(await contents(reader, `elsewhere.${schema}.`)).toEqual(await expected());
      reader.close();
    },
  );

  test('is the same over views, as a lake has them', async () => {
    const tables = await made();
    const folder = temporaryFolder();
    const lake = await openWarehouse({ streams: [] });
    for (const stream of Object.keys(streamColumns) as StreamName[]) {
      await tables.run(`COPY ${stream} TO '${folder}/${stream}.parquet'`);
      await lake.run(`CREATE VIEW ${stream} AS FROM read_parquet('${folder}/${stream}.parquet')`);
    }
    await lake.createMarts(world.settings);
    await tables.run(`COPY ext_conversations TO '${folder}/ext.parquet'`);
    await lake.run(`INSERT INTO ext_conversations BY NAME FROM read_parquet('${folder}/ext.parquet')`);
    expect(await contents(lake)).toEqual(await expected());
    for (const warehouse of [tables, lake]) warehouse.close();
  });
});
