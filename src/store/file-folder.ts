// A folder of this machine as the home of a lake: its files are where programs read them already.
import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { FileStore } from '../core/store.ts';
import { createFolderMaker, openFolder, syncPath } from './folder.ts';
import { checkLinks, checkRoom } from './room.ts';

/** @param temporaryFolder below it, for what is on its way out */
export function openFileFolder(path: string, temporaryFolder = '_gong_elt/tmp'): FileStore {
  const root = resolve(path);
  const makeFolder = createFolderMaker(root);

  async function entries(folder: string): Promise<Dirent[] | undefined> {
    return await readdir(join(root, folder), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw error;
    });
  }

  async function* walk(folder: string): AsyncGenerator<{ name: string; size: number; modifiedAt: number }> {
    for (const entry of (await entries(folder)) ?? []) {
      const name = `${folder}${entry.name}`;
      if (entry.isDirectory()) yield* walk(`${name}/`);
      if (!entry.isFile()) continue;
      // It may be gone by now.
      const found = await stat(join(root, name)).catch(() => undefined);
      if (found !== undefined) yield { name, size: found.size, modifiedAt: found.mtimeMs };
    }
  }

  return {
    ...openFolder(root),
    root,
    walk,
    addressOf: (name) => join(root, name),
    async folders(folder) {
      return ((await entries(folder)) ?? []).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    },
    async take(from, name) {
      const target = join(root, name);
      await makeFolder(dirname(target));
      await rename(from, target);
      await syncPath(dirname(target));
    },
    async copy(name, to) {
      const target = join(root, to);
      // Who removes leftovers takes old files that nothing names for such.
      const now = new Date();
      await utimes(join(root, name), now, now);
      await makeFolder(dirname(target));
      await link(join(root, name), target);
      await syncPath(dirname(target));
    },
    async removeFolder(folder) {
      const gone = join(root, temporaryFolder, randomUUID());
      await mkdir(dirname(gone), { recursive: true, mode: 0o700 });
      try {
        await rename(join(root, folder), gone);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
        throw error;
      }
      await syncPath(dirname(join(root, folder)));
      await rm(gone, { recursive: true, force: true });
    },
    async bring() {},
    async probe(shown) {
      const isThere = (await entries('')) !== undefined;
      await checkRoom(isThere ? join(root, '_lake') : root, shown);
      await checkLinks(isThere ? root : dirname(root), shown);
    },
  };
}
