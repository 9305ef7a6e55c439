// Files and folders made durable: a name is safe only when its folder was synced too.
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

/** Makes `path` and its missing parents, readable by their owner only, and syncs the folder that got a new entry. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(resolve(path), { recursive: true, mode: 0o700 });
  if (first !== undefined) await syncPath(dirname(first));
}
