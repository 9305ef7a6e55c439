// The first moment of a DuckDB file, before anybody can see it.
import { randomUUID } from 'node:crypto';
import { access, chmod, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { toOpenError } from './errors.ts';

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Makes an empty database, readable by its owner only. It gets its name when it is whole: a process that dies between the first
 * bytes of a file leaves one that nothing opens any more.
 * @param shown how messages name it
 * @param spillFolder on the same file system: it is begun there
 * @param makeEmpty writes an empty database to that path
 * @throws ConnectorError as openForWriting
 */
export async function createFile(
  path: string,
  { shown, spillFolder }: { readonly shown: string; readonly spillFolder: string },
  makeEmpty: (path: string) => Promise<void>,
): Promise<void> {
  // A folder that is not there is told by whoever opens the file.
  if (!(await exists(dirname(resolve(path))))) return;
  try {
    await mkdir(spillFolder, { recursive: true, mode: 0o700 });
    const begun = resolve(spillFolder, `${randomUUID()}.duckdb`);
    try {
      await makeEmpty(begun);
      await chmod(begun, 0o600);
      await syncPath(begun);
      // Somebody else may have made it in the meantime.
      await link(begun, path).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') await rename(begun, path);
      });
      await syncPath(dirname(resolve(path)));
    } finally {
      await rm(begun, { force: true });
    }
  } catch (error) {
    throw toOpenError(error, shown);
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path);
  await handle.sync().finally(() => handle.close());
}
