// Group G: calls and transcripts that come late, change, or never come.
import { describe, expect, test } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/exchange.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import {
  closedThrough,
  day,
  getTranscripts,
  hour,
  idsIn,
  listCalls,
  start,
  statusOf,
  syncAt,
  withCalls,
} from '../support/gong-faults.ts';
import { kitA, startHarness } from '../support/sync-harness.ts';

const asksFor = (id: string) => (request: SandboxRequest) =>
  request.route === getTranscripts && request.body.includes(id);

describe('late calls', () => {
  const late = '2000000000000000002';

  test('G1 a call that becomes visible 20 h after its start, behind the bookmark, is found by the look-back', async () => {
    const harness = await withCalls([{ id: late, started: start - 2 * hour, visibleAt: start + 18 * hour }]);
    await syncAt(harness, start);
    await syncAt(harness, start + 6 * hour);
    expect(await idsIn(harness)).not.toContain(late);
    expect(await closedThrough(harness)).toBeGreaterThan(start - 2 * hour);
    const report = await syncAt(harness, start + 18.5 * hour);
    expect(await idsIn(harness)).toContain(late);
    expect(await idsIn(harness, 'transcripts')).toContain(late);
    expect(report.calls).toMatchObject({ new: 1, late: 1, latestHours: 21 });
  });

  test('G1 a call that appears almost 7 days late, right after a long look-back was made, is found and bought by the next one', async () => {
    const shownAt = start + 8 * day + 60_000;
    const harness = await withCalls([{ id: late, started: shownAt - 6.9 * day, visibleAt: shownAt }], {
      config: { kits: [{ code: kitA }] },
    });
    await syncAt(harness, start);
    await syncAt(harness, start + 8 * day);
    await syncAt(harness, start + 8.5 * day);
    expect(await idsIn(harness)).not.toContain(late);
    await syncAt(harness, start + 9 * day + hour);
    expect(await idsIn(harness)).toContain(late);
    expect(await idsIn(harness, 'transcripts')).toContain(late);
    expect(harness.sandbox.ledger.runsPer(late, kitA)).toHaveLength(1);
  });

  test('G2 a call that appears after 30 days is found by the weekly sweep, with its transcript, and is not bought', async () => {
    const harness = await withCalls([{ id: late, started: start - hour, visibleAt: start + 30 * day }], {
      config: { kits: [{ code: kitA }] },
    });
    for (let at = start; at <= start + 40 * day; at += 2 * day) await syncAt(harness, at);
    expect(await idsIn(harness)).toContain(late);
    expect(await statusOf(harness, late)).toBe('available');
    expect(harness.sandbox.ledger.runsPer(late, kitA)).toEqual([]);
  });

  test('G2 a call beyond every look-back is found by an explicit range, and the bookmark stays where it was', async () => {
    const harness = await withCalls([{ id: late, started: start - 2 * day, visibleAt: start + 95 * day }]);
    for (const days of [0, 30, 60, 90, 96]) await syncAt(harness, start + days * day);
    expect(await idsIn(harness)).not.toContain(late);
    const before = await closedThrough(harness);
    const report = await harness.syncWell({ range: { from: start - 3 * day, until: start } });
    expect(report.calls).toMatchObject({ new: 1, late: 0 });
    expect(await idsIn(harness)).toContain(late);
    expect(await idsIn(harness, 'transcripts')).toContain(late);
    expect(await closedThrough(harness)).toBe(before);
  });

  test('G3 a web conference whose planned and real start fall on two sides of a seam comes once', async () => {
    const seam = Date.parse('2026-01-31T00:00:00Z');
    const calls = [-1, 1].map((side) => ({
      id: `410000000000000${side + 1}`,
      scheduled: seam - side * 600_000,
      started: seam + side * 600_000,
      direction: 'Conference' as const,
    }));
    const harness = await withCalls(calls);
    await harness.syncWell();
    // The seam is one: a window ends there.
    expect(harness.sandbox.ledger.of(listCalls).map(({ to }) => to)).toContain(new Date(seam).toISOString());
    expect(await idsIn(harness)).toEqual(expect.arrayContaining(calls.map(({ id }) => id)));
    const planned = await harness.rows('select call_id, epoch_ms(scheduled_at) as at from calls');
    for (const { id, scheduled } of calls)
      expect(Number(planned.find((row) => row['call_id'] === id)?.['at'])).toBe(scheduled);
  });

  test('G4 G5 calls exactly on the seams of windows come once, with equal starts and offsets east and west', async () => {
    const from = Date.parse('2026-01-01T00:00:00Z');
    const seams = [0, 30, 60].map((days) => from + days * day);
    const calls = seams.flatMap((at, index) =>
      [0, -1, 1].map((ms, nth) => ({
        id: `400000000000000${index}${nth}`,
        started: at + ms + (index === 0 && ms < 0 ? 2 : 0),
        utcOffsetMinutes: index % 2 ? 330 : -420,
      })),
    );
    const harness = await withCalls(calls, { now: from + 70 * day });
    await harness.syncWell();
    expect(await idsIn(harness)).toEqual(expect.arrayContaining(calls.map(({ id }) => id)));
    const stored = await harness.rows('select call_id, epoch_ms(started_at) as at from calls');
    for (const { id, started } of calls)
      expect(Number(stored.find((row) => row['call_id'] === id)?.['at'])).toBe(started);
  });
});

describe('transcripts that are not there', () => {
  const id = '5000000000000000005';

  test('G13 a transcript that appears after three syncs is pending, then available; it is never sent before', async () => {
    const harness = await withCalls([{ id, started: start - 6 * hour, transcriptAt: start + 40 * hour }], {
      config: { kits: [{ code: kitA }] },
    });
    for (const hours of [0, 12, 30]) {
      await syncAt(harness, start + hours * hour);
      expect(await statusOf(harness, id)).toBe('pending');
      expect(harness.sandbox.ledger.runsPer(id, kitA)).toEqual([]);
    }
    await syncAt(harness, start + 41 * hour);
    expect(await statusOf(harness, id)).toBe('available');
    expect(await idsIn(harness, 'transcripts')).toContain(id);
    expect(harness.sandbox.ledger.runsPer(id, kitA)).toHaveLength(1);
  });

  test('G13 the 404 of a batch in which no call has a transcript means "not yet" for each of them', async () => {
    const harness = await startHarness({
      world: createHandmadeWorld([{ id, started: start - 6 * hour, transcriptAt: start + 5 * hour }]),
      now: start,
      config: { kits: [] },
    });
    await syncAt(harness, start);
    expect(harness.sandbox.ledger.of(getTranscripts).map(({ status }) => status)).toEqual([404]);
    expect(await statusOf(harness, id)).toBe('pending');
    await syncAt(harness, start + 6 * hour);
    expect(await statusOf(harness, id)).toBe('available');
  });

  test('G13 a transcript that Gong serves before it lists the call changes nothing: both come when the call is listed', async () => {
    const harness = await withCalls(
      [{ id, started: start - 6 * hour, transcriptAt: start - 5 * hour, visibleAt: start + hour }],
      { settings: { transcriptBeforeCall: true } },
    );
    await syncAt(harness, start);
    expect(await idsIn(harness)).not.toContain(id);
    await syncAt(harness, start + 2 * hour);
    expect(await statusOf(harness, id)).toBe('available');
    expect(await idsIn(harness, 'transcripts')).toContain(id);
  });

  test('G13 an empty transcript counts as not there', async () => {
    const harness = await withCalls([{ id, started: start - 6 * hour, transcript: [] }]);
    await syncAt(harness, start);
    expect(await statusOf(harness, id)).toBe('pending');
  });

  test('G13 given up after transcript_give_up_days, visibly; a silent call is "none"; the sweep asks once more', async () => {
    const silent = '5000000000000000006';
    const harness = await withCalls([
      { id, started: start - 6 * hour, transcriptAt: start + 20 * day },
      { id: silent, started: start - 6 * hour, transcriptAt: null, language: 'zxx' },
    ]);
    for (let at = start; at <= start + 16 * day; at += day) await syncAt(harness, at);
    expect(await statusOf(harness, id)).toBe('gave_up');
    expect(await statusOf(harness, silent)).toBe('none');
    for (let at = start + 17 * day; at <= start + 30 * day; at += day) await syncAt(harness, at);
    expect(await statusOf(harness, id)).toBe('available');
    expect(await statusOf(harness, silent)).toBe('none');
  });

  test('G13 a sync without transcripts stops asking for one that never comes after transcript_give_up_days', async () => {
    const harness = await withCalls([{ id, started: start - 6 * hour, transcriptAt: null }], {
      config: { kits: [{ code: kitA }] },
    });
    const owed: boolean[] = [];
    for (const days of [0, 1, 13, 15, 16]) {
      harness.clock.set(Math.max(harness.clock.now(), start + days * day));
      harness.sandbox.ledger.clearRequests();
      await harness.syncWell({ streams: ['calls', 'semarize_runs'] });
      const [row] = await harness.rows(`select streams->>'semarize_runs' as state from _gong_elt.state`);
      owed.push(String(row?.['state']).includes(id));
    }
    expect(owed).toEqual([true, true, true, false, false]);
    expect(harness.sandbox.ledger.count(getTranscripts)).toBe(0);
  });

  test('G14 a transcript that still grows is stored as it is, and evaluated only when the call ended two hours ago', async () => {
    const harness = await withCalls(
      [
        {
          id,
          started: start - 1.5 * hour,
          durationS: 1800,
          transcriptAt: start - hour,
          completeAt: start + 0.5 * hour,
        },
      ],
      { config: { kits: [{ code: kitA }] } },
    );
    await syncAt(harness, start);
    expect(await statusOf(harness, id)).toBe('available');
    const [partial] = await harness.rows(`select n_chars from transcripts where call_id = '${id}'`);
    expect(harness.sandbox.ledger.runsPer(id, kitA)).toEqual([]);
    await syncAt(harness, start + 3 * hour);
    const [whole] = await harness.rows(`select n_chars, transcript_hash from transcripts where call_id = '${id}'`);
    expect(Number(whole?.['n_chars'])).toBeGreaterThan(Number(partial?.['n_chars']));
    const runs = await harness.rows(`select transcript_hash from semarize_runs where call_id = '${id}'`);
    expect(runs).toEqual([{ transcript_hash: whole?.['transcript_hash'] }]);
  });

  test('G15 a transcript that changes after its evaluation is updated, and not bought again', async () => {
    const harness = await withCalls([{ id, started: start - 6 * hour, textEditedAt: start + hour }], {
      config: { kits: [{ code: kitA }] },
    });
    await syncAt(harness, start);
    const before = await harness.rows(`select transcript_hash from transcripts where call_id = '${id}'`);
    await syncAt(harness, start + 2 * hour);
    const after = await harness.rows(`select transcript_hash from transcripts where call_id = '${id}'`);
    expect(after).not.toEqual(before);
    expect(harness.sandbox.ledger.runsPer(id, kitA)).toHaveLength(1);
  });

  test('G15 words that were edited long after every look-back are brought by an explicit range', async () => {
    const harness = await withCalls([{ id, started: start - 6 * hour, textEditedAt: start + 20 * day }]);
    await syncAt(harness, start);
    const hashes = () => harness.rows(`select transcript_hash from transcripts where call_id = '${id}'`);
    const before = await hashes();
    await syncAt(harness, start + 12 * day);
    await syncAt(harness, start + 21 * day);
    expect(await hashes()).toEqual(before);
    const report = await harness.syncWell({ range: { from: start - day, until: start } });
    expect(report.transcripts).toMatchObject({ changed: 1 });
    expect(await hashes()).not.toEqual(before);
  });

  test('G16 ids asked and not answered are pending, never done', async () => {
    const harness = await withCalls([{ id, started: start - 6 * hour }]);
    const fault = harness.sandbox.faults.add({ on: asksFor(id), do: faultAnswers.withoutCalls([id]) });
    await syncAt(harness, start);
    expect(fault.played).toBe(1);
    expect(await statusOf(harness, id)).toBe('pending');
    await syncAt(harness, start + hour);
    expect(await statusOf(harness, id)).toBe('available');
  });

  test('G16 a transcript that is here stays, and stays "available", when a later answer leaves it out', async () => {
    const harness = await withCalls([{ id, started: start - 6 * hour }]);
    await syncAt(harness, start);
    const fault = harness.sandbox.faults.add({ on: asksFor(id), do: faultAnswers.withoutCalls([id]) });
    await syncAt(harness, start + hour);
    expect(fault.played).toBe(1);
    expect(await statusOf(harness, id)).toBe('available');
    expect(await idsIn(harness, 'transcripts')).toContain(id);
  });
});
