// Group G: calls and transcripts that come late, change, or never come.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closedThrough, day, hour, idsIn, start, statusOf, syncAt, withCalls } from '../support/gong-faults.ts';
import { kitA } from '../support/sync-harness.ts';

describe('late calls', () => {
  const late = '2000000000000000002';

  test('G1 a call that becomes visible 20 h after its start, behind the bookmark, is found by the look-back', async () => {
    const harness = await withCalls([{ id: late, started: start - 2 * hour, visibleAt: start + 18 * hour }]);
    await syncAt(harness, start);
    await syncAt(harness, start + 6 * hour);
    expect(await idsIn(harness)).not.toContain(late);
    expect(await closedThrough(harness)).toBeGreaterThan(start - 2 * hour);
    await syncAt(harness, start + 19 * hour);
    expect(await idsIn(harness)).toContain(late);
    expect(await idsIn(harness, 'transcripts')).toContain(late);
  });

  test('G1 every lag below the daily look-back of 7 days ends in the table, whatever the rhythm of the syncs (I1)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 6 * 24 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 26 }), { minLength: 8, maxLength: 12 }),
        async (lags, pauses) => {
          const calls = lags.map((lag, index) => ({
            id: `30000000000000000${String(index).padStart(2, '0')}`,
            started: start + index * hour,
            visibleAt: start + (index + lag) * hour + 1800_000,
          }));
          const harness = await withCalls(calls);
          let now = start;
          for (const pause of pauses) {
            await syncAt(harness, now);
            now += pause * hour;
          }
          await syncAt(harness, start + 8 * day);
          await syncAt(harness, start + 8 * day + 2 * hour);
          const found = await idsIn(harness);
          // Each was within seven days of some sync's start of listing: none may be missing.
          for (const { id, visibleAt, started } of calls)
            if (visibleAt - started < 6 * day) expect(found).toContain(id);
        },
      ),
      { numRuns: 3, seed: 11 },
    );
  }, 120_000);

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
    const harness = await withCalls([{ id: late, started: start - 2 * day, visibleAt: start + 9 * day }]);
    await syncAt(harness, start);
    await syncAt(harness, start + 9 * day + hour);
    const before = await closedThrough(harness);
    await harness.syncWell({ range: { from: start - 3 * day, until: start } });
    expect(await idsIn(harness)).toContain(late);
    expect(await closedThrough(harness)).toBe(before);
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

  test('G16 ids asked and not answered are pending, never done', async () => {
    const harness = await withCalls([{ id, started: start - 6 * hour }]);
    const fault = harness.sandbox.faults.add({
      on: (request) => request.route === 'POST /v2/calls/transcript' && request.body.includes(id),
      do: {
        kind: 'change',
        change: (body) => ({
          ...body,
          callTranscripts: (body['callTranscripts'] as { callId: string }[]).filter(({ callId }) => callId !== id),
        }),
      },
    });
    await syncAt(harness, start);
    expect(fault.played).toBe(1);
    expect(await statusOf(harness, id)).toBe('pending');
    await syncAt(harness, start + hour);
    expect(await statusOf(harness, id)).toBe('available');
  });
});
