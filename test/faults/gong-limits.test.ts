// Group G: waiting when asked to, rights, hosts, and a service that fails.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import {
  closedThrough,
  day,
  failureOf,
  getTranscripts,
  listCalls,
  withCalls,
  withPages,
} from '../support/gong-faults.ts';
import type { Harness, HarnessOptions } from '../support/sync-harness.ts';

const forEver = Number.POSITIVE_INFINITY;

/** As a user has it: two requests a second. */
async function harnessOf({ config, ...options }: Partial<HarnessOptions> = {}): Promise<Harness> {
  const settings = { gongRequestsPerSecond: 3, ...options.settings };
  return (await withPages({ ...options, settings, config: { gong_requests_per_second: 2, ...config } })).harness;
}

const countOf = async (harness: Harness, table: string) =>
  Number((await harness.rows(`select count(*) as n from ${table}`))[0]?.['n']);

describe('limits', () => {
  test('G19 429 with Retry-After: 7 pauses everything for at least seven seconds', async () => {
    const harness = await harnessOf();
    harness.sandbox.faults.add({ on: listCalls, after: 2, do: faultAnswers.tooManyRequests({ retryAfter: '7' }) });
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

  test.each([
    ['an HTTP date, by the server’s clock', (now: number) => new Date(now + 90_000).toUTCString(), 90_000],
    ['a date that is past', (now: number) => new Date(now - 3_600_000).toUTCString(), 0],
    ['zero', () => '0', 0],
    ['a negative number', () => '-30', 0],
    ['no number', () => 'soon', 0],
    ['a number that is not in digits', () => '1e9', 0],
    ['nothing', () => '', 0],
  ])('G20 a Retry-After that is %s', async (_, header, atLeast) => {
    const harness = await harnessOf();
    // This machine is an hour ahead of Gong: a date may not be measured against its clock.
    harness.skewMs = 3_600_000;
    const retryAfter = header(harness.clock.now());
    const fault = harness.sandbox.faults.add({ on: listCalls, do: faultAnswers.tooManyRequests({ retryAfter }) });
    const { failure } = await harness.sync();
    expect(failure).toBe(undefined);
    expect(fault.played).toBe(1);
    const [refused, next] = harness.sandbox.ledger.of(listCalls);
    const gap = (next?.atMs ?? 0) - (refused?.atMs ?? 0);
    // The date holds whole seconds.
    expect(gap).toBeGreaterThanOrEqual(atLeast - 1000);
    expect(gap).toBeLessThanOrEqual(Math.max(atLeast, 1000));
  });

  test('G20 two Retry-After headers: the first counts', async () => {
    const harness = await harnessOf();
    harness.sandbox.faults.add({ on: listCalls, do: faultAnswers.tooManyRequests({ retryAfter: ['9', '1'] }) });
    await harness.syncWell();
    const [refused, next] = harness.sandbox.ledger.of(listCalls);
    expect((next?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThanOrEqual(9000);
  });

  test('G21 hours to wait: what was read is committed, no retry, and the time to go on is named', async () => {
    const harness = await harnessOf();
    harness.sandbox.faults.add({
      on: listCalls,
      after: 3,
      times: forEver,
      do: faultAnswers.tooManyRequests({ retryAfter: '30000' }),
    });
    const failure = await failureOf(harness);
    expect(failure.area).toBe('quota');
    expect(failure.resumeAt).toBeGreaterThan(harness.clock.now() + 29_000_000);
    expect(failure.hint).toContain(new Date(failure.resumeAt ?? 0).toISOString().slice(0, 10));
    expect(harness.sandbox.ledger.of(listCalls).filter(({ status }) => status === 429)).toHaveLength(1);
    expect(await countOf(harness, 'calls')).toBeGreaterThanOrEqual(20);
    harness.sandbox.faults.clear();
    await harness.syncWell();
    expect(await countOf(harness, 'calls')).toBeGreaterThan(50);
  });

  test('G21 G31 pages that were read before the end came are handed on, their transcripts too', async () => {
    const harness = await harnessOf();
    harness.sandbox.faults.add({
      on: listCalls,
      after: 3,
      times: forEver,
      do: faultAnswers.tooManyRequests({ retryAfter: '30000' }),
    });
    await failureOf(harness);
    const asked = new Set(harness.sandbox.ledger.of(getTranscripts).flatMap(({ callIds }) => callIds ?? []));
    expect(asked.size).toBeGreaterThan(20);
    expect(await countOf(harness, 'calls')).toBe(30);
    expect(await harness.rows('select call_id from transcripts')).toHaveLength(
      (await harness.rows(`select 1 from calls where transcript_status = 'available'`)).length,
    );
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

  test('G23 a wrong host answers 401 and is named as a suspect', async () => {
    const failure = await failureOf(await harnessOf({ settings: { wrongHost: true } }));
    expect(failure.area).toBe('credentials');
    expect(failure.message).toContain('API host');
  });

  test('G23 a redirect to another host is not followed with the key', async () => {
    const harness = await harnessOf();
    let elsewhere = 0;
    const other = createServer((_, response) => {
      elsewhere += 1;
      response.end('{}');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    harness.sandbox.faults.add({
      on: listCalls,
      times: forEver,
      do: faultAnswers.redirect(`http://127.0.0.1:${port}/v2/calls/extensive`),
    });
    const failure = await failureOf(harness);
    expect(failure.area).toBe('config');
    expect(failure.message).toContain('redirect');
    expect(failure.hint).toContain('GONG_BASE_URL');
    expect(harness.sandbox.ledger.count(listCalls)).toBe(1);
    expect(elsewhere).toBe(0);
  });

  test('G31 a key that is revoked mid-sync stops it without a retry; what was whole is kept', async () => {
    const harness = await harnessOf();
    harness.sandbox.faults.add({
      on: getTranscripts,
      after: 2,
      times: forEver,
      do: faultAnswers.status(401, 'Validate credentials failed.'),
    });
    expect((await failureOf(harness)).area).toBe('credentials');
    expect(harness.sandbox.ledger.of(getTranscripts).filter(({ status }) => status === 401).length).toBeLessThanOrEqual(
      2,
    );
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
    harness.sandbox.faults.add({ on: listCalls, after: 3, times: 2, do: faultAnswers.html(502) });
    await harness.syncWell();
    expect(harness.sandbox.ledger.of(listCalls).filter(({ hasCursor }) => !hasCursor)).toHaveLength(1);
  });

  test('G30 what fails for good in a late window leaves the windows before it closed', async () => {
    const harness = await withCalls(
      ['2025-12-20', '2026-01-20', '2026-02-20'].map((date) => ({ started: `${date}T10:00:00Z` })),
      { config: { kits: [], start_date: '2025-12-10' } },
    );
    const third = Date.parse('2026-02-08');
    harness.sandbox.faults.add({
      on: ({ route, body }) => route === listCalls && body.includes('"fromDateTime":"2026-02-08'),
      times: forEver,
      do: faultAnswers.status(500, 'Internal server error occurred'),
    });
    expect((await failureOf(harness)).area).toBe('service');
    expect(await closedThrough(harness)).toBe(third);
    expect(await countOf(harness, 'calls')).toBe(2);
    harness.sandbox.ledger.clearRequests();
    harness.sandbox.faults.clear();
    await harness.syncWell();
    expect(await countOf(harness, 'calls')).toBe(4);
    const from = harness.sandbox.ledger.of(listCalls).map((request) => Date.parse(request.from ?? ''));
    expect(Math.min(...from)).toBe(third - 7 * day);
  });

  test('a service that fails for good ends with a clear error, everything before it kept, and the next sync heals', async () => {
    const harness = await harnessOf({ config: { start_date: '2026-01-01' } });
    harness.sandbox.faults.add({ on: listCalls, after: 4, times: forEver, do: { kind: 'reset' } });
    const failure = await failureOf(harness);
    expect(failure.area).toBe('service');
    expect(failure.message).toMatch(/\/v2\/calls\/extensive in \d tries/);
    harness.sandbox.faults.clear();
    await harness.syncWell();
    expect(await harness.rows('select call_id from calls group by 1 having count(*) > 1')).toEqual([]);
    expect(await countOf(harness, 'calls')).toBeGreaterThan(50);
  });
});
