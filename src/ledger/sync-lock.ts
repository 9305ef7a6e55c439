// One sync per destination: a lock file beside it, held by whoever buys runs or moves our state. The DuckDB file's own lock
// cannot do this, since the file is closed while a sync waits for the network.
import { link, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { ConnectorError } from '../core/errors.ts';
import type { ProcessIdentity } from '../core/machine.ts';
import { openFolder } from '../store/folder.ts';
import {
  busy,
  type Holder,
  heartbeatMs,
  holderOf,
  lost,
  parseHolder,
  refuseLiving,
  type SyncLock,
} from './lock-holder.ts';

/** @throws ConnectorError area `busy` while another sync holds it, `destination` when the folder cannot be written. */
export async function acquireSyncLock(path: string, identity: ProcessIdentity): Promise<SyncLock> {
  const own = holderOf(identity);
  if (!(await create(path, own))) {
    const holder = await readHolder(path);
    // Gone in the meantime, or stale: one try to take it over; a second one in a row is somebody's good right.
    if (holder !== undefined) await refuseLiving(path, holder, identity, () => silenceOf(path));
    if (holder !== undefined) await moveAway(path, holder, own.token);
    if (!(await create(path, own))) throw busy(path, await readHolder(path));
  }
  const stopBeating = keepAlive(path, own.token);
  return {
    async verify() {
      const holder = await readHolder(path);
      if (holder?.token !== own.token) throw lost(path, holder);
    },
    async release() {
      stopBeating();
      if ((await readHolder(path))?.token === own.token) await rm(path, { force: true });
    },
  };
}

/** @returns false when the lock exists. */
async function create(path: string, holder: Holder): Promise<boolean> {
  try {
    return await openFolder(dirname(path)).create(basename(path), JSON.stringify(holder));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConnectorError(`The lock file ${path} cannot be written (${code}).`, {
      area: 'destination',
      hint:
        code === 'ENOENT'
          ? 'the folder does not exist: create it, or correct the destination'
          : 'make the folder of the destination writable, and look at the room on its disk',
      cause: error,
    });
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return parseHolder(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Milliseconds since the last heartbeat. */
async function silenceOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => Math.max(0, Date.now() - mtimeMs),
    () => Number.POSITIVE_INFINITY,
  );
}

/** Takes a stale lock out of the way, and only that one: who moved a newer lock by mistake puts it back. */
async function moveAway(path: string, stale: Holder, token: string): Promise<void> {
  const aside = `${path}.stale-${token}`;
  try {
    await rename(path, aside);
    const moved = await readHolder(aside);
    if (moved !== undefined && moved.token !== stale.token) await link(aside, path).catch(() => {});
  } catch (error) {
    // Another taker was faster.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/** The heartbeat: the file's age is what others look at, so it is real time, and it does not keep the process alive. */
function keepAlive(path: string, token: string): () => void {
  const timer = setInterval(async () => {
    // Released, or taken away: verify() tells. What is somebody else's must be able to grow old.
    if ((await readHolder(path))?.token !== token) return;
    const now = new Date();
    await utimes(path, now, now).catch(() => {});
  }, heartbeatMs);
  timer.unref();
  return () => clearInterval(timer);
}
