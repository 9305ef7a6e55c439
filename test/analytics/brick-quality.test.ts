import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

describe('mart_brick_quality', () => {
  test('tells null from missing from false, and finds quotes in the transcript', async () => {
    warehouse = await openWarehouse();
    await warehouse.insert('calls', [
      ...['c1', 'c2', 'c3', 'c4'].map((id) => callRow({ id })),
      callRow({ id: 'gone', columns: { gone_at: '2026-05-01T00:00:00Z' } }),
    ]);
    await warehouse.insert('transcripts', [{ call_id: 'c1', text: 'Ann (rep): Größe, really' }]);
    const brick = (call: string, answer: Record<string, unknown>, columns = {}) =>
      runRow({ call, bricks: { [`q"'ü`]: answer }, columns });
    await warehouse.insert('semarize_runs', [
      brick('c1', { value: false, confidence: 0.4, evidence: ['größe!', 'never said'] }),
      brick('c2', { value: 'false', confidence: 0.5, evidence: 'text not stored' }),
      brick('c3', { value: null, confidence: 1.5 }),
      brick('c4', { confidence: null }),
      brick('c4', { value: true }, { run_id: 'other', kit_version_id: null }),
      brick('c4', { value: true }, { run_id: 'sandbox', is_sandbox: true }),
      brick('gone', { value: true }),
    ]);
    await warehouse.createMarts();
    expect(await warehouse.rows('FROM mart_brick_quality ORDER BY kit_version_id')).toEqual([
      {
        ...{
          kit_code: 'KIT',
          kit_version_id: 'v1',
          brick_key: `q"'ü`,
          is_analysed_version: true,
          n: 4n,
          null_n: 1n,
          null_rate: 0.25,
        },
        ...{
          missing_n: 1n,
          missing_rate: 0.25,
          confidence_n: 2n,
          mean_confidence: 0.45,
          low_confidence_share: 0.5,
          distinct_values: 2n,
        },
        ...{ quotes: 3n, quotes_checked: 2n, quotes_found: 1n, quotes_found_rate: 0.5 },
      },
      expect.objectContaining({
        kit_version_id: null,
        is_analysed_version: false,
        n: 1n,
        quotes: 0n,
        quotes_found_rate: null,
        mean_confidence: null,
      }),
    ]);
  });
});
