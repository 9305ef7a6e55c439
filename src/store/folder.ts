// Durable writing on a local disk, in one place. A file is safe when its bytes were synced, and its name when the folder that holds
// it was synced too.
import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Store } from '../core/store.ts';

/** Makes what was written to a file, or the names in a folder, durable. */
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

/**
 * Puts a file in the place of `path`, whole or not at all; readable by its owner only.
 * @param write fills the file beside it
 */
export async function replaceDurably<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  let written: T;
  try {
    written = await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncPath(dirname(path));
  return written;
}

/** The files of a folder, readable by their owner only. Folders below it are made when a name needs them. */
export function openFolder(root: string): Store {
  const makeFolder = createFolderMaker(root);
  const pathOf = (name: string) => join(root, name);
  const missing = (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || error.code === 'ENOTDIR';

  return {
    async list(folder) {
      try {
        const entries = await readdir(pathOf(folder), { withFileTypes: true });
        return entries.filter((entry) => entry.isFile()).map(({ name }) => `${folder}${name}`);
      } catch (error) {
        if (missing(error as NodeJS.ErrnoException)) return [];
        throw error;
      }
    },
    async read(name) {
      try {
        return await readFile(pathOf(name));
      } catch (error) {
        if (missing(error as NodeJS.ErrnoException)) return undefined;
        throw error;
      }
    },
    async create(name, content) {
      const path = pathOf(name);
      if (dirname(path) !== resolve(root)) await makeFolder(dirname(path));
      // Beside it, then linked: a rename would replace, and a file opened exclusively would be seen half written.
      const temporary = join(dirname(path), `.${randomUUID()}.part`);
      try {
        const file = await open(temporary, 'wx', 0o600);
        try {
          await file.writeFile(content);
          await file.sync();
        } finally {
          await file.close();
        }
        await link(temporary, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw error;
      } finally {
        await rm(temporary, { force: true });
      }
      await syncPath(dirname(path));
      return true;
    },
    async put(name, content) {
      await replaceDurably(pathOf(name), (file) => file.writeFile(content));
    },
    async remove(name) {
      await rm(pathOf(name), { force: true });
    },
  };
}

export interface DurableLog {
  /** Returns when the lines are durable. What a failed write left behind is cut off by the next one. */
  append(lines: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A file that grows by lines.
 * @param found bytes of whole lines and of the file; they differ after a crash in the middle of a line. Undefined: no file yet.
 */
export function openLog(
  path: string,
  found: { readonly whole: number; readonly size: number } | undefined,
): DurableLog {
  /** What a crash or a full disk left behind the whole lines never happened; it must not swallow the next line. */
  let whole = found?.whole ?? 0;
  let isTorn = found !== undefined && found.whole < found.size;
  let file: FileHandle | undefined;
  return {
    async append(lines) {
      if (file === undefined) {
        file = await open(path, 'a', 0o600);
        if (found === undefined) await syncPath(dirname(path));
      }
      if (isTorn) await file.truncate(whole);
      isTorn = true;
      await file.appendFile(lines);
      await file.datasync();
      isTorn = false;
      whole += Buffer.byteLength(lines);
    },
    async close() {
      await file?.close();
      file = undefined;
    },
  };
}
