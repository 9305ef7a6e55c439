// X1, X2, X9, P14: one sync per destination, between real processes.
import { mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { SyncLock } from '../../src/ledger/lock-holder.ts';
import { acquireSyncLock } from '../../src/ledger/sync-lock.ts';
import { identifyProcess } from '../../src/process/identity.ts';
import { type Running, startScript } from './run-script.ts';

async function lockPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-lock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'warehouse.duckdb.lock');
}

async function acquire(path: string): Promise<SyncLock> {
  const lock = await acquireSyncLock(path, await identifyProcess());
  onTestFinished(() => lock.release());
  return lock;
}

async function failureOf(promise: Promise<unknown>): Promise<ConnectorError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConnectorError)) throw new Error(`no ConnectorError but ${String(error)}`);
  return error;
}

const locking = `
  const { acquireSyncLock } = await load('ledger/sync-lock');
  const { identifyProcess } = await load('process/identity');
  const stay = () => new Promise(() => setInterval(() => {}, 1000));`;

/** A process that takes the lock, says so, and holds it until it is killed. */
async function startHolder(path: string): Promise<Running> {
  const running = startScript(
    `${locking}
    const lock = await acquireSyncLock(given, await identifyProcess());
    const tell = (error) => console.log(error.area + ': ' + error.message);
    process.on('SIGUSR2', () => lock.verify().then(() => console.log('still mine'), tell));
    console.log('held');
    await stay();`,
    path,
  );
  onTestFinished(() => {
    running.child.kill('SIGKILL');
  });
  await running.printed('held');
  return running;
}

async function kill({ child, ended }: Running): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

/** Changes what stands in the lock file. */
async function forge(path: string, changes: Record<string, unknown>): Promise<void> {
  const holder = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify({ ...holder, ...changes }));
}

describe('two processes', () => {
  test('X1 the second is refused as busy, and told who holds it', async () => {
    const path = await lockPath();
    const { child } = await startHolder(path);
    const failure = await failureOf(acquire(path));
    expect(failure.area).toBe('busy');
    expect(failure.message).toContain(`PID ${child.pid} on ${hostname()}`);
    expect(failure.hint).toContain(path);
  });

  test('X9 a holder that was killed is replaced at once', async () => {
    const path = await lockPath();
    await kill(await startHolder(path));
    expect((await stat(path)).isFile()).toBe(true);
    const lock = await acquire(path);
    await lock.verify();
  });

  test('X1 of ten that start together exactly one gets it', async () => {
    const path = await lockPath();
    const ten = Array.from({ length: 10 }, () =>
      startScript(
        `${locking}
        try {
          await acquireSyncLock(given, await identifyProcess());
          console.log('held');
        } catch (error) {
          console.log(error.area);
        }
        await stay();`,
        path,
      ),
    );
    onTestFinished(() => {
      for (const { child } of ten) child.kill('SIGKILL');
    });
    const said = await Promise.all(
      ten.map(({ printed }) => Promise.any([printed('held').then(() => 'held'), printed('busy').then(() => 'busy')])),
    );
    expect(said.filter((word) => word === 'held')).toHaveLength(1);
  });

  test('X9 of many that find the same stale lock at most one gets it, and nothing is left beside it', async () => {
    for (let round = 0; round < 20; round++) {
      const path = await lockPath();
      const dead = await acquireSyncLock(path, await identifyProcess());
      await forge(path, { pid: 2 ** 22 + 1, token: 'dead' });
      await dead.release();
      const identity = await identifyProcess();
      const takers = await Promise.allSettled(Array.from({ length: 5 }, () => acquireSyncLock(path, identity)));
      const locks = takers.flatMap((taker) => (taker.status === 'fulfilled' ? [taker.value] : []));
      const valid = await Promise.allSettled(locks.map((lock) => lock.verify()));
      expect(valid.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
      for (const lock of locks) await lock.release();
      expect(await readdir(join(path, '..'))).toEqual([]);
    }
  });
});

describe('who is alive', () => {
  test('X9 a process id that was given to somebody else holds nothing', async () => {
    const path = await lockPath();
    const { child } = await startHolder(path);
    // The process lives, but it is not the one that took the lock.
    await forge(path, { startTime: '1' });
    expect(child.exitCode).toBeNull();
    await (await acquire(path)).verify();
  });

  test('X9 a lock of before the last start of this machine is stale', async () => {
    const path = await lockPath();
    await startHolder(path);
    await forge(path, { bootId: 'another start' });
    await (await acquire(path)).verify();
  });

  test('X9 a holder on another machine counts as alive while its heartbeat is younger than ten minutes', async () => {
    const path = await lockPath();
    await kill(await startHolder(path));
    await forge(path, { host: 'elsewhere', bootId: 'there' });
    const at = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    await utimes(path, at(9), at(9));
    const failure = await failureOf(acquire(path));
    expect(failure.message).toContain('on elsewhere');
    await utimes(path, at(11), at(11));
    await (await acquire(path)).verify();
  });
});

describe('a lock that is lost', () => {
  test('X2 P14 who sleeps, loses the lock and wakes finds out before anything is sent', async () => {
    const path = await lockPath();
    const holder = await startHolder(path);
    holder.child.kill('SIGUSR2');
    await holder.printed('still mine');
    holder.child.kill('SIGSTOP');
    await rm(path);
    const mine = await acquire(path);
    holder.child.kill('SIGUSR2');
    holder.child.kill('SIGCONT');
    await holder.printed(
      `busy: This sync has lost its lock: PID ${process.pid} on ${hostname()} has taken over. It buys and commits nothing more.`,
    );
    await mine.verify();
  });

  test('a lock file that was removed is a lost lock, and release does not take away what is somebody else’s', async () => {
    const path = await lockPath();
    const first = await acquire(path);
    await rename(path, `${path}.aside`);
    expect((await failureOf(first.verify())).message).toContain('its lock is gone');
    const second = await acquire(path);
    await first.release();
    await second.verify();
    await second.release();
    await expect(stat(path)).rejects.toThrow(/ENOENT/);
  });
});

test('a folder that does not exist is named as such', async () => {
  const failure = await failureOf(acquire(join(tmpdir(), 'gong-elt-no-such-folder', 'w.duckdb.lock')));
  expect(failure.area).toBe('destination');
  expect(failure.hint).toContain('create it');
});
