// A lake in an object store. Ledger and lock are objects of it; one connection and one temporary folder serve whatever is open of it
// in this process.
import { lstat, mkdir, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import type { OpenedBucket } from '../../store/bucket/connection.ts';
import type { Mirror } from '../../store/bucket/mirror.ts';
import type { ReadingEnvironment } from '../environment.ts';
import type { LakeHome } from './lake-at.ts';

interface Shared {
  readonly bucket: OpenedBucket;
  readonly mirror: Mirror;
  readonly root: string;
}

const lockName = '_gong_elt/runs.lock';

/** @param isSingleWriter a person says that nobody else writes, so that a store without conditions will do */
export function bucketHome(address: string, shown: string, isSingleWriter: boolean): LakeHome {
  const at = (name: string) => `${address.replace(/\/*$/, '')}/${name}`;
  let shared: Promise<Shared> | undefined;
  let users = 0;

  /** To be given back by `leave`. */
  async function enter(environment: ReadingEnvironment): Promise<Shared> {
    users += 1;
    shared ??= openShared(address, isSingleWriter, environment);
    try {
      return await shared;
    } catch (error) {
      await leave();
      throw error;
    }
  }

  async function leave(): Promise<void> {
    users -= 1;
    if (users > 0) return;
    const opened = shared;
    shared = undefined;
    const { bucket, root } = (await opened?.catch(() => undefined)) ?? {};
    if (root !== undefined) await rm(root, { recursive: true, force: true }).catch(() => {});
    await bucket?.close();
  }

  return {
    path: address,
    shown,
    ledgerPath: at('_gong_elt/runs.jsonl'),
    lockPath: at(lockName),
    remark: async () => (isSingleWriter ? 'single writer' : 'conditional writes are heeded'),
    async openStore(environment, keeps) {
      const { mirror } = await enter(environment);
      const { store, forget } = mirror.open(keeps);
      const close = once(async () => {
        forget();
        await leave();
      });
      return { store, close };
    },
    async openLedger(environment, options) {
      const { openObjectLedger } = await import('../../ledger/object-ledger.ts');
      const { bucket } = await enter(environment);
      try {
        const ledger = await openObjectLedger(bucket, shown, options);
        return { ...ledger, close: once(() => ledger.close().finally(leave)) };
      } catch (error) {
        await leave();
        throw error;
      }
    },
    async hasLedger(environment) {
      const { ledgerNames } = await import('../../ledger/object-ledger.ts');
      const { bucket } = await enter(environment);
      try {
        if ((await bucket.read(ledgerNames.settled)) !== undefined) return true;
        return (await bucket.list(ledgerNames.entries)).length > 0;
      } finally {
        await leave();
      }
    },
    async acquireLock(environment) {
      const { acquireObjectLock } = await import('../../ledger/object-lock.ts');
      const { bucket } = await enter(environment);
      try {
        const identity = await environment.machine.identify();
        const lock = await acquireObjectLock(bucket, lockName, at(lockName), identity);
        return { ...lock, release: once(() => lock.release().finally(leave)) };
      } catch (error) {
        await leave();
        throw error;
      }
    },
  };
}

async function openShared(address: string, isSingleWriter: boolean, environment: ReadingEnvironment): Promise<Shared> {
  const { connectBucket } = await import('../../store/bucket/connection.ts');
  const { createMirror } = await import('../../store/bucket/mirror.ts');
  const { removeDeadStaging, stagingFolderName } = await import('../../store/staging.ts');
  const { clock, machine } = environment;
  const bucket = await connectBucket(address, isSingleWriter, environment);
  const parent = await ownTemporaryFolder();
  const identity = await machine.identify();
  await removeDeadStaging(parent, identity, clock.now());
  const root = join(parent, stagingFolderName('bucket', identity));
  await mkdir(root, { mode: 0o700 });
  return { bucket, root, mirror: createMirror({ bucket, address, root, isSingleWriter, clock }) };
}

/** One that this user alone can look into: files of a lake hold transcripts, and what dead processes left in it is removed. */
async function ownTemporaryFolder(): Promise<string> {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `gong-elt-buckets-${uid}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  const isOurs = found.isDirectory() && (uid < 0 || (found.uid === uid && (found.mode & 0o077) === 0));
  if (!isOurs)
    throw new ConnectorError(`${folder} belongs to somebody else, or others may look into it`, {
      area: 'config',
      hint: 'remove it, or name another temporary folder in TMPDIR',
    });
  return folder;
}

/** Closing twice is closing once. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
