// Group G: waiting when asked to, rights, and a service that fails. Groups T and C where they concern the source.
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { type Harness, type HarnessOptions, kitA, startHarness } from '../support/sync-harness.ts';

const day = 86_400_000;
const endsAt = Date.parse('2026-03-02T00:00:00Z');
const list = 'POST /v2/calls/extensive';
const transcripts = 'POST /v2/calls/transcript';

function harnessOf(options: Partial<HarnessOptions> = {}): Promise<Harness> {
  const world = createWorld({ seed: 4, calls: 60, endsAt, days: 20, oddities: 0 });
  const { config, settings, ...rest } = options;
  return startHarness({
    world,
    now: endsAt + day,
    settings: { pageSize: 10, ...settings },
    config: { kits: [], start_date: '2026-02-05', ...config },
    ...rest,
  });
}

async function failureOf(harness: Harness, request = {}): Promise<ConnectorError> {
  const { failure } = await harness.sync(request);
  if (!(failure instanceof ConnectorError)) throw new Error(`no ConnectorError but ${String(failure)}`);
  return failure;
}

describe('limits', () => {
  test('G19 429 with Retry-After: 7 pauses everything for at least seven seconds', async () => {
    const harness = await harnessOf();
    harness.sandbox.faults.add({ on: list, after: 2, do: faultAnswers.tooManyRequests({ retryAfter: '7' }) });
    await harness.syncWell();
    const gong = harness.sandbox.ledger.requests.filter(({ service }) => service === 'gong');
    const refused = gong.findIndex(({ status }) => status === 429);
    // What was already on its way may still arrive; the next one waits.
    const next = gong.slice(refused + 1).find(({ atMs }) => atMs > (gong[refused]?.atMs ?? 0) + 500);
    expect((next?.atMs ?? 0) - (gong[refused]?.atMs ?? 0)).toBeGreaterThanOrEqual(7000);
    expect(
      gong.filter(({ atMs }) => atMs > (gong[refused]?.atMs ?? 0) && atMs < (gong[refused]?.atMs ?? 0) + 7000).length,
    ).toBeLessThanOrEqual(1);
  });

  test('G21 hours to wait: what was read is committed, no retry, and the time to go on is named', async () => {
    const harness = await harnessOf();
    harness.sandbox.faults.add({
      on: list,
      after: 3,
      times: Number.POSITIVE_INFINITY,
      do: faultAnswers.tooManyRequests({ retryAfter: '30000' }),
    });
    const failure = await failureOf(harness);
    expect(failure.area).toBe('quota');
    expect(failure.resumeAt).toBeGreaterThan(harness.clock.now() + 29_000_000);
    expect(failure.hint).toContain(new Date(failure.resumeAt ?? 0).toISOString().slice(0, 10));
    expect(harness.sandbox.ledger.of(list).filter(({ status }) => status === 429)).toHaveLength(1);
    expect((await harness.rows('select count(*) as n from calls'))[0]?.['n']).toBeGreaterThanOrEqual(20);
    harness.sandbox.faults.clear();
    await harness.syncWell();
    expect((await harness.rows('select count(*) as n from calls'))[0]?.['n']).toBeGreaterThan(50);
  });

  test('G22 the requests of a day are counted across syncs, and the next day is good again', async () => {
    const harness = await harnessOf({ config: { gong_requests_per_day: 15 } });
    await harness.sync();
    const failure = await failureOf(harness);
    expect(failure.area).toBe('quota');
    expect(harness.sandbox.ledger.requests.filter(({ service }) => service === 'gong').length).toBeLessThanOrEqual(15);
    harness.clock.advance(day);
    await harness.syncWell();
  });
});

describe('rights and hosts', () => {
  test('G17 a missing scope is named, at the sync and by what check asks', async () => {
    const harness = await harnessOf({ settings: { scopes: ['api:calls:read:extensive', 'api:users:read'] } });
    const failure = await failureOf(harness);
    expect(failure.area).toBe('credentials');
    expect(failure.message).toContain('api:calls:read:transcript');
  });

  test('G23 a wrong host answers 401 and is named as a suspect; a redirect is not followed with the key', async () => {
    const wrong = await harnessOf({ settings: { wrongHost: true } });
    expect((await failureOf(wrong)).message).toContain('API host');
    const harness = await harnessOf();
    let asked = 0;
    harness.sandbox.faults.add({
      on: list,
      times: Number.POSITIVE_INFINITY,
      do: faultAnswers.redirect('http://127.0.0.1:1/v2/calls/extensive'),
    });
    harness.sandbox.faults.add({
      on: () => {
        asked += 1;
        return false;
      },
      do: { kind: 'reset' },
    });
    expect((await failureOf(harness)).message).toContain('redirect');
    expect(harness.sandbox.ledger.count(list)).toBe(1);
    expect(asked).toBe(0);
  });

  test('G31 a key that is revoked mid-sync stops it without a retry; what was whole is kept', async () => {
    const harness = await harnessOf();
    harness.sandbox.faults.add({
      on: transcripts,
      after: 2,
      times: Number.POSITIVE_INFINITY,
      do: faultAnswers.status(401, 'Validate credentials failed.'),
    });
    expect((await failureOf(harness)).area).toBe('credentials');
    expect(harness.sandbox.ledger.of(transcripts).filter(({ status }) => status === 401).length).toBeLessThanOrEqual(2);
    const rows = await harness.rows('select call_id from calls order by 1');
    expect(rows.length).toBeGreaterThanOrEqual(20);
    harness.sandbox.faults.clear();
    await harness.syncWell();
    expect((await harness.rows(`select call_id from calls where transcript_status = 'available'`)).length).toBe(
      (await harness.rows('select call_id from transcripts')).length,
    );
  });
});

describe('a service that fails', () => {
  test('G30 a 502 on a late page is repeated, and earlier pages are not read again', async () => {
    const harness = await harnessOf();
    harness.sandbox.faults.add({ on: list, after: 3, times: 2, do: faultAnswers.html(502) });
    await harness.syncWell();
    expect(harness.sandbox.ledger.of(list).filter(({ hasCursor }) => !hasCursor)).toHaveLength(1);
  });

  test('a service that fails for good ends with a clear error, everything before it kept, and the next sync heals', async () => {
    const harness = await harnessOf({ config: { start_date: '2026-01-01' } });
    harness.sandbox.faults.add({ on: list, after: 4, times: Number.POSITIVE_INFINITY, do: { kind: 'reset' } });
    const failure = await failureOf(harness);
    expect(failure.area).toBe('service');
    expect(failure.message).toMatch(/\/v2\/calls\/extensive in \d tries/);
    harness.sandbox.faults.clear();
    await harness.syncWell();
    expect(await harness.rows('select call_id from calls group by 1 having count(*) > 1')).toEqual([]);
    expect((await harness.rows('select count(*) as n from calls'))[0]?.['n']).toBeGreaterThan(50);
  });
});

describe('clocks', () => {
  const calls = createHandmadeWorld([
    { id: '1000000000000000001', started: endsAt - 3 * day },
    { id: '1000000000000000002', started: endsAt + 2 * 60_000, durationS: 60 },
  ]);
  const closed = async (harness: Harness) =>
    Date.parse(
      String((await harness.rows(`select streams->'calls'->>'closedThrough' as at from _gong_elt.state`))[0]?.['at']),
    );

  test('T2 a client ten minutes ahead closes no window that Gong has not reached', async () => {
    const harness = await startHarness({
      world: calls,
      now: endsAt,
      settings: { dateHeader: -10 * 60_000 },
      config: { kits: [] },
    });
    await harness.syncWell();
    expect(await closed(harness)).toBeLessThanOrEqual(harness.clock.now() - 15 * 60_000);
    expect(harness.logged.map(({ message }) => message).join()).toContain('clocks');
  });

  test('T5 without a Date header, or with one far in the future, the own clock counts', async () => {
    for (const dateHeader of ['none', 30 * day] as const) {
      const harness = await startHarness({ world: calls, now: endsAt, settings: { dateHeader }, config: { kits: [] } });
      await harness.syncWell();
      expect(await closed(harness)).toBe(endsAt - 5 * 60_000);
    }
  });

  test('T1 a clock that was set back does not move a bookmark back', async () => {
    const harness = await startHarness({ world: calls, now: endsAt, config: { kits: [] } });
    await harness.syncWell();
    const before = await closed(harness);
    harness.sandbox.settings.dateHeader = -5 * 3_600_000;
    await harness.syncWell();
    expect(await closed(harness)).toBe(before);
  });
});

describe('streams and settings that change', () => {
  const world = createHandmadeWorld(
    [1, 2, 3].map((n) => ({ id: `800000000000000000${n}`, started: endsAt - n * 20 * day })),
  );
  const count = async (harness: Harness, table: string) =>
    Number((await harness.rows(`select count(*) as n from ${table}`))[0]?.['n']);

  test('a stream that is selected later starts at start_date, and the others stay where they are', async () => {
    const harness = await startHarness({ world, now: endsAt });
    await harness.syncWell({ streams: ['calls'] });
    expect(await harness.rows('select distinct transcript_status from calls')).toEqual([
      { transcript_status: 'not_requested' },
    ]);
    expect(harness.sandbox.ledger.count(transcripts)).toBe(0);
    await harness.syncWell();
    expect(await count(harness, 'transcripts')).toBe(3);
    expect(await harness.rows('select distinct transcript_status from calls')).toEqual([
      { transcript_status: 'available' },
    ]);
    expect(harness.sandbox.ledger.distinctRuns).toBe(3);
  });

  test('semarize_runs alone reads what it needs and emits nothing else', async () => {
    const harness = await startHarness({ world, now: endsAt });
    await harness.syncWell({ streams: ['semarize_runs'] });
    expect(await count(harness, 'semarize_runs')).toBe(3);
    await harness.syncWell({ streams: ['semarize_runs'] });
    expect(harness.sandbox.ledger.distinctRuns).toBe(3);
    expect(
      await harness.rows(`select table_name from duckdb_tables() where table_name in ('calls', 'transcripts')`),
    ).toEqual([]);
  });

  test('C8 other workspace_ids than those of the state are refused before any request', async () => {
    const harness = await startHarness({ world, now: endsAt, config: { kits: [] } });
    await harness.syncWell();
    const asked = harness.sandbox.ledger.requests.length;
    harness.config['workspace_ids'] = ['12345'];
    await expect(harness.sync()).rejects.toThrow(/workspace/);
    expect(harness.sandbox.ledger.requests.length).toBe(asked);
  });

  test('several workspaces are listed one by one; end_date ends the listing', async () => {
    const base = createHandmadeWorld([{ started: endsAt }]);
    const [first, second] = base.workspaces.map(({ id }) => id);
    const both = createHandmadeWorld([
      { id: '9000000000000000001', started: endsAt - 5 * day, workspaceId: first ?? '' },
      { id: '9000000000000000002', started: endsAt - 5 * day, workspaceId: second ?? first ?? '' },
      { id: '9000000000000000003', started: endsAt - day, workspaceId: first ?? '' },
    ]);
    const harness = await startHarness({
      world: both,
      now: endsAt,
      config: {
        kits: [],
        workspace_ids: [first ?? '', second ?? first ?? ''],
        end_date: new Date(endsAt - 2 * day).toISOString(),
      },
    });
    await harness.syncWell();
    expect((await harness.rows('select call_id from calls order by 1')).map((row) => row['call_id'])).toEqual([
      '9000000000000000001',
      '9000000000000000002',
    ]);
  });

  test('a try-out of two calls leaves rows and moves no bookmark', async () => {
    const harness = await startHarness({ world, now: endsAt, config: { kits: [{ code: kitA }] } });
    await harness.syncWell({ limit: 2 });
    expect(await count(harness, 'calls')).toBe(2);
    await harness.syncWell();
    expect(await count(harness, 'calls')).toBe(3);
    expect(harness.sandbox.ledger.distinctRuns).toBe(3);
  });
});
