// M7: a listing that cannot be all of its window leaves the window open, and the next sync reads it again.
import { describe, expect, test } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/exchange.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { discoverCatalog, errorsOf, messagesOf, runSource, statusesOf } from '../hosts/airbyte/bins.ts';
import { closedThrough, day, endsAt, failureOf, idsIn, listCalls, withPages } from '../support/gong-faults.ts';
import { createHost } from '../support/host.ts';
import { runGongElt } from '../support/run-node.ts';
import { openSourcePlace } from '../support/source-place.ts';
import { startHarness } from '../support/sync-harness.ts';

const forEver = Number.POSITIVE_INFINITY;
const isLaterPage = ({ route, json }: SandboxRequest) =>
  route === listCalls && JSON.stringify(json).includes('"cursor"');
const nothingFound = faultAnswers.status(404, 'No calls found corresponding to the provided filters');
/** Only a window that stayed open brings anything back then. */
const noLookBack = { lookback_hours: 0, deep_lookback_days: 0 };

function listings(harness: Awaited<ReturnType<typeof withPages>>['harness']): number {
  return harness.sandbox.ledger.of(listCalls).filter(({ hasCursor }) => !hasCursor).length;
}

describe('a promised page that is not there', () => {
  test('M7 whatever look-backs there are: the window stays open as long as it lasts, then all calls come', async () => {
    const { harness, shown } = await withPages({ config: noLookBack });
    harness.sandbox.faults.add({ on: isLaterPage, after: 1, times: forEver, do: nothingFound });
    for (let sync = 0; sync < 3; sync++) {
      const failure = await failureOf(harness);
      expect([failure.area, failure.reason]).toEqual(['service', 'listing_contradicts']);
      expect(await closedThrough(harness)).toBe(null);
      // What was listed is kept all the same.
      expect((await idsIn(harness)).length).toBeGreaterThan(0);
      expect((await idsIn(harness)).length).toBeLessThan(shown.length);
      harness.clock.advance(2 * day);
    }
    harness.sandbox.faults.clear();
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);
    expect(await closedThrough(harness)).not.toBe(null);
  });

  test('M7 of several windows those before it close, and those after it wait', async () => {
    const { harness, shown } = await withPages({ config: { ...noLookBack, start_date: '2026-01-20' } });
    const second = new Date(Date.parse('2026-01-20') + 30 * day).toISOString().slice(0, 10);
    const fault = harness.sandbox.faults.add({
      on: (request) => isLaterPage(request) && JSON.stringify(request.json).includes(`"fromDateTime":"${second}`),
      times: forEver,
      do: nothingFound,
    });
    await failureOf(harness);
    expect(fault.played).toBeGreaterThan(2);
    expect(await closedThrough(harness)).toBe(Date.parse(second));
    harness.sandbox.faults.clear();
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);
  });

  test('M7 under a host: the read fails, its state is as open as before, and the next read recovers all', async () => {
    const { harness, shown } = await withPages({ config: noLookBack });
    const host = createHost(harness);
    const fault = harness.sandbox.faults.add({ on: isLaterPage, times: forEver, do: nothingFound });
    for (let read = 0; read < 2; read++) {
      const statuses: string[] = [];
      const { failure, report } = await host.read(undefined, {
        onMessage(message) {
          if (message.type === 'status') statuses.push(`${message.stream} ${message.status}`);
        },
      });
      expect(failure).toMatchObject({ area: 'service', reason: 'listing_contradicts' });
      expect(report?.closedThrough).toBe(null);
      expect(host.states.get('calls')?.['closedThrough'] ?? null).toBe(null);
      expect(statuses).toContain('calls incomplete');
      expect(statuses).not.toContain('calls complete');
      harness.clock.advance(2 * day);
    }
    fault.remove();
    expect((await host.read()).failure).toBeUndefined();
    expect(
      host
        .rows('calls')
        .map((row) => row['call_id'])
        .sort(),
    ).toEqual(shown);
  });

  test('M7 as a process: a sync ends with 6, a host is told INCOMPLETE', async () => {
    const place = await openSourcePlace({ calls: 250, days: 20, oddities: 0 }, { kits: [] });
    place.sandbox.faults.add({ on: isLaterPage, times: forEver, do: nothingFound });
    const to = `${place.folder}/warehouse.duckdb`;
    const synced = await runGongElt(['sync', '--to', to, '--config', place.config], { cwd: place.folder });
    expect(synced.stderr).toContain('contradicts itself');
    expect(synced.code).toBe(6);

    const catalog = await discoverCatalog(place);
    const read = await runSource(['read', '--config', place.config, '--catalog', catalog.path]);
    const messages = messagesOf(read);
    expect(read.code).not.toBe(0);
    expect(statusesOf(messages)).toContain('calls INCOMPLETE');
    expect(statusesOf(messages)).not.toContain('calls COMPLETE');
    expect(errorsOf(messages)).toHaveLength(1);

    place.sandbox.faults.clear();
    const again = await runGongElt(['sync', '--to', to, '--config', place.config], { cwd: place.folder });
    expect(again.code).toBe(0);
  });
});

describe('a count that is far above what is shown', () => {
  /** A sync whose listing lacks `hidden` of the calls that Gong counts. */
  async function withGap(calls: number, hidden: number) {
    const world = createWorld({ seed: 5, calls, endsAt, days: 20, oddities: 0 });
    const harness = await startHarness({
      world,
      now: endsAt + 30 * day,
      settings: { gongRequestsPerSecond: forEver },
      config: { kits: [], start_date: '2026-02-05', gong_requests_per_second: 1000, ...noLookBack },
    });
    const shown = world.calls
      .filter(({ life, startedMs }) => life.erasedMs > endsAt + 30 * day && startedMs >= Date.parse('2026-02-05'))
      .map(({ id }) => id)
      .sort();
    // Far from the end, where no five minutes of safety reach.
    const missing = shown.slice(10, 10 + hidden);
    const fault = harness.sandbox.faults.add({
      on: listCalls,
      times: forEver,
      do: faultAnswers.withoutCalls(missing),
    });
    return { harness, shown, fault };
  }

  test('M7 calls that are still processed at the first sync come with the next, which reads the window again', async () => {
    const { harness, shown, fault } = await withGap(60, 21);
    const report = await harness.syncWell();
    expect(report.calls.gongTotal - report.calls.listed).toBe(21);
    expect(report.closedThrough).toBe(null);
    expect(harness.logged.filter(({ message }) => message.includes('many more calls'))).toHaveLength(1);
    fault.remove();
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);
    expect(await closedThrough(harness)).not.toBe(null);
  });

  test('M7 it waits once: what Gong counts the second time, too, keeps nothing open', async () => {
    const { harness } = await withGap(60, 21);
    await harness.syncWell();
    expect(await closedThrough(harness)).toBe(null);
    await harness.syncWell();
    const through = await closedThrough(harness);
    expect(through).not.toBe(null);
    const before = listings(harness);
    harness.clock.advance(day);
    await harness.syncWell();
    expect(await closedThrough(harness)).toBeGreaterThan(through ?? 0);
    expect(listings(harness)).toBeGreaterThan(before);
    expect(harness.logged.filter(({ message }) => message.includes('many more calls'))).toHaveLength(1);
  });

  test.each([
    [60, 20, 'closes'],
    [60, 21, 'stays open'],
    [500, 22, 'closes'],
    [500, 40, 'stays open'],
  ] as const)('M7 of about %i calls %i not shown: the window %s', async (calls, hidden, ends) => {
    const { harness } = await withGap(calls, hidden);
    const { calls: counts } = await harness.syncWell();
    expect(counts.gongTotal - counts.listed).toBe(hidden);
    expect((await closedThrough(harness)) === null ? 'stays open' : 'closes').toBe(ends);
  });
});
