// X1, X2, S27: several syncs of one destination, and a destination that somebody else holds. Who may not commit does not buy.
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { startScript } from '../ledger/run-script.ts';
import { concurrency, createScene, expectConverged, type Scene, syncUntilDone } from '../support/crash-scene.ts';
import { elsewheres, forgedMark } from '../support/pid-namespace.ts';

describe.concurrent('two syncs', () => {
  test('X1 at once: one runs, the others ask nothing and say who holds the destination', async (context) => {
    const scene = await createScene('warehouse.duckdb', context);
    const outcomes = await Promise.all([scene.sync(), scene.sync(), scene.sync()]);
    expect(outcomes.filter((outcome) => outcome === 'done').length).toBeGreaterThanOrEqual(1);
    for (const outcome of outcomes) if (outcome !== 'done') expect(outcome).toContain('Another sync is running');
    await syncUntilDone(scene);
    await expectConverged(scene);
  });

  /** Stops a sync at a point, lets another one take over, wakes the first. @returns how it ends, and the keys it then sends. */
  async function takeOver(scene: Scene, point: string): Promise<{ outcome: string; sent: string[] }> {
    const sleeper = scene.start({ point, signal: 'SIGSTOP' });
    await sleeper.reached;
    expect(await scene.sync()).toContain('Another sync is running');
    await rm(placeOf(scene.to).lockPath);
    await syncUntilDone(scene);
    scene.sandbox.ledger.clearRequests();
    sleeper.wake();
    const outcome = await sleeper.ended;
    return { outcome, sent: [...scene.sandbox.ledger.postsPerKey().keys()] };
  }

  test.for([['warehouse.duckdb'], ['lake']] as const)(
    'X2 in %s a sync that slept before a look at the lock, and lost it, buys and commits nothing',
    async ([to], context) => {
      const scene = await createScene(to, context);
      const { outcome, sent } = await takeOver(scene, 'CP0');
      expect(outcome).toContain('This sync has lost its lock');
      expect(sent).toEqual([]);
      await expectConverged(scene);
      await syncUntilDone(scene);
      await expectConverged(scene);
    },
  );

  test.for([
    ['warehouse.duckdb', 'CP1'],
    ['warehouse.duckdb', 'CP3'],
    ['lake', 'CP3'],
  ] as const)(
    'X2 in %s, asleep at %s: the rest of one chunk goes out under the same keys, to the same runs',
    async ([to, point], context) => {
      const scene = await createScene(to, context);
      const { outcome, sent } = await takeOver(scene, point);
      expect(outcome).toContain('This sync has lost its lock');
      expect(sent.length).toBeLessThanOrEqual(concurrency);
      await expectConverged(scene);
      await syncUntilDone(scene);
      await expectConverged(scene);
    },
  );
});

/** Makes the holder's heartbeat look that old. */
async function silence(scene: Scene, minutes: number): Promise<void> {
  const then = new Date(Date.now() - minutes * 60_000);
  await utimes(placeOf(scene.to).lockPath, then, then);
}

async function stagedFiles({ to }: Scene): Promise<string[]> {
  const names = await readdir(to.endsWith('.duckdb') ? `${to}.tmp` : join(to, '_gong_elt', 'tmp'), { recursive: true });
  return names.filter((name) => name.endsWith('.jsonl')).sort();
}

describe.each(elsewheres)('a sync $name, on the same disk and with our host name', ({ shell }) => {
  /** Starts it and waits until it has stopped itself at `point`. */
  async function startElsewhere(scene: Scene, point: string) {
    const sync = scene.start({ point, signal: 'SIGSTOP', shell });
    await sync.reached;
    const { lockPath } = placeOf(scene.to);
    if (shell === undefined)
      await writeFile(lockPath, JSON.stringify({ ...JSON.parse(await readFile(lockPath, 'utf8')), ...forgedMark }));
    return sync;
  }

  test.for([['warehouse.duckdb'], ['lake']] as const)(
    'M9 in %s keeps its lock and its staged files against us, and ends well',
    async ([to], context) => {
      const scene = await createScene(to, context);
      const first = await startElsewhere(scene, 'loader:before-commit');
      const staged = await stagedFiles(scene);
      expect(staged).not.toEqual([]);
      await silence(scene, 9);
      const refusal = await scene.sync();
      expect(refusal).toContain('Another sync is running on this destination');
      expect(refusal).toMatch(/it may be in another container\)\. Its last sign of life was 9 min \d+ s ago/);
      expect(await stagedFiles(scene)).toEqual(staged);
      first.wake();
      expect(await first.ended).toBe('done');
      await expectConverged(scene);
    },
  );

  test.for([['warehouse.duckdb'], ['lake']] as const)(
    'M9 in %s that lost its lock after ten minutes of silence leaves the new holder and its staged files alone',
    async ([to], context) => {
      const scene = await createScene(to, context);
      const loser = await startElsewhere(scene, 'CP0');
      await silence(scene, 11);
      const holder = scene.start({ point: 'loader:before-commit', signal: 'SIGSTOP' });
      await holder.reached;
      const staged = await stagedFiles(scene);
      scene.sandbox.ledger.clearRequests();
      loser.wake();
      expect(await loser.ended).toContain('This sync has lost its lock');
      expect([...scene.sandbox.ledger.postsPerKey().keys()]).toEqual([]);
      const left = await stagedFiles(scene);
      expect(staged.length).toBeGreaterThan(0);
      expect(left.length).toBeGreaterThan(0);
      expect(staged).toEqual(expect.arrayContaining(left));
      holder.wake();
      expect(await holder.ended).toBe('done');
      await expectConverged(scene);
    },
  );
});

describe.concurrent('S27 a destination that cannot be written costs nothing', () => {
  test('X6 another process holds the file', async (context) => {
    const scene = await createScene('warehouse.duckdb', context);
    const holder = startScript(
      `const { DuckDBInstance } = await import('@duckdb/node-api');
      await (await DuckDBInstance.create(given)).connect();
      console.log('held');
      setInterval(() => {}, 1000);`,
      scene.to,
    );
    context.onTestFinished(() => void holder.child.kill('SIGKILL'));
    await holder.printed('held');
    const outcome = await scene.sync();
    expect(outcome).toContain(`PID ${holder.child.pid}`);
    expect(scene.sandbox.ledger.requests).toEqual([]);
    holder.child.kill('SIGKILL');
    await holder.ended;
    await syncUntilDone(scene);
    await expectConverged(scene);
  });

  test('a folder is in its place', async (context) => {
    const scene = await createScene('warehouse.duckdb', context);
    await mkdir(scene.to);
    expect(await scene.sync()).toMatch(/^exit 1/);
    expect(scene.sandbox.ledger.requests).toEqual([]);
  });
});
