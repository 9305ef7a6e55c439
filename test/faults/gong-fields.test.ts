// Group G: what stands in Gong's answers: ids, drift, speakers, sizes.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { endsAt, failureOf, getTranscripts, idsIn, listCalls, withPages } from '../support/gong-faults.ts';
import { startHarness } from '../support/sync-harness.ts';

const forEver = Number.POSITIVE_INFINITY;

test('G25 ids beyond 2^53 and 2^63 arrive digit for digit', async () => {
  const big = ['9007199254740993', '18446744073709551615', '00012345678901234567'];
  const world = createHandmadeWorld(big.map((id, index) => ({ id, started: endsAt - (index + 1) * 3_600_000 })));
  const harness = await startHarness({ world, now: endsAt, config: { kits: [], start_date: '2026-02-01' } });
  await harness.syncWell();
  expect(await idsIn(harness)).toEqual([...big].sort());
});

test('G25 an id that comes as a number has lost digits: the answer is refused', async () => {
  const { harness } = await withPages();
  harness.sandbox.faults.add({
    on: listCalls,
    times: forEver,
    do: {
      kind: 'change',
      change: (body) => JSON.parse(JSON.stringify(body).replace(/"id":"(\d+)"/, '"id":$1')),
    },
  });
  const failure = await failureOf(harness);
  expect(failure.message).toContain('metaData.id');
  expect(failure.message).not.toMatch(/\d{10}/);
});

test('G24 unknown fields, unknown values and nulls change nothing but the raw column', async () => {
  const { harness, shown } = await withPages();
  harness.sandbox.faults.add({
    on: listCalls,
    times: forEver,
    do: {
      kind: 'change',
      change: (body) => ({
        ...body,
        calls: (body['calls'] as JsonObject[]).map((call) => ({
          ...call,
          metaData: { ...(call['metaData'] as JsonObject), direction: 'Sideways', novelty: { a: [1] }, media: null },
          parties: null,
          context: [{ system: 7, objects: null }],
        })),
      }),
    },
  });
  await harness.syncWell();
  expect(await idsIn(harness)).toEqual(shown);
  expect(
    await harness.rows(`select distinct direction, recording, raw->'metaData'->'novelty' as novelty from calls`),
  ).toEqual([{ direction: 'sideways', recording: null, novelty: '{"a":[1]}' }]);
});

test('G26 speakers without a party keep a stable name, and their share is counted', async () => {
  const id = '7000000000000000007';
  const sentence = (at: number, text: string) => ({ start: at, end: at + 1000, text });
  const world = createHandmadeWorld([
    {
      id,
      started: endsAt - 3_600_000 * 5,
      parties: null,
      transcript: [
        { speakerId: 'x', topic: null, sentences: [sentence(2000, 'Second.')] },
        { speakerId: null, topic: null, sentences: [sentence(0, 'First.')] },
        { speakerId: 'x', topic: 'Next steps', sentences: [sentence(3000, 'Third.'), sentence(3000, 'Third.')] },
      ],
    },
  ]);
  const harness = await startHarness({ world, now: endsAt, config: { kits: [], start_date: '2026-02-01' } });
  await harness.syncWell();
  const [row] = await harness.rows('select text, unattributed_share, n_speakers, n_turns from transcripts');
  expect(row).toEqual({
    text: 'Speaker 1 (unknown): First.\nSpeaker 2 (unknown): Second. Third. Third.',
    unattributed_share: 1,
    n_speakers: 2,
    n_turns: 2,
  });
});

test('G28 transcripts of many megabytes flow, and a batch that is too large for one answer is asked in halves', async () => {
  const ids = ['a', 'b', 'c', 'd'].map((_, nth) => `720000000000000000${nth}`);
  const world = createHandmadeWorld(
    ids.map((id, nth) => ({
      id,
      started: endsAt - (nth + 5) * 3_600_000,
      durationS: 3 * 3600,
      transcriptBytes: nth === 0 ? 5_000_000 : 2000,
    })),
  );
  const harness = await startHarness({ world, now: endsAt, config: { kits: [], start_date: '2026-02-20' } });
  // One answer beyond the client's cap of 64 MiB.
  const fault = harness.sandbox.faults.add({ on: getTranscripts, do: { kind: 'flood', bytes: 70 * 2 ** 20 } });
  await harness.syncWell();
  expect(fault.played).toBe(1);
  expect(harness.sandbox.ledger.of(getTranscripts).map(({ callIds }) => callIds?.length)).toEqual([4, 2, 2]);
  expect(await idsIn(harness, 'transcripts')).toEqual(ids);
  const [long] = await harness.rows(`select max(n_chars) as n, max(len(sentences)) as s from transcripts`);
  expect(Number(long?.['n'])).toBeGreaterThan(5_000_000);
  expect(Number(long?.['s'])).toBeGreaterThan(10_000);
});
