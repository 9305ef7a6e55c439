// Group G: calls that are private, turn private, or are private no more; calls that vanish.
import { expect, test } from 'vitest';
import type { HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import { day, getTranscripts, hour, idsIn, start, statusOf, syncAt, withCalls } from '../support/gong-faults.ts';
import { kitA } from '../support/sync-harness.ts';

const id = '6000000000000000006';
const words = `select text from transcripts where call_id = '${id}'`;
const call: HandmadeCall = { id, started: start - 6 * hour };

test('G18 a private call is a row without a transcript, is not even asked for one, and is never evaluated', async () => {
  const harness = await withCalls([{ ...call, private: true }], { config: { kits: [{ code: kitA }] } });
  await syncAt(harness, start);
  expect(await statusOf(harness, id)).toBe('private');
  expect(await harness.rows(words)).toEqual([]);
  expect(harness.sandbox.ledger.of(getTranscripts).flatMap(({ callIds }) => callIds)).not.toContain(id);
  expect(harness.sandbox.ledger.runsPer(id, kitA)).toEqual([]);
});

test('G18 a call that turns private later loses its words here', async () => {
  const harness = await withCalls([{ ...call, private: start + hour }]);
  await syncAt(harness, start);
  expect((await harness.rows(words))[0]?.['text']).toMatch(/\(rep\): /);
  await syncAt(harness, start + 2 * hour);
  expect(await statusOf(harness, id)).toBe('private');
  expect(await harness.rows(words)).toEqual([{ text: null }]);
});

test('G18 a call that turns private beyond every look-back loses its words by the weekly sweep', async () => {
  const harness = await withCalls([{ ...call, private: start + 20 * day }]);
  for (let at = start; at <= start + 29 * day; at += day) await syncAt(harness, at);
  expect(await statusOf(harness, id)).toBe('private');
  expect(await harness.rows(words)).toEqual([{ text: null }]);
});

test('G18 a call that turns private while its transcript is awaited never gets one here, though Gong would serve it', async () => {
  for (const policy of ['metadata_only', 'exclude']) {
    const harness = await withCalls(
      // Out of the look-back when the transcript appears, so that it is asked by id.
      [{ ...call, started: start - 4 * day, transcriptAt: start + 10 * day, private: start + 9 * day }],
      { config: { kits: [{ code: kitA }], private_calls: policy } },
    );
    for (let at = start; at <= start + 8 * day; at += day) await syncAt(harness, at);
    expect(await statusOf(harness, id)).toBe('pending');
    harness.sandbox.ledger.clearRequests();
    for (let at = start + 11 * day; at <= start + 13 * day; at += day) await syncAt(harness, at);
    // The case is the one meant: it was asked by id, and answered.
    expect(harness.sandbox.ledger.of(getTranscripts).flatMap(({ callIds }) => callIds)).toContain(id);
    expect(await harness.rows(words)).toEqual([]);
    expect(await statusOf(harness, id)).toBe('private');
    expect(harness.sandbox.ledger.runsPer(id, kitA)).toEqual([]);
  }
});

test('G18 private_calls: exclude leaves no row, include brings the transcript; neither is evaluated', async () => {
  for (const [policy, rows] of [
    ['exclude', 0],
    ['include', 1],
  ] as const) {
    const harness = await withCalls([{ ...call, private: true }], {
      config: { kits: [{ code: kitA }], private_calls: policy },
    });
    await syncAt(harness, start);
    expect(await harness.rows(`select 1 from calls where call_id = '${id}'`)).toHaveLength(rows);
    expect(await harness.rows(words)).toHaveLength(rows);
    expect(harness.sandbox.ledger.runsPer(id, kitA)).toEqual([]);
  }
});

test('G18 private_calls: exclude: a call that had its row before it turned private keeps one that says so, without words', async () => {
  const harness = await withCalls([{ ...call, private: start + hour }], {
    config: { kits: [], private_calls: 'exclude' },
  });
  await syncAt(harness, start);
  await syncAt(harness, start + 2 * hour);
  expect(await statusOf(harness, id)).toBe('private');
  expect(await harness.rows(words)).toEqual([{ text: null }]);
});

test('G18 words that were taken out come back when the policy allows them, also beyond the look-back', async () => {
  const harness = await withCalls([{ ...call, private: start + hour }]);
  await syncAt(harness, start);
  for (let at = start + 2 * hour; at <= start + 10 * day; at += day) await syncAt(harness, at);
  expect(await harness.rows(words)).toEqual([{ text: null }]);
  harness.config['private_calls'] = 'include';
  for (let at = start + 10 * day; at <= start + 16 * day; at += day) await syncAt(harness, at);
  expect((await harness.rows(words))[0]?.['text']).toMatch(/\(rep\): /);
  expect(await statusOf(harness, id)).toBe('available');
});

test('G18 a transcript that Gong refuses for one call is "forbidden", and the others come', async () => {
  const harness = await withCalls([call]);
  harness.sandbox.faults.add({
    on: (request) => request.route === getTranscripts && request.body.includes(id),
    times: Number.POSITIVE_INFINITY,
    do: { kind: 'answer', answer: { status: 403, json: { errors: ['Access denied'] } } },
  });
  await syncAt(harness, start);
  expect(await statusOf(harness, id)).toBe('forbidden');
  expect(await statusOf(harness, '1000000000000000001')).toBe('available');
});

test('G27 a call that is deleted at Gong stays here and is not emitted again', async () => {
  const harness = await withCalls([{ ...call, erasedAt: start + hour }]);
  await syncAt(harness, start);
  const before = await harness.rows(`select extracted_at from calls where call_id = '${id}'`);
  await syncAt(harness, start + 2 * hour);
  expect(await harness.rows(`select extracted_at from calls where call_id = '${id}'`)).toEqual(before);
});

test('G27 a call that is deleted while its transcript is awaited ends the waiting, and no sync fails for it', async () => {
  const harness = await withCalls([{ ...call, transcriptAt: null, erasedAt: start + day }]);
  let report = await syncAt(harness, start);
  expect(report.transcripts.pending).toBe(1);
  for (let at = start + day; at <= start + 16 * day; at += day) report = await syncAt(harness, at);
  expect(report.transcripts.pending).toBe(0);
  expect(report.transcripts.gaveUp).toBe(1);
  expect(await idsIn(harness)).toContain(id);
});
