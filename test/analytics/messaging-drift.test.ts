import { afterEach, describe, expect, test } from 'vitest';
import { callRow, runRow } from './deals-fixture.ts';
import { wilson } from './statistics.ts';
import type { Warehouse } from './warehouse.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
afterEach(() => warehouse.close());

const trainedOn = Date.UTC(2026, 3, 1);
const dayMs = 86_400_000;
const training = { event_id: 'kickoff', element: 'value_prop', trained_on: '2026-04-01' };
const people = [
  { email: 'a@x.com', team: 'EMEA' },
  { email: 'b@x.com', team: 'US' },
];

interface Told {
  /** Days after 2026-04-01T00:00Z. */
  day: number;
  bricks: Record<string, unknown>;
  columns?: Record<string, unknown>;
}

async function load(told: readonly Told[], settings: Record<string, unknown>): Promise<void> {
  warehouse = await openWarehouse();
  await warehouse.insert(
    'calls',
    told.map(({ day, columns }, i) =>
      callRow({
        id: `c${i}`,
        columns: {
          started_at: new Date(trainedOn + day * dayMs).toISOString(),
          owner_email: 'a@x.com',
          owner_name: 'Ann',
          ...columns,
        },
      }),
    ),
  );
  await warehouse.insert(
    'semarize_runs',
    told.map(({ bricks }, i) => runRow({ call: `c${i}`, bricks })),
  );
  await warehouse.createMarts({ people, ...settings });
}
const drift = (columns = '*') =>
  warehouse.rows(`SELECT ${columns} FROM mart_messaging_drift ORDER BY event_id, element, bucket`);
const used = (day: number, value: unknown, columns = {}): Told => ({
  day,
  bricks: { approved_messaging_used: value },
  columns,
});

describe('mart_messaging_drift', () => {
  test('is that of the guide: bucket 2, used rate 0, severity .71, value_prop', async () => {
    const guide = {
      approved_messaging_used: false,
      drift_category: 'value_prop',
      drift_severity: 0.71,
      days_since_enablement: 99,
    };
    await load([{ day: 14, bricks: guide }], { enablement: [training] });
    expect(await drift()).toEqual([
      {
        event_id: 'kickoff',
        element: 'value_prop',
        bucket: 2n,
        kit_code: 'KIT',
        kit_version_id: 'v1',
        days_since_enablement_min: 14n,
        days_since_enablement_max: 14n,
        n_checked: 1n,
        n_calls: 1n,
        n_reps: 1n,
        n_used: 0n,
        used_rate: 0,
        used_rate_low: expect.closeTo(wilson(0, 1)[0] ?? 0, 12),
        used_rate_high: expect.closeTo(wilson(0, 1)[1] ?? 0, 12),
        target: null,
        severity_n: 1n,
        severity_mean: 0.71,
        severity_p90: 0.71,
        top_drift_category: 'value_prop',
        baseline_n: 0n,
        baseline_rate: null,
        delta: null,
      },
    ]);
  });

  test('counts whole days in UTC, and compares with the 30 days before the training', async () => {
    await load(
      [
        used(-30, true),
        used(-0.001, false),
        used(-30.001, false),
        used(0, true),
        used(6.999, true),
        used(6.5, false),
        used(6.5, null),
        used(7, true),
      ],
      { enablement: [training] },
    );
    expect(
      await drift(
        'bucket, days_since_enablement_max AS last, n_calls, n_checked, n_used, baseline_n, baseline_rate, delta',
      ),
    ).toEqual([
      {
        bucket: 0n,
        last: 6n,
        n_calls: 4n,
        n_checked: 3n,
        n_used: 2n,
        baseline_n: 2n,
        baseline_rate: 0.5,
        delta: expect.closeTo(2 / 3 - 0.5, 12),
      },
      { bucket: 1n, last: 7n, n_calls: 1n, n_checked: 1n, n_used: 1n, baseline_n: 2n, baseline_rate: 0.5, delta: 0.5 },
    ]);
  });

  test('takes the latest training on or before the call, of the element and for the team', async () => {
    await load(
      [
        used(1, true),
        used(10, true),
        used(10, false, { owner_email: 'B@X.com' }),
        used(10, true, { owner_email: null }),
      ],
      {
        bricks: [{ brick_key: 'approved_messaging_used', element: 'value_prop' }],
        enablement: [
          training,
          { ...training, event_id: 'of EMEA', team: 'EMEA', trained_on: '2026-04-10' },
          { ...training, event_id: 'of everyone, same day', trained_on: '2026-04-10' },
          { ...training, event_id: 'later', trained_on: '2026-05-10' },
          { ...training, event_id: 'other', element: 'pricing' },
        ],
      },
    );
    expect(await drift('event_id, bucket, n_checked, n_used')).toEqual([
      { event_id: 'kickoff', bucket: 0n, n_checked: 1n, n_used: 1n },
      { event_id: 'of EMEA', bucket: 0n, n_checked: 1n, n_used: 1n },
      { event_id: 'of everyone, same day', bucket: 0n, n_checked: 2n, n_used: 1n },
    ]);
  });

  test('has the most frequent category, of equals the first by name, and the interpolated 90th percentile', async () => {
    const told = (category: string | null, severity: number | null): Told => ({
      day: 3,
      bricks: { drift_category: category, drift_severity: severity },
    });
    await load([told('zeta', 1), told('beta', 0), told('beta', 0.5), told('zeta', null), told(null, null)], {
      enablement: [training],
    });
    const [row] = await drift();
    expect(row).toMatchObject({
      top_drift_category: 'beta',
      severity_n: 3n,
      severity_mean: 0.5,
      n_calls: 5n,
      n_checked: 0n,
      used_rate: null,
    });
    expect(row?.['severity_p90']).toBeCloseTo(0.9, 12);
  });

  test('is empty without trainings', async () => {
    await load([used(1, true)], {});
    expect(await drift()).toEqual([]);
    expect(await warehouse.rows('FROM mart_drift_elements')).toEqual([]);
  });
});

describe('mart_drift_elements', () => {
  test('ranks elements by how fast the used rate falls, each week as heavy as its answers', async () => {
    const answers = (day: number, brick: string, ...values: boolean[]) =>
      values.map((value): Told => ({ day, bricks: { [brick]: value } }));
    await load(
      [
        ...answers(0, 'falls', true, true, true, true),
        ...answers(14, 'falls', true, false),
        ...answers(22, 'falls', false),
        ...answers(0, 'holds', true),
        ...answers(7, 'holds', true),
        ...answers(7, 'once', true),
      ],
      {
        bricks: ['falls', 'holds', 'once'].map((key) => ({
          brick_key: key,
          element: key,
          role: 'approved_messaging_used',
          threshold: 0.5,
        })),
        enablement: ['falls', 'holds', 'once'].map((element) => ({ ...training, element })),
      },
    );
    const rows = await warehouse.rows('FROM mart_drift_elements ORDER BY element');
    expect(rows).toMatchObject([
      {
        element: 'falls',
        n_buckets: 3n,
        n_checked: 7n,
        n_first: 4n,
        used_rate_first: 1,
        last_bucket: 3n,
        n_last: 1n,
        used_rate_last: 0,
        first_week_below_target: 3n,
        decay_rank: 1n,
      },
      { element: 'holds', slope_per_30d: 0, first_week_below_target: null, decay_rank: 2n },
      { element: 'once', slope_per_30d: null, decay_rank: null, target: 0.5 },
    ]);
    // The same by every answer: weeks 0, 0, 0, 0, 2, 2, 3 and used 1, 1, 1, 1, 1, 0, 0.
    const [xs, ys] = [
      [0, 0, 0, 0, 2, 2, 3],
      [1, 1, 1, 1, 1, 0, 0],
    ];
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const [mx, my] = [mean(xs), mean(ys)];
    const slope = mean(xs.map((x, i) => (x - mx) * ((ys[i] ?? 0) - my))) / mean(xs.map((x) => (x - mx) ** 2));
    expect(rows[0]?.['slope_per_30d']).toBeCloseTo((slope / 7) * 30, 12);
  });
});
