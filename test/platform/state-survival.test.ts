// States outlive what happens to a connection: a kit or a stream that comes later, one that goes and comes back, versions of ours,
// and the hands of a host. And how a sync ends in which not everything went well.
import { expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { type Connection, expectUndisturbed, openConnection } from './connection.ts';

const dayMs = 86_400_000;

/** Calls, transcripts, without anything bought. */
const withoutRuns = ({ streams }: Connection) => streams.filter(({ name }) => name !== 'semarize_runs');

test('a stream that is chosen later starts from the beginning, the others do not', async () => {
  const connection = await openConnection();
  const calls = connection.stream('calls');
  expectUndisturbed(await connection.platform.sync(calls));
  expect([...connection.platform.states.keys()]).toEqual(['calls']);
  const later = await connection.platform.sync(connection.streams);
  expectUndisturbed(later);
  // Calls once more too: their rows say now what became of the transcript.
  expect(later.records).toBe(30 + 30 + connection.sandbox.ledger.distinctRuns);
  expect((await connection.platform.sync(connection.streams)).records).toBe(0);
  await connection.expectComplete();
});

test('a stream that is left out for a while goes on where it was', async () => {
  const connection = await openConnection();
  expectUndisturbed(await connection.platform.sync(connection.streams));
  const kept = connection.platform.states.get('semarize_runs');
  expectUndisturbed(await connection.platform.sync(withoutRuns(connection)));
  expect(connection.platform.states.get('semarize_runs')).toEqual(kept);
  const back = await connection.platform.sync(connection.streams);
  expectUndisturbed(back);
  expect(back.records).toBe(0);
  await connection.expectComplete();
});

test('a kit that is added later is bought from its own start on, and nothing of the first one again', async () => {
  const connection = await openConnection();
  expectUndisturbed(await connection.platform.sync(connection.streams));
  const first = connection.sandbox.ledger.distinctRuns;
  const from = new Date(Date.now() - 120 * dayMs).toISOString();
  await connection.configure({ kits: [{ code: 'A1B2C3D4' }, { code: '6AD3F0B6', from }] });
  expectUndisturbed(await connection.platform.sync(connection.streams));
  expect(connection.sandbox.ledger.distinctRuns).toBe(2 * first);
  await connection.expectComplete();
});

test('states survive hosts that store them their own way', async () => {
  const connection = await openConnection();
  expectUndisturbed(await connection.platform.sync(connection.streams));
  for (const [name, state] of connection.platform.states)
    connection.platform.states.set(name, reordered(state) as JsonObject);
  const again = await connection.platform.sync(connection.streams);
  expectUndisturbed(again);
  expect(again.records).toBe(0);
  expect(connection.sandbox.ledger.posts).toBe(connection.sandbox.ledger.distinctRuns);
});

/** The same with all keys in the other order, as a store that sorts them may give it back. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reordered(member)]),
  );
}

/** What the states of the first version held; later ones added members. */
const firstMembers: Readonly<Record<string, readonly string[]>> = {
  calls: ['v', 'fingerprint', 'closedThrough', 'deepAt', 'sweptAt', 'seen'],
  transcripts: ['v', 'fingerprint', 'closedThrough', 'deepAt', 'sweptAt', 'seen', 'pending'],
  semarize_runs: ['v', 'fingerprint', 'kits', 'done'],
  kit: ['from', 'closedThrough'],
};

function pick(value: JsonObject, members: readonly string[] = []): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([name]) => members.includes(name)));
}

test('a state of the first version, which had fewer members, is gone on from', async () => {
  const connection = await openConnection();
  expectUndisturbed(await connection.platform.sync(connection.streams));
  for (const [name, state] of connection.platform.states) {
    const old = pick(state, firstMembers[name]);
    expect(Object.keys(old)).toEqual(firstMembers[name]);
    const kits = isJsonObject(old['kits']) ? Object.entries(old['kits']) : [];
    const oldKits = kits.map(([kit, own]) => [kit, isJsonObject(own) ? pick(own, firstMembers['kit']) : own]);
    if (kits.length > 0) old['kits'] = Object.fromEntries(oldKits);
    connection.platform.states.set(name, old);
  }
  const again = await connection.platform.sync(connection.streams);
  expectUndisturbed(again);
  expect(again.records).toBe(0);
  expect(connection.sandbox.ledger.posts).toBe(connection.sandbox.ledger.distinctRuns);
  await connection.expectComplete();
});

test('a state of a later version is refused, and nothing is bought', async () => {
  const connection = await openConnection();
  expectUndisturbed(await connection.platform.sync(connection.streams));
  const posts = connection.sandbox.ledger.posts;
  const calls = connection.platform.states.get('calls') ?? {};
  connection.platform.states.set('calls', { ...calls, v: 99 });
  const refused = await connection.platform.sync(connection.streams);
  expect(refused.codes.source).toBe(2);
  expect(refused.texts.join('\n')).toMatch(/version/);
  expect(connection.platform.states.get('calls')).toEqual({ ...calls, v: 99 });
  expect(connection.sandbox.ledger.posts).toBe(posts);
});

test('transcripts given up, runs failed and one frozen: the sync is complete, and says so', async () => {
  const now = Date.now();
  const call = (n: number, more: object = {}) => ({ id: `77823422740259378${n}`, started: now - n * dayMs, ...more });
  const world = createHandmadeWorld([
    call(20, { transcriptAt: null }),
    call(12),
    call(11, { runs: { A1B2C3D4: 'failed' } }),
    call(10),
  ]);
  const connection = await openConnection(world, { transcript_give_up_days: 0 });
  connection.sandbox.faults.add({ on: 'POST /v1/runs', do: faultAnswers.status(409, 'idempotency_key_conflict') });
  const first = await connection.platform.sync(connection.streams);
  const second = await connection.platform.sync(connection.streams);
  for (const outcome of [first, second]) {
    expectUndisturbed(outcome);
    expect(outcome.statuses.filter((status) => status.endsWith(' COMPLETE'))).toHaveLength(3);
  }
  expect(first.texts.join('\n')).toMatch(/failed 1 .*frozen 1/);
  expect(second.texts.join('\n')).toContain('given up 1');
});

test('a stream that could not be completed is INCOMPLETE, and the source ends with an error', async () => {
  const connection = await openConnection();
  connection.sandbox.faults.add({
    on: 'POST /v1/runs',
    times: Number.POSITIVE_INFINITY,
    do: faultAnswers.status(402, 'no credits left'),
  });
  const outcome = await connection.platform.sync(connection.streams);
  expect(outcome.problems).toEqual([]);
  expect(outcome.codes.source).toBeGreaterThan(0);
  expect(outcome.codes.destination).toBe(0);
  expect(outcome.statuses).toContain('semarize_runs INCOMPLETE');
  expect(outcome.statuses).toContain('calls COMPLETE');
  expect(connection.platform.states.size).toBe(3);
});
