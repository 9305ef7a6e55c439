// M9, X9: holders of the lock in other containers, which may have our host name. A process id proves nothing there.
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { ProcessIdentity } from '../../src/core/machine.ts';
import type { SyncLock } from '../../src/ledger/lock-holder.ts';
import { acquireSyncLock } from '../../src/ledger/sync-lock.ts';
import { identifyProcess } from '../../src/process/identity.ts';
import { type Elsewhere, elsewheres, forgedMark } from '../support/pid-namespace.ts';
import { type Running, startScript } from './run-script.ts';

async function lockPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-lock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'warehouse.duckdb.lock');
}

async function acquire(path: string, changes: Partial<ProcessIdentity> = {}): Promise<SyncLock> {
  const lock = await acquireSyncLock(path, { ...(await identifyProcess()), ...changes });
  onTestFinished(() => lock.release());
  return lock;
}

async function refusalOf(path: string, changes: Partial<ProcessIdentity> = {}): Promise<ConnectorError> {
  const error = await acquire(path, changes).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConnectorError)) throw new Error(`no ConnectorError but ${String(error)}`);
  return error;
}

async function forge(path: string, changes: Record<string, unknown>): Promise<void> {
  const holder = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify({ ...holder, ...changes }));
}

/** Makes the heartbeat look that old. */
async function silence(path: string, seconds: number): Promise<void> {
  const then = new Date(Date.now() - seconds * 1000);
  await utimes(path, then, then);
}

interface Holder extends Running {
  /** What the holder finds when it looks at its lock now. */
  look(): Promise<string>;
}

/** A process that takes the lock and holds it until it is killed. */
async function startHolder(path: string, { shell }: Elsewhere): Promise<Holder> {
  const running = startScript(
    `const { acquireSyncLock } = await load('ledger/sync-lock');
    const { identifyProcess } = await load('process/identity');
    const { existsSync, unlinkSync } = await import('node:fs');
    const lock = await acquireSyncLock(given, await identifyProcess());
    let asked = 0;
    setInterval(() => {
      if (!existsSync(given + '.ask')) return;
      unlinkSync(given + '.ask');
      const answer = 'answer ' + ++asked + ': ';
      lock.verify().then(() => console.log(answer + 'mine'), (error) => console.log(answer + error.message));
    }, 10);
    console.log('held');`,
    path,
    shell,
  );
  onTestFinished(() => void running.child.kill('SIGKILL'));
  await running.printed('held');
  if (shell === undefined) await forge(path, forgedMark);
  let asked = 0;
  return {
    ...running,
    async look() {
      await writeFile(`${path}.ask`, '');
      return await running.said(new RegExp(`^answer ${++asked}: (.*)\\n`, 'm'));
    },
  };
}

describe.each(elsewheres)('a holder $name', (elsewhere) => {
  test('M9 keeps its lock, and who comes is told who holds it, where, and for how long at the most', async () => {
    const path = await lockPath();
    const holder = await startHolder(path, elsewhere);
    await silence(path, 71);
    const refusal = await refusalOf(path);
    const { pid } = JSON.parse(await readFile(path, 'utf8'));
    expect(refusal).toMatchObject({ area: 'busy', fields: { pid }, hint: expect.stringContaining(path) });
    expect(refusal.message).toMatch(
      new RegExp(
        `^Another sync is running on this destination \\(PID ${pid} on ${hostname()}, it may be in another container\\)\\. ` +
          'Its last sign of life was 1 min 1\\d s ago; without another it counts as dead in 8 min 4\\d s\\.$',
      ),
    );
    expect(await holder.look()).toBe('mine');
  });

  test('M9 X9 is replaced when its heartbeat is ten minutes old, not before, and finds out', async () => {
    const path = await lockPath();
    const holder = await startHolder(path, elsewhere);
    await silence(path, 590);
    expect((await refusalOf(path)).message).toContain('counts as dead in');
    expect(await holder.look()).toBe('mine');
    await silence(path, 601);
    const mine = await acquire(path);
    expect(await holder.look()).toContain(`PID ${process.pid} on ${hostname()} has taken over`);
    await mine.verify();
  });

  test('M9 that was killed counts as alive until its heartbeat is old: from here nobody can tell', async () => {
    const path = await lockPath();
    const { child, ended } = await startHolder(path, elsewhere);
    child.kill('SIGKILL');
    await ended;
    expect((await refusalOf(path)).area).toBe('busy');
    await silence(path, 601);
    await (await acquire(path)).verify();
  });
});

const here: Elsewhere = { name: 'here', shell: undefined };

describe('a namespace that is not known', () => {
  /** A holder of this namespace, as its lock file would be with these changes. */
  async function startWith(changes: Record<string, unknown>) {
    const path = await lockPath();
    const holder = await startHolder(path, here);
    const { pidNamespace } = await identifyProcess();
    await forge(path, { pid: holder.child.pid, pidNamespace, ...changes });
    return { path, holder };
  }

  async function kill({ child, ended }: Running): Promise<void> {
    child.kill('SIGKILL');
    await ended;
  }

  test('of a lock of 0.1.0: the process id decides, as it did then', async () => {
    const { path, holder } = await startWith({ pidNamespace: undefined });
    await silence(path, 3600);
    expect((await refusalOf(path)).message).toBe(
      `Another sync is running on this destination (PID ${holder.child.pid} on ${hostname()}).`,
    );
    await kill(holder);
    await (await acquire(path)).verify();
  });

  test.each([
    ['the holder’s', { pidNamespace: '' }, {}],
    ['ours', {}, { pidNamespace: '' }],
  ])('%s only: the heartbeat decides', async (_, written, known) => {
    const { path, holder } = await startWith(written);
    await kill(holder);
    expect((await refusalOf(path, known)).message).toContain('counts as dead in');
    await silence(path, 601);
    await (await acquire(path, known)).verify();
  });

  test('on either side: the process id decides, which is all such a system has', async () => {
    const { path, holder } = await startWith({ pidNamespace: '' });
    const unknown = { pidNamespace: '' };
    expect((await refusalOf(path, unknown)).message).not.toContain('counts as dead in');
    await kill(holder);
    await (await acquire(path, unknown)).verify();
  });

  test('of a process that lives, but whose start cannot be read: the heartbeat decides', async () => {
    const { path } = await startWith({});
    const hidden = { startTimeOf: async () => '' };
    expect((await refusalOf(path, hidden)).message).toContain('counts as dead in');
  });
});

test('an identity names the namespace it counts in, and a lock writes it down', async () => {
  const path = await lockPath();
  await acquire(path);
  const identity = await identifyProcess();
  if (process.platform === 'linux') expect(identity.pidNamespace).toMatch(/^pid:\[\d+\]$/);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
    pid: process.pid,
    pidNamespace: identity.pidNamespace,
    startTime: await identity.startTimeOf(process.pid),
  });
});

describe('the heartbeat', () => {
  function fakeTime(toFake: ('Date' | 'setInterval' | 'clearInterval')[]): void {
    vi.useFakeTimers({ toFake });
    onTestFinished(() => void vi.useRealTimers());
  }

  test('counts as stopped at ten minutes, to the millisecond', async () => {
    const path = await lockPath();
    await acquire(path);
    await forge(path, forgedMark);
    const { mtimeMs } = await stat(path);
    fakeTime(['Date']);
    vi.setSystemTime(Math.floor(mtimeMs) + 599_999);
    expect((await refusalOf(path)).message).toContain('ago; without another it counts as dead in 1 s.');
    vi.setSystemTime(Math.ceil(mtimeMs) + 600_000);
    await (await acquire(path)).verify();
  });

  test('is one a minute while the lock is ours, and none once it is somebody else’s or released', async () => {
    const path = await lockPath();
    fakeTime(['setInterval', 'clearInterval']);
    const lock = await acquire(path);
    const ageOf = async () => Math.round((Date.now() - (await stat(path)).mtimeMs) / 10_000);
    const beat = async (ms: number) => {
      await silence(path, 300);
      await vi.advanceTimersByTimeAsync(ms);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return await ageOf();
    };
    expect(await beat(59_999)).toBe(30);
    expect(await beat(1)).toBe(0);
    for (let minute = 2; minute < 5; minute++) expect(await beat(60_000)).toBe(0);
    await forge(path, { token: 'of somebody else' });
    expect(await beat(60_000)).toBe(30);
    await rm(path);
    const again = await acquire(path);
    await again.release();
    await lock.release();
    await writeFile(path, '{}');
    expect(await beat(120_000)).toBe(30);
  });
});
