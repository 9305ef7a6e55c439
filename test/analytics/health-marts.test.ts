// The marts that say how complete everything else is.
import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

describe('mart_coverage', () => {
  test('counts every call once in each column, by week in UTC and team', async () => {
    warehouse = await openWarehouse();
    const at = (started_at: string, columns = {}) => ({
      started_at,
      owner_email: 'a@x.com',
      transcript_status: 'available',
      ...columns,
    });
    const monday = '2026-05-04T00:00:00Z';
    await warehouse.insert('calls', [
      callRow({ id: 'full', columns: at(monday, { opportunity_count: 1 }) }),
      callRow({ id: 'sunday', columns: at('2026-05-03T23:59:59Z', { transcript_status: 'pending' }) }),
      callRow({ id: 'private', columns: at(monday, { is_private: true, transcript_status: 'private' }) }),
      callRow({ id: 'open', won: null, columns: at(monday, { opportunity_count: 2 }) }),
      callRow({ id: 'no-deal', deal: null, columns: at(monday, { transcript_status: 'gave_up' }) }),
      callRow({ id: 'no-status', columns: at(monday, { transcript_status: null, owner_email: null }) }),
      callRow({ id: 'gone', columns: at(monday, { gone_at: monday }) }),
    ]);
    const run = (call: string, columns = {}) => runRow({ call, bricks: { overall_score: 1 }, columns });
    await warehouse.insert('semarize_runs', [
      run('full'),
      run('full', { run_id: 'again' }),
      run('private', { is_sandbox: true }),
      run('open'),
      run('no-deal', { status: 'failed' }),
      run('no-status', { origin: 'collected' }),
      run('gone'),
    ]);
    await warehouse.createMarts({ people: [{ email: 'a@x.com', team: 'EMEA' }] });
    const nothing = {
      private: 0n,
      pending: 0n,
      gave_up: 0n,
      without_transcript: 0n,
      with_run: 0n,
      with_opportunity: 0n,
      ambiguous_opportunity: 0n,
      with_outcome: 0n,
      eligible: 0n,
      with_transcript: 0n,
    };
    expect(await warehouse.rows('FROM mart_coverage ORDER BY week, team')).toEqual([
      {
        ...nothing,
        week: new Date('2026-04-27T00:00:00Z'),
        team: 'EMEA',
        calls: 1n,
        pending: 1n,
        with_opportunity: 1n,
        with_outcome: 1n,
      },
      {
        ...{
          week: new Date(monday),
          team: 'EMEA',
          calls: 4n,
          private: 1n,
          with_transcript: 2n,
          pending: 0n,
          gave_up: 1n,
          without_transcript: 1n,
        },
        ...{ with_run: 2n, with_opportunity: 3n, ambiguous_opportunity: 1n, with_outcome: 2n, eligible: 1n },
      },
      // A run made elsewhere is a run, but counts in no statistic.
      {
        ...nothing,
        week: new Date(monday),
        team: null,
        calls: 1n,
        without_transcript: 1n,
        with_run: 1n,
        with_opportunity: 1n,
        with_outcome: 1n,
      },
    ]);
  });
});

describe('mart_run_health', () => {
  test('counts every run of the day, whatever became of it', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [callRow({ id: 'c1' })]);
    await warehouse.insert('transcripts', [{ call_id: 'c1', transcript_hash: 'new' }]);
    const run = (run_id: string, requested_at: string | null, columns = {}) =>
      runRow({
        call: 'c1',
        bricks: {},
        columns: { run_id, requested_at, transcript_hash: 'new', input_chars: 100, ...columns },
      });
    await warehouse.insert('semarize_runs', [
      run('r1', '2026-06-02T23:59:59Z', { duration_ms: 1000, transcript_hash: 'old' }),
      run('r2', '2026-06-02T10:00:00Z', { status: 'failed', error_code: 'bad_input', duration_ms: 3000 }),
      run('r3', '2026-06-02T11:00:00Z', { status: 'failed', error_code: 'internal', kit_version_id: null }),
      run('r4', '2026-06-02T12:00:00Z', {
        status: 'failed',
        error_code: 'internal',
        is_sandbox: true,
        call_id: 'not there',
      }),
      run('r5', '2026-06-02T13:00:00Z', { status: 'cancelled', origin: 'collected', input_chars: null, call_id: null }),
      run('r6', null, { status: 'odd', finished_at: '2026-06-03T00:00:00Z' }),
    ]);
    await warehouse.createMarts();
    const rows = await warehouse.rows('FROM mart_run_health ORDER BY day');
    expect(rows).toMatchObject([
      {
        ...{ day: new Date('2026-06-02T00:00:00Z'), kit_code: 'KIT', kit_version_id: null, n_versions: 2n, n_runs: 5n },
        ...{
          succeeded_n: 1n,
          failed_n: 3n,
          cancelled_n: 1n,
          other_status_n: 0n,
          p50_duration_ms: 2000,
          mean_input_chars: 100,
        },
        errors: [
          { error_code: 'internal', n: 2n },
          { error_code: 'bad_input', n: 1n },
        ],
        // r1 came after r2 of the same call and version; r6, of no known time, came before both.
        ...{ sandbox_n: 1n, collected_n: 1n, rerun_n: 2n, text_changed_n: 1n },
      },
      {
        day: new Date('2026-06-03T00:00:00Z'),
        kit_version_id: 'v1',
        n_versions: 1n,
        n_runs: 1n,
        other_status_n: 1n,
        errors: null,
        p50_duration_ms: null,
        rerun_n: 0n,
      },
    ]);
    expect(rows[0]?.['p95_duration_ms']).toBeCloseTo(2900, 9);
  });
});
