// kill -9 at every named crash point, and at seeded moments; then sync again. The tables must equal those of an undisturbed
// sync, and the sandbox must have accepted one run per call and kit. CP6 is `loader:after-acknowledge`.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/sandbox/random.ts';
import { createScene, expectConverged, type Scene, syncUntilDone } from '../support/crash-scene.ts';

const inFile: [point: string, nth: number][] = [
  ['CP0', 1],
  ...['CP1', 'CP2', 'CP3', 'CP4', 'CP5'].flatMap((point): [string, number][] => [
    [point, 1],
    // Intents are written several at a time.
    [point, point === 'CP1' ? 3 : 7],
  ]),
  ...['before-commit', 'after-commit', 'after-acknowledge'].map((step): [string, number] => [`loader:${step}`, 1]),
  ...['before-ddl', 'after-ddl', 'before-begin', 'before-state', 'before-commit', 'after-commit'].map(
    (step): [string, number] => [`duckdb:${step}`, 1],
  ),
];
const inLake = [
  'after-write',
  'after-fsync',
  'after-rename',
  'before-entry',
  'after-entry',
  'before-state',
  'after-state',
];
const points: [to: string, point: string, nth: number][] = [
  ...inFile.map(([point, nth]): [string, string, number] => ['warehouse.duckdb', point, nth]),
  ...inLake.map((step): [string, string, number] => ['lake', `lake:${step}`, 1]),
];

describe.concurrent('kill -9 at a crash point, then sync again', () => {
  test.for(points)('%s, %s, passing %i', async ([to, point, nth], context) => {
    const scene = await createScene(to, context);
    expect(await scene.sync({ point, nth })).toBe('SIGKILL');
    await syncUntilDone(scene);
    await expectConverged(scene);
  });

  test('twice in a row at the worst place (accepted, not written down), then at the commit', async (context) => {
    const scene = await createScene('warehouse.duckdb', context);
    expect(await scene.sync({ point: 'CP2' })).toBe('SIGKILL');
    expect(await scene.sync({ point: 'CP2', nth: 2 })).toBe('SIGKILL');
    expect(await scene.sync({ point: 'duckdb:before-commit' })).toBe('SIGKILL');
    await syncUntilDone(scene);
    await expectConverged(scene);
  });
});

/** A moment of a sync, spread evenly over the requests that a whole one makes. */
async function signalAfter(scene: Scene, requests: number, ms: number, signal: NodeJS.Signals): Promise<string> {
  const { child, ended } = scene.start();
  let seen = 0;
  const counter = scene.sandbox.faults.add({
    on: () => {
      seen += 1;
      if (seen === requests) void sleep(ms).then(() => child.kill(signal));
      return false;
    },
    do: { kind: 'reset' },
  });
  const outcome = await ended;
  counter.remove();
  return outcome;
}

describe.concurrent('a signal at seeded moments', () => {
  const seed = Number(process.env['GONG_ELT_KILL_SEED'] ?? 7);
  const rounds = Number(process.env['GONG_ELT_KILL_ROUNDS'] ?? 12);
  const random = createRandom(seed, 'kills');
  /** A whole sync makes about this many requests. */
  const most = 60;
  const moments = Array.from({ length: rounds }, (_, round) => ({
    round,
    to: round % 2 === 0 ? 'warehouse.duckdb' : 'lake',
    // Every third one is asked to end, and killed when it does not listen.
    first: (round % 3 === 2 ? 'SIGTERM' : 'SIGKILL') as NodeJS.Signals,
    after: [random.int(1, most), random.int(1, most)] as const,
    ms: [random.int(0, 60), random.int(0, 60)] as const,
  }));

  test.for(moments)(
    `seed ${seed}, round $round: $first after $after.0 requests, then SIGKILL after $after.1`,
    async ({ to, first, after, ms }, context) => {
      const scene = await createScene(to, context);
      const outcome = await signalAfter(scene, after[0], ms[0], first);
      // Asked to end, it says so; the last requests may come too late for it to be stopped.
      if (first === 'SIGTERM') expect(outcome).toMatch(/StoppedError|^done$|^SIGTERM$/);
      await signalAfter(scene, after[1], ms[1], 'SIGKILL');
      await syncUntilDone(scene);
      await expectConverged(scene);
    },
  );
});
