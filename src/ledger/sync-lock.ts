// One sync per destination: a lock file beside it, held by whoever buys runs or moves our state. The DuckDB file's own lock
// cannot do this, since the file is closed while a sync waits for the network.
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import { fateOf, type ProcessIdentity, type ProcessMark } from '../core/machine.ts';
import { openFolder } from '../store/folder.ts';

export interface SyncLock {
  /** @throws ConnectorError area `busy` when the lock is no longer ours: nothing may be bought or committed then. */
  verify(): Promise<void>;
  release(): Promise<void>;
}

const holderSchema = z.object({
  token: z.string(),
  pid: z.number(),
  host: z.string(),
  bootId: z.string(),
  startTime: z.string(),
  pidNamespace: z.string().optional(),
});
type Holder = ProcessMark & { readonly token: string };

const heartbeatMs = 60_000;
/** A holder whose process we cannot look at is taken for dead when its heartbeat is older than this. */
const deadAfterMs = 10 * 60_000;

/** @throws ConnectorError area `busy` while another sync holds it, `destination` when the folder cannot be written. */
export async function acquireSyncLock(path: string, identity: ProcessIdentity): Promise<SyncLock> {
  const own: Holder = {
    token: randomUUID(),
    pid: identity.pid,
    host: identity.host,
    bootId: identity.bootId,
    startTime: identity.startTime,
    pidNamespace: identity.pidNamespace,
  };
  if (!(await create(path, own))) {
    const holder = await readHolder(path);
    // Gone in the meantime, or stale: one try to take it over; a second one in a row is somebody's good right.
    if (holder !== undefined) await refuseLiving(path, holder, identity);
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
    return holderSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** @throws ConnectorError area `busy` unless the holder is dead, or has given no sign of life for so long that it counts as dead. */
async function refuseLiving(path: string, holder: Holder, identity: ProcessIdentity): Promise<void> {
  const fate = await fateOf(holder, identity);
  if (fate === 'lives') throw busy(path, holder);
  if (fate === 'gone') return;
  const silentMs = await stat(path).then(
    ({ mtimeMs }) => Math.max(0, Date.now() - mtimeMs),
    () => Number.POSITIVE_INFINITY,
  );
  if (silentMs >= deadAfterMs) return;
  const where = holder.host === identity.host ? 'it may be in another container' : 'another machine or container';
  throw busy(path, holder, { where, silentMs });
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

/** @param unseen of a holder whose process we cannot look at: where it is, and for how long it gave no sign of life */
function busy(
  path: string,
  holder: Holder | undefined,
  unseen?: { readonly where: string; readonly silentMs: number },
): ConnectorError {
  const place = unseen === undefined ? '' : `, ${unseen.where}`;
  const who = holder === undefined ? '' : ` (PID ${holder.pid} on ${holder.host}${place})`;
  const sign =
    unseen === undefined
      ? ''
      : ` Its last sign of life was ${inWords(unseen.silentMs)} ago; without another it counts as dead in ${inWords(deadAfterMs - unseen.silentMs)}.`;
  return new ConnectorError(`Another sync is running on this destination${who}.${sign}`, {
    area: 'busy',
    fields: {
      pid: holder?.pid,
      silent_seconds: unseen === undefined ? undefined : Math.round(unseen.silentMs / 1000),
    },
    hint: `wait for it, then run the same command again; the lock is ${path}`,
  });
}

/** `75_000` is `1 min 15 s`. */
function inWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function lost(path: string, holder: Holder | undefined): ConnectorError {
  const who = holder === undefined ? 'its lock file is gone' : `PID ${holder.pid} on ${holder.host} has taken over`;
  return new ConnectorError(`This sync has lost its lock: ${who}. It buys and commits nothing more.`, {
    area: 'busy',
    hint: `nothing is lost; run the same command again when the other sync has ended (${path})`,
  });
}
