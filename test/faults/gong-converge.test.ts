// Group G and the network around it: whatever went wrong on the way, the next good syncs end where an undisturbed one does.
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { StoppedError } from '../../src/core/errors.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { Fault, FaultAction } from '../../src/sandbox/faults.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import type { GongSemarizeSource } from '../../src/source/source.ts';
import {
  closedThrough,
  day,
  endsAt,
  failureOf,
  getTranscripts,
  hour,
  idsIn,
  listCalls,
  start,
  statusOf,
  syncAt,
  withCalls,
  withPages,
} from '../support/gong-faults.ts';
import { type Harness, startHarness } from '../support/sync-harness.ts';

const forEver = Number.POSITIVE_INFINITY;
const isFromGong = ({ service }: { service: string | undefined }) => service === 'gong';

/** What the tables must hold, said by the world itself. */
function truthAt(harness: Harness, startDate: number) {
  const now = harness.clock.now();
  const calls = harness.sandbox.world.calls.filter(
    ({ startedMs, life }) => startedMs >= startDate && startedMs < now - 300_000 && life.visibleMs <= now,
  );
  const isPrivate = (nowMs: number) => (call: (typeof calls)[number]) => call.life.privateMs <= nowMs;
  return {
    calls: calls.filter(({ life }) => life.erasedMs > now),
    spoken: calls.filter((call) => call.life.transcriptMs <= now && call.life.erasedMs > now && !isPrivate(now)(call)),
  };
}

/** I2 and I5: a status for each call, words where it says so and nowhere else, one row a key. */
async function expectNoGaps(harness: Harness) {
  expect(
    await harness.rows(`
      select c.call_id, c.transcript_status from calls c left join transcripts t using (call_id)
      where c.transcript_status is null or c.transcript_status = 'not_requested' or (c.transcript_status = 'available') != (t.text is not null)`),
  ).toEqual([]);
  for (const table of ['calls', 'transcripts'])
    expect(await harness.rows(`select call_id from ${table} group by 1 having count(*) > 1`)).toEqual([]);
}

test('I1 I2 I5 I20 random faults over days of syncs: the tables never have a gap they do not tell, and end at the truth', async () => {
  const actions: FaultAction[] = [
    faultAnswers.status(500, 'Internal server error occurred'),
    faultAnswers.html(502),
    faultAnswers.html(200),
    faultAnswers.tooManyRequests({ retryAfter: '7' }),
    faultAnswers.tooManyRequests({ retryAfter: '30000' }),
    faultAnswers.expiredCursor(),
    faultAnswers.totalRecords((right) => right + 1),
    { kind: 'reset' },
    { kind: 'truncate', form: 'length' },
    { kind: 'truncate', form: 'close' },
    { kind: 'crossed' },
  ];
  let failures = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1000 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 5, maxLength: 8 }),
      async (seed, pauses) => {
        const startDate = Date.parse('2026-02-08');
        const world = createWorld({ seed, calls: 60, endsAt, days: 20 });
        const harness = await startHarness({
          world,
          now: endsAt - 6 * day,
          settings: { pageSize: 10, gongRequestsPerSecond: forEver },
          config: { kits: [], start_date: new Date(startDate).toISOString(), gong_requests_per_second: 100 },
        });
        harness.sandbox.faults.random({ seed, rate: 0.15, on: isFromGong, actions });
        for (const pause of pauses) {
          const { failure } = await harness.sync();
          failures += failure === undefined ? 0 : 1;
          if ((await closedThrough(harness)) !== null) await expectNoGaps(harness);
          harness.clock.advance(pause * hour);
        }
        harness.sandbox.faults.clear();
        await syncAt(harness, endsAt + day);
        await syncAt(harness, endsAt + 2.1 * day);
        await expectNoGaps(harness);
        const truth = truthAt(harness, startDate);
        expect(await idsIn(harness)).toEqual(expect.arrayContaining(truth.calls.map(({ id }) => id)));
        const spoken = await harness.rows('select call_id, n_chars from transcripts where text is not null');
        expect(spoken.map((row) => row['call_id'])).toEqual(expect.arrayContaining(truth.spoken.map(({ id }) => id)));
      },
    ),
    { numRuns: 4, seed: 7 },
  );
  expect(failures).toBeGreaterThan(5);
}, 120_000);

describe('answers that belong to another question', () => {
  test('N14 transcripts of other calls are refused as a whole, and come right with the next sync', async () => {
    const { harness, shown } = await withPages();
    const fault = harness.sandbox.faults.add({ on: getTranscripts, after: 2, do: { kind: 'crossed' } });
    const failure = await failureOf(harness);
    expect(fault.played).toBe(1);
    expect(failure.message).toContain('not asked for');
    expect(await closedThrough(harness)).toBe(null);
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);
    await expectNoGaps(harness);
  });

  test('N14 a page of another window does not pass for this one: it is listed again', async () => {
    const harness = await withCalls([{ id: '2000000000000000002', started: start - 2 * hour }], {
      config: { kits: [], start_date: '2026-01-29' },
    });
    // The windows of 29 January and 28 February have one page each; the second gets the answer of the first.
    const fault = harness.sandbox.faults.add({ on: listCalls, after: 1, do: { kind: 'crossed' } });
    await harness.syncWell();
    expect(fault.played).toBe(1);
    expect(await idsIn(harness)).toEqual(['1000000000000000001', '2000000000000000002']);
  });
});

describe('an end in the middle', () => {
  /** Takes records until the fault has been played, then goes away. */
  async function readUntilPlayed(source: GongSemarizeSource, fault: Fault) {
    for await (const message of source.read({ states: new Map(), signal: new AbortController().signal })) {
      if (message.type !== 'record') continue;
      await vi.waitFor(() => expect(fault.played).toBeGreaterThan(0), 10_000);
      break;
    }
  }

  test('N16 a last page that is cut short never closes the window', async () => {
    for (const atByte of [0, 1, 200, 1500]) {
      for (const form of ['length', 'chunked', 'close'] as const) {
        const harness = await withCalls([], { config: { kits: [], start_date: '2026-02-20' } });
        harness.sandbox.faults.add({ on: listCalls, times: forEver, do: { kind: 'truncate', form, atByte } });
        expect((await failureOf(harness)).area).toBe('service');
        expect(await closedThrough(harness)).toBe(null);
        harness.sandbox.faults.clear();
        await harness.syncWell();
        expect(await idsIn(harness)).toEqual(['1000000000000000001']);
      }
    }
  });

  test('a reader that goes away leaves no request under way, and waits for none that hangs', async () => {
    const { harness } = await withPages();
    const fault = harness.sandbox.faults.add({
      on: getTranscripts,
      after: 1,
      times: forEver,
      do: { kind: 'silence' },
    });
    const source = harness.openSource();
    await readUntilPlayed(source, fault);
    const asked = harness.sandbox.ledger.requests.length;
    // Closing waits for whatever still runs: it would hang.
    await source.close();
    expect(harness.sandbox.ledger.requests.length).toBe(asked);
  });

  test('a stop from outside keeps what was read, closes nothing that is not whole, and the next sync ends at the truth', async () => {
    const { harness, shown } = await withPages();
    const stopping = new AbortController();
    harness.sandbox.faults.add({
      on: ({ route }) => {
        if (route === listCalls && harness.sandbox.ledger.count(listCalls) === 4) stopping.abort();
        return false;
      },
      do: { kind: 'reset' },
    });
    const { failure } = await harness.sync({ signal: stopping.signal });
    expect(failure).toBeInstanceOf(StoppedError);
    expect(await closedThrough(harness)).toBe(null);
    const kept = await idsIn(harness);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(shown.length);
    await expectNoGaps(harness);
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(shown);
  });
});

test('a bookmark never goes back, whatever ends a sync', async () => {
  const harness = await withCalls([]);
  let before = 0;
  for (const action of [undefined, faultAnswers.status(401, 'no'), undefined, { kind: 'reset' } as const, undefined]) {
    harness.sandbox.faults.clear();
    if (action) harness.sandbox.faults.add({ on: isFromGong, times: forEver, do: action });
    await harness.sync();
    const now = (await closedThrough(harness)) ?? 0;
    expect(now).toBeGreaterThanOrEqual(before);
    before = now;
    harness.clock.advance(5 * hour);
  }
  expect(await statusOf(harness, '1000000000000000001')).toBe('available');
});
