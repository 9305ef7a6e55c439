// M5: what a host has to carry: few states for what is bought, and none of them large. GONG_ELT_MONEY_CALLS=20000 makes it as many
// calls as a state is sized for.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { createStateLedger } from '../../src/ledger/state-ledger.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import {
  fingerprintsOf,
  parseStates,
  writeCallsState,
  writeRunsState,
  writeTranscriptsState,
} from '../../src/source/state.ts';
import { entryOf } from '../ledger/entry.ts';
import { createHost } from '../support/host.ts';
import { day, start } from '../support/semarize-faults.ts';
import { kitA, kitB, startHarness } from '../support/sync-harness.ts';

const calls = Number(process.env['GONG_ELT_MONEY_CALLS'] ?? 300);
const mostBytes = 256 * 1024;
const idOf = (n: number) => String(5_000_000_000_000_000_000n + BigInt(n));
const bytesOf = (state: unknown) => Buffer.byteLength(JSON.stringify(state));

test(
  'M5 under a host: at most one state for 50 runs that are bought, and none above 256 KiB',
  async () => {
    const harness = await startHarness({
      world: createHandmadeWorld(
        Array.from({ length: calls }, (_, n) => ({
          id: idOf(n),
          started: start - day - Math.floor((n * 58 * day) / calls),
          transcriptBytes: 400,
        })),
      ),
      now: start,
      settings: { gongRequestsPerSecond: Number.POSITIVE_INFINITY, runRetryAfterSeconds: null },
      config: {
        kits: [{ code: kitA }, { code: kitB }],
        max_runs_per_sync: 2 * calls,
        start_date: new Date(start - 61 * day).toISOString(),
        gong_requests_per_second: 100,
      },
    });
    const host = createHost(harness);
    let states = 0;
    let largest = 0;
    const announced = new Set<string>();
    const { failure, count } = await host.read(undefined, {
      onMessage(message) {
        if (message.type !== 'state') return;
        largest = Math.max(largest, bytesOf(message.state));
        if (message.stream !== 'semarize_runs') return;
        states += 1;
        for (const key of Object.keys((message.state['inFlight'] ?? {}) as JsonObject)) announced.add(key);
      },
    });
    expect(failure).toBeUndefined();
    expect(count).toBeGreaterThan(4 * calls);
    expect(harness.sandbox.ledger.distinctRuns).toBe(2 * calls);
    // Few, and yet every key was in one of them.
    expect(announced.size).toBe(2 * calls);
    expect(states).toBeLessThanOrEqual((2 * calls) / 50 + 12);
    expect(largest).toBeLessThanOrEqual(mostBytes);
  },
  120_000 + calls * 100,
);

test('M5 the state of each stream is at most 256 KiB after 20,000 calls for two kits, with what is in flight', async () => {
  const kits = [kitA, kitB];
  const fingerprints = fingerprintsOf({ workspace_ids: [], workspace_label: 'default' }, 'live');
  const state = parseStates(new Map(), fingerprints);
  for (const kit of kits)
    state.kits.set(kit, {
      from: start - 90 * day,
      closedThrough: start,
      deepAt: start,
      answers: ['c4e8f1a0-52d7-4a9b-b6c3-0d9e8f7a5b33'],
      closed: [],
      owed: new Map(Array.from({ length: 100 }, (_, n) => [idOf(n), start])),
    });
  const ledger = createStateLedger({}, { from: new Map(), answers: new Map() });
  for (let n = 0; n < 20_000; n++) {
    state.calls.seen.put(idOf(n), `content ${n}`);
    state.transcripts.seen.put(idOf(n), `content ${n}`);
    if (n < 200) state.transcripts.pending.set(idOf(n), { firstSeen: start, tries: 3, nextTry: start });
    for (const kit of kits)
      ledger.rowEmitted({
        ...entryOf(n, { callId: idOf(n), kit, startedAt: new Date(start - (n % 60) * day).toISOString() }),
        status: 'terminal',
      });
  }
  const hash = 'b1946ac92492d2347c6235b4d2611184f0c6f1e2c7d8a9b0c1d2e3f405162738';
  const key = (n: number) => `gs1:ebfpvr5yxwgfjpv5kf3wzcuop4eawrz7s6ovj7hb5b6kay6${String(n).padStart(5, '0')}`;
  const written = ledger.write(
    Array.from({ length: ledger.intentsAhead }, (_, n) =>
      entryOf(n, { key: key(n), callId: idOf(n), transcriptHash: hash, bodySha256: hash }),
    ),
  );
  ledger.rendezvous.emitted();
  await written;
  expect(bytesOf(writeRunsState(state, fingerprints, ledger.toState()))).toBeLessThanOrEqual(mostBytes);
  expect(bytesOf(writeCallsState(state, fingerprints))).toBeLessThanOrEqual(mostBytes);
  expect(bytesOf(writeTranscriptsState(state, fingerprints))).toBeLessThanOrEqual(mostBytes);
});
