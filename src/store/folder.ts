// Files and folders made durable: a name is safe only when the folder that holds it was synced too.
import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

export async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a folder, readable by its owner only, and its name durable, up to the root's own. */
export type MakeFolder = (path: string) => Promise<void>;

/** @param root every path lies in it */
export function createFolderMaker(root: string): MakeFolder {
  // A folder that exists may be one that a killed process had no time to sync, so each is synced once by every process.
  const safe = new Set([dirname(resolve(root))]);
  return async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    for (let folder = resolve(path); !safe.has(folder); folder = dirname(folder)) {
      await syncPath(dirname(folder));
      safe.add(folder);
    }
  };
}
