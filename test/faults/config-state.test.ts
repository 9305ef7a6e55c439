// Groups C and T where they concern the source: states that are damaged or foreign, settings that change, clocks that lie.
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { openForWriting } from '../../src/duckdb/connection.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { closedThrough, day, hour, idsIn, start, statusOf, syncAt, withCalls } from '../support/gong-faults.ts';
import { type Harness, kitA, kitB, startHarness } from '../support/sync-harness.ts';

const ordinary = '1000000000000000001';

async function changeState(harness: Harness, change: (streams: Record<string, JsonObject>) => void) {
  const [row] = await harness.rows('select streams::varchar as streams from _gong_elt.state');
  const streams = JSON.parse(String(row?.['streams']));
  change(streams);
  const database = await openForWriting(harness.to, { spillFolder: `${harness.to}.spill` });
  try {
    await database.exclusive((session) =>
      session.run('update _gong_elt.state set streams = $1::json', [JSON.stringify(streams)]),
    );
  } finally {
    await database.close();
  }
}

/** The refusal of a sync that did not begin. */
async function refusalOf(harness: Harness): Promise<ConnectorError> {
  const asked = harness.sandbox.ledger.requests.length;
  const refusal = await harness.sync().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(refusal instanceof ConnectorError)) throw new Error(`no ConnectorError but ${String(refusal)}`);
  expect(harness.sandbox.ledger.requests.length).toBe(asked);
  return refusal;
}

describe('states', () => {
  test.each<[string, (streams: Record<string, JsonObject>) => void]>([
    ['of a newer version', ({ calls }) => Object.assign(calls ?? {}, { v: 3 })],
    ['without its bookmark', ({ transcripts }) => delete transcripts?.['closedThrough']],
    ['with a bookmark that is no time', ({ calls }) => Object.assign(calls ?? {}, { closedThrough: 'soon' })],
    ['whose memory is not what we write', ({ calls }) => Object.assign(calls ?? {}, { seen: 'no base64!' })],
    ['of another account', ({ calls }) => Object.assign(calls ?? {}, { fingerprint: '0123456789abcdef' })],
  ])('C4 a state %s is refused with a next step, never taken for none', async (_, damage) => {
    const harness = await withCalls([]);
    await syncAt(harness, start);
    await changeState(harness, damage);
    const before = await harness.rows('select * from _gong_elt.state');
    const refusal = await refusalOf(harness);
    expect(refusal.area).toBe('config');
    expect(refusal.hint).toBeTruthy();
    expect(await harness.rows('select * from _gong_elt.state')).toEqual(before);
  });

  test('C4 a stream whose state is empty starts anew, and what the destination holds is not written again; the others go on', async () => {
    const harness = await withCalls([{ started: start - 40 * day }]);
    await syncAt(harness, start);
    const rows = await harness.rows('select * from transcripts order by call_id');
    const calls = await harness.rows('select * from calls order by call_id');
    await changeState(harness, (streams) => {
      streams['calls'] = {};
    });
    const report = await syncAt(harness, start + hour);
    expect(report.calls).toMatchObject({ listed: 2, new: 0, unchanged: 2 });
    expect(report.transcripts.new).toBe(0);
    expect(await harness.rows('select * from calls order by call_id')).toEqual(calls);
    expect(await harness.rows('select * from transcripts order by call_id')).toEqual(rows);
  });
});

describe('settings that change between syncs', () => {
  test('C6 a start_date after the bookmark opens no gap; one before it reads nothing again', async () => {
    const late = '2000000000000000002';
    const harness = await withCalls([
      { id: '2000000000000000001', started: '2025-12-24T10:00:00Z' },
      { id: late, started: start + 2 * day },
    ]);
    await syncAt(harness, start);
    harness.config['start_date'] = new Date(start + 4 * day).toISOString();
    await syncAt(harness, start + 5 * day);
    expect(await idsIn(harness)).toContain(late);
    harness.config['start_date'] = '2025-12-01';
    await syncAt(harness, start + 6 * day);
    expect(await idsIn(harness)).not.toContain('2000000000000000001');
    // That is asked for.
    await harness.syncWell({ range: { from: Date.parse('2025-12-01'), until: Date.parse('2026-01-01') } });
    expect(await idsIn(harness)).toContain('2000000000000000001');
  });

  test('C6 a start_date in the future is refused', async () => {
    const harness = await withCalls([], { config: { kits: [], start_date: '2027-01-01' } });
    const refusal = await refusalOf(harness);
    expect(refusal.area).toBe('config');
    expect(refusal.message).toContain('start_date');
  });

  test.each<[string, (harness: Harness) => JsonObject, RegExp]>([
    ['workspace_ids', () => ({ workspace_ids: ['12345'] }), /workspace_ids/],
    ['workspace_label', () => ({ workspace_label: 'other' }), /workspace_label/],
    ['a live key for a test key', ({ sandbox }) => ({ semarize_api_key: sandbox.semarizeKeys.test }), /live or test/],
  ])(
    'C8 other %s than the state was made with: refused before any request, nothing bought',
    async (_, change, text) => {
      const harness = await withCalls([], { config: { kits: [{ code: kitA }] } });
      await syncAt(harness, start);
      const before = { ...harness.config };
      Object.assign(harness.config, change(harness));
      const refusal = await refusalOf(harness);
      expect(refusal.message).toMatch(text);
      expect(refusal.hint).toContain('set the configuration back');
      // And back again it goes on.
      for (const key of Object.keys(harness.config)) delete harness.config[key];
      Object.assign(harness.config, before);
      await syncAt(harness, start + hour);
      expect(harness.sandbox.ledger.distinctRuns).toBe(1);
    },
  );

  test('C8 a kit that is added later buys what comes from then on, and no history', async () => {
    const fresh = '2000000000000000003';
    const harness = await withCalls([{ id: fresh, started: start + day }], { config: { kits: [{ code: kitA }] } });
    await syncAt(harness, start);
    harness.config['kits'] = [{ code: kitA }, { code: kitB }];
    await syncAt(harness, start + hour);
    expect(harness.sandbox.ledger.runsPer(ordinary, kitB)).toEqual([]);
    await syncAt(harness, start + 2 * day);
    expect(harness.sandbox.ledger.runsPer(ordinary, kitB)).toEqual([]);
    expect(harness.sandbox.ledger.runsPer(fresh, kitB)).toHaveLength(1);
    expect(harness.sandbox.ledger.runsPer(fresh, kitA)).toHaveLength(1);
  });

  test('C8 another destination starts anew: it says so, and buys no more than max_runs_per_sync', async () => {
    const calls = Array.from({ length: 5 }, (_, nth) => ({ started: start - (nth + 1) * day }));
    const world = createHandmadeWorld(calls);
    const harness = await startHarness({ world, now: start, config: { max_runs_per_sync: 2, kits: [{ code: kitA }] } });
    const { report } = await harness.sync();
    expect(report?.runs).toMatchObject({ bought: 2, waiting: 3 });
    expect(harness.sandbox.ledger.distinctRuns).toBe(2);
    expect(harness.logged.map(({ message }) => message)).toContainEqual(expect.stringContaining('No state'));
  });
});

describe('clocks', () => {
  const minute = 60_000;
  const next = '3000000000000000003';

  test.each([
    ['an hour behind', -hour],
    ['ten minutes ahead', 10 * minute],
    ['a day ahead', day],
  ])('T1 T2 a clock that is %s closes nothing that Gong has not reached, and loses no call', async (_, skew) => {
    const harness = await withCalls([{ id: next, started: start + 30 * minute, durationS: 600 }]);
    harness.skewMs = skew;
    await syncAt(harness, start);
    const closed = (await closedThrough(harness)) ?? 0;
    expect(closed).toBeLessThanOrEqual(harness.clock.now() - 5 * minute);
    expect(harness.logged.map(({ message }) => message).join()).toContain('clocks');
    harness.skewMs = 0;
    await syncAt(harness, start + 2 * hour);
    expect(await idsIn(harness)).toContain(next);
    expect(await statusOf(harness, next)).toBe('available');
  });

  test('T1 a clock that was set back by a day moves no bookmark back, nor one that says 1970', async () => {
    const harness = await withCalls([]);
    await syncAt(harness, start);
    const before = await closedThrough(harness);
    harness.skewMs = -day;
    await syncAt(harness, start + hour);
    expect(await closedThrough(harness)).toBe(before);
    harness.skewMs = -start;
    expect((await refusalOf(harness)).message).toContain('start_date');
    harness.skewMs = 0;
    await syncAt(harness, start + 2 * hour);
    expect(await closedThrough(harness)).toBeGreaterThan(before ?? 0);
  });

  test('T5 without a Date header, or with one that is far ahead, the own clock counts', async () => {
    for (const dateHeader of ['none', 30 * day] as const) {
      const harness = await withCalls([], { settings: { dateHeader } });
      await syncAt(harness, start);
      expect(await closedThrough(harness)).toBe(start - 5 * minute);
      // Nor is the next sweep put off by a month.
      const [row] = await harness.rows(`select streams->'calls'->>'sweptAt' as at from _gong_elt.state`);
      expect(Date.parse(String(row?.['at']))).toBeLessThanOrEqual(harness.clock.now());
    }
  });

  test('T5 with a Date header that is far behind, windows stay open, and all calls arrive once it is right', async () => {
    const harness = await withCalls([{ id: next, started: start + hour, durationS: 600 }], {
      settings: { dateHeader: -30 * day },
    });
    await syncAt(harness, start);
    expect(await closedThrough(harness)).toBeLessThanOrEqual(start - 30 * day);
    harness.sandbox.settings.dateHeader = 'clock';
    await syncAt(harness, start + 2 * hour);
    expect(await idsIn(harness)).toEqual([ordinary, next]);
  });

  test('T4 starts are stored as UTC instants, however Gong writes them and whatever zone this machine is in', async () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'America/New_York';
    try {
      const forms = [
        '2026-02-20T10:00:00-07:00',
        '2026-02-20T17:00:00Z',
        '2026-02-20T17:00:00',
        '2026-02-20T17:00:00.000123+00:00',
      ];
      const ids = forms.map((_, nth) => `350000000000000000${nth}`);
      const harness = await withCalls(ids.map((id) => ({ id, started: '2026-02-20T17:00:00Z' })));
      harness.sandbox.faults.add({
        on: 'POST /v2/calls/extensive',
        times: Number.POSITIVE_INFINITY,
        do: {
          kind: 'change',
          change: (body) => ({
            ...body,
            calls: ((body['calls'] as { metaData: JsonObject }[] | undefined) ?? []).map(({ metaData, ...call }) => ({
              ...call,
              metaData: {
                ...metaData,
                started: forms[ids.indexOf(String(metaData['id']))] ?? metaData['started'] ?? null,
              },
            })),
          }),
        },
      });
      await syncAt(harness, start);
      const stored = await harness.rows(
        `select distinct epoch_ms(started_at) as at from calls where call_id != '${ordinary}'`,
      );
      expect(stored.map((row) => Number(row['at']))).toEqual([Date.parse('2026-02-20T17:00:00Z')]);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
});
