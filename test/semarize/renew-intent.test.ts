// S9: an intent without an answer whose key Semarize may have forgotten. It is sent again only when the list of runs proves that
// there is none of it; in doubt it is frozen, since what is sent for nothing is paid for twice.
import { describe, expect, test } from 'vitest';
import type { LedgerEntry } from '../../src/core/ledger.ts';
import { itemOf, itemsOf, listRuns, openScene, postRuns, type Scene } from './open-evaluator.ts';

const hour = 3_600_000;
/** As long as Semarize is trusted to remember a key, and does so here. */
const keyTtlMs = 12 * hour;

const unanswered = itemOf(0);

/** One sync in which five POSTs of one item get no answer and `others` are bought after it. @returns its entry */
async function leaveUnanswered(scene: Scene, others: number, wasTaken = false): Promise<LedgerEntry> {
  scene.sandbox.faults.add({ on: postRuns, times: 5, do: { kind: 'reset', processed: wasTaken } });
  const sync = await scene.startSync({ maxRuns: others + 1, concurrency: 100 });
  await sync.run([unanswered]);
  await sync.run(itemsOf(others + 1).slice(1));
  return entryIn(await sync.end());
}

function entryIn(written: readonly LedgerEntry[]): LedgerEntry {
  const entry = written.find(({ callId }) => callId === unanswered.callId);
  if (entry === undefined) throw new Error('the ledger does not know the item');
  return entry;
}

const open = () => openScene({ idempotencyMemoryMs: keyTtlMs }, 30_000);

describe('the list holds a hundred runs at most', () => {
  test.each<[what: string, others: number, wasTaken: boolean, status: string, runs: number]>([
    ['one fewer, all of them ours: there is no other, and it is sent', 99, false, 'terminal', 1],
    ['so many of ours that one more may be missing: it is frozen', 100, false, 'frozen', 0],
    ['its own run was pushed out of it by ours: it is frozen, not bought twice', 100, true, 'frozen', 1],
    ['its own run is in it, and nobody knows whose it is: it is frozen', 98, true, 'frozen', 1],
  ])('%s', async (_, others, wasTaken, status, runs) => {
    const scene = await open();
    const { key } = await leaveUnanswered(scene, others, wasTaken);
    expect(scene.sandbox.ledger.distinctRuns).toBe(others + (wasTaken ? 1 : 0));
    scene.clock.advance(keyTtlMs + hour);
    const second = await scene.startSync();
    await second.run();
    expect(entryIn(await second.end()).status).toBe(status);
    expect(scene.sandbox.ledger.runsPerKey(key)).toHaveLength(runs);
    expect(scene.sandbox.ledger.count(listRuns)).toBe(1);
  });
});

describe('the age of a key', () => {
  test.each([
    ['a moment under twelve hours needs no list', keyTtlMs - 1, 0],
    ['twelve hours needs it', keyTtlMs, 1],
  ])('of %s', async (_, age, asked) => {
    const scene = await open();
    const { createdAt } = await leaveUnanswered(scene, 0);
    scene.clock.set(createdAt + age);
    const second = await scene.startSync();
    await second.run();
    expect(scene.sandbox.ledger.count(listRuns)).toBe(asked);
    expect(entryIn(await second.end()).status).toBe('terminal');
  });

  test('counts anew from the POST that the list allowed: unanswered again, it needs no list an hour later', async () => {
    const scene = await open();
    const { key } = await leaveUnanswered(scene, 0);
    scene.clock.advance(keyTtlMs);
    scene.sandbox.faults.add({ on: postRuns, times: 5, do: { kind: 'reset', processed: true } });
    const second = await scene.startSync();
    await second.run();
    expect(entryIn(await second.end()).status).toBe('intent');
    scene.clock.advance(hour);
    const third = await scene.startSync();
    await third.run();
    expect(entryIn(await third.end()).status).toBe('terminal');
    expect(scene.sandbox.ledger.count(listRuns)).toBe(1);
    expect(scene.sandbox.ledger.runsPerKey(key)).toHaveLength(1);
  });
});

test('one look at the list decides for all that wait for it', async () => {
  const scene = await open();
  scene.sandbox.faults.add({ on: postRuns, times: 10, do: { kind: 'reset' } });
  const first = await scene.startSync();
  await first.run(itemsOf(2));
  await first.end();
  scene.clock.advance(keyTtlMs);
  const second = await scene.startSync();
  expect((await second.run()).ended.map(({ callId }) => callId).sort()).toEqual(itemsOf(2).map(({ callId }) => callId));
  expect(scene.sandbox.ledger.count(listRuns)).toBe(1);
  await second.end();
});
