// L11: one bad element of a list costs itself and nothing else; a text that is known to be incomplete is not paid for.
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { day, getTranscripts, idsIn, listCalls, start, statusOf } from '../support/gong-faults.ts';
import { startHarness } from '../support/sync-harness.ts';

const odd = '7200000000000000001';
const whole = '7200000000000000002';

async function withOdd(route: string, list: string, change: (element: JsonObject) => void) {
  const world = createHandmadeWorld([odd, whole].map((id, index) => ({ id, started: start - (index + 3) * day })));
  const harness = await startHarness({ world, now: start, settings: { runEnds: { afterPolls: 0 } } });
  const fault = harness.sandbox.faults.add({
    on: (request) => request.route === route,
    times: Number.POSITIVE_INFINITY,
    do: {
      kind: 'change',
      change: (body) => {
        for (const element of (body[list] ?? []) as JsonObject[])
          if (JSON.stringify(element).includes(odd)) change(element);
        return body;
      },
    },
  });
  return { harness, fault };
}

const boughtOf = (harness: Awaited<ReturnType<typeof startHarness>>) =>
  harness.sandbox.ledger.runs.map(({ callId }) => callId).sort();

describe('an element of another form', () => {
  test.each<[string, (transcript: JsonObject) => void]>([
    ['a null monologue', (transcript) => (transcript['transcript'] as JsonValue[]).unshift(null)],
    ['a null sentence', (transcript) => sentencesOf(transcript).unshift(null)],
    ['a sentence whose text is a number', (transcript) => sentencesOf(transcript).push({ start: 1, end: 2, text: 7 })],
    [
      'sentences that are no list',
      (transcript) => (transcript['transcript'] as JsonValue[]).push({ sentences: 'all' }),
    ],
  ])('L11 of a transcript, %s: the rest is stored, and nothing bought until it is whole', async (_, change) => {
    const { harness, fault } = await withOdd(getTranscripts, 'callTranscripts', change);
    const report = await harness.syncWell();
    expect(report.damaged).toEqual({ calls: 1, parts: 0, words: 1 });
    expect(await idsIn(harness, 'transcripts')).toEqual([odd, whole]);
    expect(await statusOf(harness, odd)).toBe('available');
    expect(boughtOf(harness)).toEqual([whole]);
    const [row] = await harness.rows(`select transcript_status_reason as r from calls where call_id = '${odd}'`);
    expect(row?.['r']).toBe('1 parts of it cannot be read: it is not evaluated');
    fault.remove();
    harness.clock.advance(2 * day);
    expect((await harness.syncWell()).damaged).toEqual({ calls: 0, parts: 0, words: 0 });
    expect(boughtOf(harness)).toEqual([odd, whole]);
  });

  test('L11 of a call: parties and deals beside it stay', async () => {
    const { harness } = await withOdd(listCalls, 'calls', (call) => {
      call['parties'] = [null, 'Ann', ...((call['parties'] ?? []) as JsonValue[])];
    });
    const report = await harness.syncWell();
    expect(report.damaged).toEqual({ calls: 1, parts: 2, words: 0 });
    const sql = `select json_array_length(raw->'parties') - len(parties) as lost, owner_name is not null as owned from calls order by call_id`;
    expect(await harness.rows(sql)).toEqual([
      { lost: 2, owned: true },
      { lost: 0, owned: true },
    ]);
    expect(boughtOf(harness)).toEqual([odd, whole]);
  });
});

function sentencesOf(transcript: JsonObject): JsonValue[] {
  const [first] = transcript['transcript'] as JsonObject[];
  return first?.['sentences'] as JsonValue[];
}
