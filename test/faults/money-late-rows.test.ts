// M3: more calls than a state can remember, and a kit that is far behind. What appears late is stored all the same, and what turned
// private loses its words. By default few calls stand among many that exist in the memory alone; GONG_ELT_MONEY_CALLS=18900 makes
// all of them.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { openForWriting } from '../../src/duckdb/connection.ts';
import { createHandmadeWorld, type HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import { createHost } from '../support/host.ts';
import { day, start } from '../support/semarize-faults.ts';
import { type Harness, kitA, startHarness } from '../support/sync-harness.ts';

const calls = Number(process.env['GONG_ELT_MONEY_CALLS'] ?? 300);
const timeout = 120_000 + calls * 60;

/** Entries that a memory in a state holds, and bytes of one. */
const mostRemembered = 18_000;
const entryBytes = 10;

const idOf = (n: number) => String(5_000_000_000_000_000_000n + BigInt(n));
const ages = [20, 23, 26, 29, 32, 35, 38, 41, 45, 50];
const lateIds = ages.map((_, n) => idOf(1_000_000 + n));
const privateIds = [2, ...ages].map((_, n) => idOf(2_000_000 + n));
const happensAt = start + 3 * day;

/** Calls of 60 days; three days later ten more show, 20 to 50 days old, and eleven have turned private. */
function handmade(): HandmadeCall[] {
  const ordinary = Array.from(
    { length: calls },
    (_, n): HandmadeCall => ({
      id: idOf(n),
      started: start - day - Math.floor((n * 58 * day) / calls),
      transcriptBytes: 400,
    }),
  );
  const late = lateIds.map(
    (id, n): HandmadeCall => ({
      id,
      started: start - (ages[n] ?? 0) * day,
      visibleAt: happensAt,
    }),
  );
  const turned = privateIds.map(
    (id, n): HandmadeCall => ({
      id,
      started: start - ([2, ...ages][n] ?? 0) * day - 7_000_000,
      private: happensAt,
    }),
  );
  return [...ordinary, ...late, ...turned];
}

function openHarness(): Promise<Harness> {
  return startHarness({
    world: createHandmadeWorld(handmade()),
    now: start,
    settings: { gongRequestsPerSecond: Number.POSITIVE_INFINITY, gongRequestsPerDay: 1_000_000 },
    config: {
      kits: [{ code: kitA }],
      max_runs_per_sync: 3,
      start_date: new Date(start - 61 * day).toISOString(),
      gong_requests_per_second: 100,
    },
  });
}

/** The state of a company with more calls: the memory is full, and half of what it held of these calls was forgotten. */
function withFullMemory(state: JsonObject): JsonObject {
  const held = Buffer.from(String(state['seen'] ?? ''), 'base64');
  if (held.length / entryBytes >= mostRemembered) return state;
  const kept = held.subarray(Math.floor(held.length / entryBytes / 2) * entryBytes);
  const others: Buffer[] = [];
  for (let nth = kept.length / entryBytes; nth < mostRemembered; nth++)
    others.push(createHash('sha256').update(`another call ${nth}`).digest().subarray(0, entryBytes));
  return { ...state, seen: Buffer.concat([...others, kept]).toString('base64') };
}

interface Stored {
  readonly statuses: ReadonlyMap<string, unknown>;
  readonly words: ReadonlyMap<string, unknown>;
}

function expectNothingLost({ sandbox }: Harness, reads: number, { statuses, words }: Stored): void {
  expect({
    late: lateIds.filter((id) => statuses.get(id) !== 'available' || typeof words.get(id) !== 'string'),
    stillPublic: privateIds.filter((id) => statuses.get(id) !== 'private'),
    wordsKept: privateIds.filter((id) => words.get(id) !== null),
    calls: statuses.size,
  }).toEqual({ late: [], stillPublic: [], wordsKept: [], calls: calls + lateIds.length + privateIds.length });
  // The kit lags on, and buys what the limit allows, nothing twice.
  expect(sandbox.ledger.distinctRuns).toBe(3 * reads);
  expect(new Set(sandbox.ledger.runs.map(({ callId }) => callId)).size).toBe(3 * reads);
}

const readsAt = [start, start + day, start + 4 * day, start + 8 * day];

test(
  'M3 under a host: a full memory and a kit that lags lose no late call, and keep no private word',
  async () => {
    const harness = await openHarness();
    const host = createHost(harness);
    for (const at of readsAt) {
      harness.clock.set(Math.max(harness.clock.now(), at));
      const { failure } = await host.read();
      if (failure !== undefined) throw failure;
      for (const stream of ['calls', 'transcripts'])
        host.states.set(stream, withFullMemory(host.states.get(stream) ?? {}));
      if (at === start)
        expect(host.rows('transcripts').filter(({ text }) => text !== null)).toHaveLength(calls + privateIds.length);
    }
    expectNothingLost(harness, readsAt.length, {
      statuses: new Map(host.rows('calls').map((row) => [String(row['call_id']), row['transcript_status']])),
      words: new Map(host.rows('transcripts').map((row) => [String(row['call_id']), row['text']])),
    });
  },
  timeout,
);

test(
  'M3 standalone: a full memory and a kit that lags lose no late call, and keep no private word',
  async () => {
    const harness = await openHarness();
    for (const at of readsAt) {
      harness.clock.set(Math.max(harness.clock.now(), at));
      await harness.syncWell();
      await fillMemory(harness);
    }
    const statuses = await harness.rows('select call_id, transcript_status from calls');
    const words = await harness.rows('select call_id, text from transcripts');
    expectNothingLost(harness, readsAt.length, {
      statuses: new Map(statuses.map((row) => [String(row['call_id']), row['transcript_status']])),
      words: new Map(words.map((row) => [String(row['call_id']), row['text']])),
    });
    // The memory is the destination, which has no edge: it knows of every row that it has it.
    harness.clock.advance(day);
    const { calls: counts } = await harness.syncWell();
    expect(counts).toMatchObject({ new: 0, changed: 0, again: 0 });
    expect(counts.unchanged).toBeGreaterThanOrEqual(calls - 3 * readsAt.length);
  },
  timeout,
);

/** The states in the destination, as a program left them that kept its memory there. */
async function fillMemory(harness: Harness): Promise<void> {
  const [row] = await harness.rows('select streams::varchar as streams from _gong_elt.state');
  const streams = JSON.parse(String(row?.['streams'])) as Record<string, JsonObject>;
  for (const stream of ['calls', 'transcripts']) streams[stream] = withFullMemory(streams[stream] ?? {});
  const database = await openForWriting(harness.to, { folders: [], spillFolder: `${harness.to}.spill` });
  await database.exclusive((session) =>
    session.run('UPDATE _gong_elt.state SET streams = $1', [JSON.stringify(streams)]),
  );
  await database.close();
}
