// What a place of this machine has beside its rows: the ledger of what was bought, and the lock of whoever buys.
import { access, mkdir, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Place } from './place.ts';

export type Beside = Pick<Place, 'ledgerPath' | 'lockPath' | 'openLedger' | 'hasLedger' | 'acquireLock'>;

/** @param makesFolder the lock lies in a folder that the place makes itself */
export function beside(ledgerPath: string, lockPath: string, makesFolder: boolean): Beside {
  return {
    ledgerPath,
    lockPath,
    async openLedger(_environment, options) {
      const { openFileLedger } = await import('../../ledger/file-ledger.ts');
      return await openFileLedger(ledgerPath, options);
    },
    hasLedger: () =>
      access(ledgerPath).then(
        () => true,
        () => false,
      ),
    async acquireLock({ machine }) {
      const { acquireSyncLock } = await import('../../ledger/sync-lock.ts');
      // What keeps the folder from being made is told by the lock, in our words.
      if (makesFolder) await mkdir(dirname(lockPath), { recursive: true, mode: 0o700 }).catch(() => {});
      return await acquireSyncLock(lockPath, await machine.identify());
    },
  };
}

/** @param folder that is there */
export async function freeRoom(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(folder);
  return `${Math.floor((bavail * bsize) / 1e9)} GB free`;
}
