// Files with records that a message names: found on this machine, under a root where there is one, and read line by line.
import { createReadStream } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Line, splitLines } from '../jsonl/lines.ts';

export interface BatchFolders {
  /** Where a relative name begins. */
  readonly cwd: string;
  /** Files outside of this folder are refused, links followed; undefined = any file that this process may read. */
  readonly root: string | undefined;
}

/** Why a file is not read. `message` completes "the file x …", without its content. */
export class BatchFileError extends Error {}

/**
 * The lines of the file, a chunk at a time. What begins like gzip is unpacked, whatever its name is.
 * @param uri `file://` and a path, or a path
 * @throws BatchFileError
 */
export async function* readBatchFile(uri: string, folders: BatchFolders): AsyncGenerator<Line[]> {
  try {
    const path = await locate(uri, folders);
    const file = createReadStream(path);
    if (!(await isGzip(path))) return yield* splitLines(file);
    const unpacked = createGunzip();
    // An error of either ends the other, and is thrown where the lines are read.
    pipeline(file, unpacked, () => {});
    yield* splitLines(unpacked);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new BatchFileError(`cannot be read (${code})`);
  }
}

async function locate(uri: string, { cwd, root }: BatchFolders): Promise<string> {
  const scheme = /^([a-z][a-z0-9+.-]{1,20}):\/\//i.exec(uri);
  if (scheme !== null && scheme[1]?.toLowerCase() !== 'file')
    throw new BatchFileError(`is not on this machine (${scheme[1]}://)`);
  const named = scheme === null ? uri : uri.slice(scheme[0].length);
  if (named.includes('\0')) throw new BatchFileError('has a name that no file has');
  const path = await realpath(resolve(cwd, named));
  if (root !== undefined && !isBelow(await realpath(resolve(cwd, root)), path))
    throw new BatchFileError('is outside of batch_root');
  // A device or a pipe may have no end.
  if (!(await stat(path)).isFile()) throw new BatchFileError('is not a plain file');
  return path;
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
