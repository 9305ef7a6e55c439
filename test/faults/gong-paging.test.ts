// Group G: pages, cursors, counts and answers that are not what they seem.
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/core/json.ts';
import type { SandboxRequest } from '../../src/sandbox/exchange.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { closedThrough, day, endsAt, failureOf, idsIn, listCalls, withPages } from '../support/gong-faults.ts';
import { type Harness, startHarness } from '../support/sync-harness.ts';

const forEver = Number.POSITIVE_INFINITY;
const isLaterPage = ({ route, json }: SandboxRequest) =>
  route === listCalls && JSON.stringify(json).includes('"cursor"');

/** Lets the sandbox's clock reach `ms` when page `nth` of the listing is asked for (the first is 1). */
function moveClockAtPage(harness: Harness, nth: number, ms: number) {
  let page = 0;
  harness.sandbox.faults.add({
    on: ({ route }) => {
      if (route === listCalls && ++page === nth) harness.clock.set(ms);
      return false;
    },
    do: { kind: 'reset' },
  });
}

describe('cursors', () => {
  test('G6 a page cursor that expires mid-window restarts that window only, and no call is lost or twice', async () => {
    const { harness, shown } = await withPages({ config: { start_date: '2026-01-01' } });
    const fault = harness.sandbox.faults.add({
      on: isLaterPage,
      after: 2,
      do: faultAnswers.expiredCursor(),
    });
    await harness.syncWell();
    expect(fault.played).toBe(1);
    expect(await idsIn(harness)).toEqual(shown);
    const starts = harness.sandbox.ledger
      .of(listCalls)
      .filter(({ hasCursor }) => !hasCursor)
      .map(({ from }) => from);
    expect(new Set(starts).size).toBe(starts.length - 1);
  });

  test('G6 cursors that die after one page of ten halve the window until it fits', async () => {
    const { harness, shown } = await withPages({ settings: { cursorLifetimeMs: 0 } });
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);
    expect(await harness.rows('select call_id from calls group by 1 having count(*) > 1')).toEqual([]);
  });

  test('G7 a 400 with a cursor is tried like an expired one; a 401 never is', async () => {
    const { harness, shown } = await withPages();
    const refused = faultAnswers.status(400, 'Bad request');
    harness.sandbox.faults.add({
      on: isLaterPage,
      do: refused,
    });
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);

    const second = await withPages();
    second.harness.sandbox.faults.add({
      on: isLaterPage,
      times: forEver,
      do: faultAnswers.status(401, 'Validate credentials failed. Please check your credentials and try again.'),
    });
    const failure = await failureOf(second.harness);
    expect(failure.area).toBe('credentials');
    expect(failure.hint).toContain('GONG_BASE_URL');
  });

  test('G8 a count that moves between pages has the window listed again', async () => {
    const { harness, shown } = await withPages();
    harness.sandbox.faults.add({ on: listCalls, after: 2, do: faultAnswers.totalRecords((right) => right + 1) });
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);
    expect(harness.sandbox.ledger.of(listCalls).filter(({ hasCursor }) => !hasCursor)).toHaveLength(2);
  });

  test('G8 a call that vanishes while pages are read pushes none over the edge of a page', async () => {
    // Twelve calls, five a page; the first one is erased when the second page is about to be read: the sixth would be skipped.
    const at = (nth: number) => endsAt - (20 - nth) * 3_600_000;
    const names = Array.from({ length: 12 }, (_, nth) => `81000000000000${String(nth).padStart(2, '0')}`);
    const world = createHandmadeWorld(
      names.map((id, nth) => ({ id, started: at(nth), ...(nth === 0 ? { erasedAt: endsAt + 60_000 } : {}) })),
    );
    const harness = await startHarness({
      world,
      now: endsAt,
      settings: { pageSize: 5 },
      config: { kits: [], start_date: '2026-02-05' },
    });
    moveClockAtPage(harness, 1, endsAt + 59_000);
    moveClockAtPage(harness, 2, endsAt + 61_000);
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(names);
    expect(harness.sandbox.ledger.of(listCalls).filter(({ hasCursor }) => !hasCursor)).toHaveLength(2);
  });

  test('G9 a total that is far too large neither ends the listing nor keeps it going', async () => {
    const { harness, shown } = await withPages();
    harness.sandbox.faults.add({
      on: listCalls,
      times: forEver,
      do: faultAnswers.totalRecords(() => 1_000_000),
    });
    const report = await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);
    expect(report.calls.gongTotal).toBe(1_000_000);
  });

  test('G10 an empty page with a cursor is not the end', async () => {
    const { harness, shown } = await withPages();
    const fault = harness.sandbox.faults.add({ on: listCalls, after: 2, do: faultAnswers.emptyPage() });
    await harness.sync();
    expect(fault.played).toBe(1);
    expect((await idsIn(harness)).length).toBeGreaterThan(20);
    harness.sandbox.faults.clear();
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);
  });

  test('G11 the same cursor for ever ends in an error, and the window is not closed', async () => {
    const { harness } = await withPages();
    const json = { requestId: 'r', records: { totalRecords: 1, currentPageNumber: 0, cursor: 'again' }, calls: [] };
    harness.sandbox.faults.add({
      on: listCalls,
      times: forEver,
      do: { kind: 'answer', answer: { status: 200, json } },
    });
    const failure = await failureOf(harness);
    expect(failure.message).toContain('cursor');
    expect(await closedThrough(harness)).toBe(null);
    expect(harness.sandbox.ledger.count(listCalls)).toBeLessThan(10);
  });
});

describe('listings without end', () => {
  const expectAnEnd = async (harness: Harness) => {
    const failure = await failureOf(harness);
    expect(failure.area).toBe('service');
    expect(failure.message).toContain('never end');
    expect(await closedThrough(harness)).toBe(null);
  };

  test('G11 two cursors that lead to each other end in an error', async () => {
    const { harness } = await withPages();
    const cursors: string[] = [];
    // The third page hands out the cursor of the second again.
    harness.sandbox.faults.add({
      on: listCalls,
      times: forEver,
      do: {
        kind: 'change',
        change: (body) => {
          const records = body['records'] as { cursor?: string };
          if (records.cursor === undefined) return body;
          if (cursors.length < 3) cursors.push(records.cursor);
          return {
            ...body,
            records: { ...records, cursor: cursors[cursors.length === 3 ? 0 : cursors.length - 1] ?? '' },
          };
        },
      },
    });
    await expectAnEnd(harness);
    expect(harness.sandbox.ledger.count(listCalls)).toBeLessThan(10);
  });

  test('G11 the same page for ever, each time with a new cursor, ends in an error', async () => {
    const { harness } = await withPages();
    let calls: JsonValue = [];
    harness.sandbox.faults.add({
      on: listCalls,
      times: forEver,
      do: {
        kind: 'change',
        change: (body, { json }) => {
          const sent = (json as { cursor?: string }).cursor;
          if (sent === undefined) {
            calls = body['calls'] ?? [];
            return body;
          }
          // The sandbox takes this for the cursor that was sent.
          return { ...body, calls, records: { totalRecords: 60, cursor: `${sent}.again` } };
        },
      },
    });
    await expectAnEnd(harness);
    expect(harness.sandbox.ledger.count(listCalls)).toBeLessThan(10);
  });

  test('G11 empty pages for ever, each with a new cursor, end in an error', async () => {
    const { harness } = await withPages();
    harness.sandbox.faults.add({ on: isLaterPage, times: forEver, do: faultAnswers.emptyPage() });
    await expectAnEnd(harness);
    expect(harness.sandbox.ledger.count(listCalls)).toBeLessThan(200);
  });
});

describe('empty, and not empty', () => {
  const empty = () =>
    startHarness({ world: createHandmadeWorld([]), now: endsAt, config: { kits: [], start_date: '2026-02-01' } });

  test('G12 the documented 404 means empty: no error, and on a first sync no window closes', async () => {
    const harness = await empty();
    await harness.syncWell();
    expect(harness.sandbox.ledger.of(listCalls).every(({ status }) => status === 404)).toBe(true);
    expect(await closedThrough(harness)).toBe(null);
    expect(
      harness.logged
        .filter(({ level }) => level === 'warn')
        .map(({ message }) => message)
        .join(),
    ).toContain('may not see them');
  });

  test('G12 a blind key loses nothing: once it sees, the whole history still arrives', async () => {
    const { harness, shown } = await withPages({ settings: { blindKey: true } });
    await harness.syncWell();
    harness.clock.advance(20 * day);
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual([]);
    harness.sandbox.settings.blindKey = false;
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(expect.arrayContaining(shown));
  });

  test('G12 any other 404 stops the sync with the host as the suspect', async () => {
    const { harness } = await withPages();
    harness.sandbox.faults.add({
      on: listCalls,
      times: forEver,
      do: faultAnswers.status(404, 'Not Found'),
    });
    const failure = await failureOf(harness);
    expect(failure.area).toBe('config');
    expect(failure.hint).toContain('GONG_BASE_URL');
    expect(await closedThrough(harness)).toBe(null);
  });

  test('G12 the documented 404 in place of a promised page has the window listed again; M7 when it stays, the window stays open', async () => {
    const emptyText = 'No calls found corresponding to the provided filters';
    for (const [times, listings] of [
      [1, 2],
      [forEver, 3],
    ] as const) {
      const { harness, shown } = await withPages();
      harness.sandbox.faults.add({ on: isLaterPage, times, do: faultAnswers.status(404, emptyText) });
      if (times === 1) await harness.syncWell();
      else {
        const failure = await failureOf(harness);
        expect([failure.area, failure.reason]).toEqual(['service', 'listing_contradicts']);
        expect(await closedThrough(harness)).toBe(null);
      }
      expect(harness.sandbox.ledger.of(listCalls).filter(({ hasCursor }) => !hasCursor)).toHaveLength(listings);
      // What comes later recovers what was not listed.
      harness.sandbox.faults.clear();
      if (times !== 1) await harness.syncWell();
      expect(await idsIn(harness)).toEqual(shown);
    }
  });

  test('G12 any other 404 on a later page ends the sync, and the window stays open', async () => {
    const { harness, shown } = await withPages();
    harness.sandbox.faults.add({ on: isLaterPage, after: 2, do: faultAnswers.status(404, 'Not Found') });
    expect((await failureOf(harness)).area).toBe('config');
    expect(await closedThrough(harness)).toBe(null);
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);
  });

  test('G29 a login page or another JSON with status 200 is an error, never "zero calls"', async () => {
    for (const action of [faultAnswers.html(200), faultAnswers.otherJson({ ok: true })]) {
      const { harness } = await withPages();
      harness.sandbox.faults.add({ on: listCalls, times: forEver, do: action });
      const failure = await failureOf(harness);
      expect(failure.area).toBe('service');
      expect(failure.message).not.toContain('Sign in');
      expect(await closedThrough(harness)).toBe(null);
    }
  });
});

test('10,000 calls would take one request per hundred and window: 300 calls in three windows take 3 + 3 of each kind', async () => {
  const world = createWorld({ seed: 2, calls: 300, endsAt, days: 80, oddities: 0 });
  const harness = await startHarness({
    world,
    now: endsAt + day,
    settings: { gongRequestsPerSecond: forEver },
    config: { kits: [], start_date: '2025-12-04', gong_requests_per_second: 1000 },
  });
  const report = await harness.syncWell();
  const windows = Math.ceil((endsAt + day - Date.parse('2025-12-04')) / (30 * day));
  const most = Math.ceil(report.calls.listed / 100) + windows;
  expect(report.calls.listed).toBe((await idsIn(harness)).length);
  expect(harness.sandbox.ledger.count(listCalls)).toBeLessThanOrEqual(most);
  expect(harness.sandbox.ledger.count('POST /v2/calls/transcript')).toBeLessThanOrEqual(most);
});
