// M10: a transcript that is larger than any answer we take befalls its own call, and nothing else.
import { describe, expect, test } from 'vitest';
import type { SandboxRequest } from '../../src/sandbox/exchange.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { day, getTranscripts, idsIn, start, statusOf } from '../support/gong-faults.ts';
import { createHost } from '../support/host.ts';
import { type Harness, startHarness } from '../support/sync-harness.ts';

const large = '7200000000000000001';
const others = ['7200000000000000002', '7200000000000000003', '7200000000000000004'];
/** More than an answer may have: 64 MiB. */
const floodBytes = 64 * 2 ** 20 + 64 * 1024;

const asksForLarge = ({ route, json }: SandboxRequest) =>
  route === getTranscripts && JSON.stringify(json).includes(large);

async function withLarge(ids: readonly string[]) {
  const world = createHandmadeWorld(ids.map((id, index) => ({ id, started: start - (index + 3) * day })));
  const harness = await startHarness({ world, now: start, settings: { runEnds: { afterPolls: 0 } } });
  const fault = harness.sandbox.faults.add({
    on: asksForLarge,
    times: Number.POSITIVE_INFINITY,
    do: { kind: 'flood', bytes: floodBytes },
  });
  return { harness, fault };
}

function boughtOf({ sandbox }: Harness): unknown[] {
  return sandbox.ledger.runs.map(({ callId }) => callId).sort();
}

describe('a transcript above the cap', () => {
  test('M10 alone in its batch: the sync is complete, the call says too_large, and nothing is bought', async () => {
    const { harness } = await withLarge([large]);
    const report = await harness.syncWell();
    expect(await idsIn(harness)).toEqual([large]);
    expect(await statusOf(harness, large)).toBe('too_large');
    expect(report.transcripts).toMatchObject({ asked: 1, missing: 1, tooLarge: 1 });
    expect(report.closedThrough).not.toBeNull();
    expect(report.purchases.skip.without_transcript).toBe(1);
    expect(harness.sandbox.ledger.posts).toBe(0);
  });

  test('M10 among neighbours: these arrive and are bought, and the next syncs are complete as well', async () => {
    const { harness, fault } = await withLarge([large, ...others]);
    for (let sync = 0; sync < 3; sync++) {
      const report = await harness.syncWell();
      expect(report.transcripts.tooLarge).toBe(1);
      expect(report.closedThrough).not.toBeNull();
      expect(await idsIn(harness, 'transcripts')).toEqual(others);
      expect(await statusOf(harness, large)).toBe('too_large');
      expect(boughtOf(harness)).toEqual(others);
      harness.clock.advance(2 * day);
    }
    expect(fault.played).toBeGreaterThan(2);
    // Its row has one reason to be there, and it says so.
    const [row] = await harness.rows(`select transcript_status_reason as r from calls where call_id = '${large}'`);
    expect(String(row?.['r'])).toContain('64 MiB');
  });

  test('M10 once it fits into an answer, it is stored and bought like any other', async () => {
    const { harness, fault } = await withLarge([large, ...others]);
    await harness.syncWell();
    fault.remove();
    // The long look-back is made again, and asks for it.
    harness.clock.advance(1.5 * day);
    const report = await harness.syncWell();
    expect(report.transcripts.tooLarge).toBe(0);
    expect(await statusOf(harness, large)).toBe('available');
    expect(await idsIn(harness, 'transcripts')).toEqual([large, ...others]);
    expect(boughtOf(harness)).toEqual([large, ...others]);
  });

  test('M10 under a host: the read ends well, and only the others are bought', async () => {
    const { harness } = await withLarge([large, ...others]);
    const host = createHost(harness);
    for (let read = 0; read < 2; read++) {
      const { report, failure } = await host.read();
      expect(failure).toBeUndefined();
      expect(report?.transcripts.tooLarge).toBe(1);
      const statuses = Object.fromEntries(
        host.rows('calls').map((row) => [String(row['call_id']), row['transcript_status']]),
      );
      expect(statuses).toEqual({
        [large]: 'too_large',
        ...Object.fromEntries(others.map((id) => [id, 'available'])),
      });
      expect(boughtOf(harness)).toEqual(others);
      harness.clock.advance(2 * day);
    }
  });
});
