// May we write here, and is there room? Asked before anything is spent; leaves nothing behind.
import { randomUUID } from 'node:crypto';
import { link, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ConnectorError } from '../core/errors.ts';

/** A batch in staging, and the same again in the log. */
const neededBytes = 64 * 1024 * 1024;

/**
 * @param shown how messages name it
 * @throws ConnectorError (destination) when the folder of `path` is missing, not writable, or nearly full
 */
export async function checkRoom(path: string, shown: string): Promise<void> {
  const folder = dirname(resolve(path));
  const probe = `${resolve(path)}.probe`;
  try {
    await writeFile(probe, 'x', { mode: 0o600 });
  } catch (error) {
    throw toRoomError(error, shown);
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes < neededBytes)
    throw new ConnectorError(`too little room on the disk of ${shown}: ${megabytes(freeBytes)} MB free`, {
      area: 'destination',
      hint: `make room for at least ${megabytes(neededBytes)} MB`,
      fields: { path: shown, freeBytes, neededBytes },
    });
}

/**
 * A commit is a name that is given once, by a hard link; some network mounts, and disks for cameras, have none.
 * @param folder that is there
 * @param shown how messages name it
 * @throws ConnectorError (destination) when a file in `folder` can get no second name
 */
export async function checkLinks(folder: string, shown: string): Promise<void> {
  const probe = join(folder, `.gong-elt-${randomUUID()}.probe`);
  try {
    await writeFile(probe, 'x', { mode: 0o600 });
    await link(probe, `${probe}2`);
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    throw syscall === 'link' ? noLinks(error, shown) : toRoomError(error, shown);
  } finally {
    await rm(probe, { force: true }).catch(() => {});
    await rm(`${probe}2`, { force: true }).catch(() => {});
  }
}

/** @param error of `link` */
export function noLinks(error: unknown, path: string): ConnectorError {
  const { code } = error as NodeJS.ErrnoException;
  return new ConnectorError(
    `the disk of ${path} takes no hard links (${code}), and without them a lake cannot commit`,
    {
      area: 'destination',
      hint: 'choose a folder on a local disk, or a DuckDB file: --to warehouse.duckdb',
      fields: { path, code },
      cause: error,
    },
  );
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1e6);
}

function toRoomError(error: unknown, path: string): ConnectorError {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  const [what, hint] = explanations[code] ?? [
    `the folder of ${path} cannot be written: ${code}`,
    'choose another place',
  ];
  return new ConnectorError(what.replace('%', path), {
    area: 'destination',
    hint,
    fields: { path, code },
    cause: error,
  });
}

const explanations: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['the folder of % does not exist', 'create the folder, or check the path'],
  ENOTDIR: ['the folder of % is a file', 'check the path'],
  EACCES: [
    'the folder of % cannot be written: permission denied',
    'choose a place you may write to, or change the permissions',
  ],
  EPERM: [
    'the folder of % cannot be written: permission denied',
    'choose a place you may write to, or change the permissions',
  ],
  EROFS: ['the folder of % cannot be written: its disk is mounted read-only', 'choose a place on another disk'],
  ENOSPC: ['no room left on the disk of %', 'free some space, then run the same command again'],
  EDQUOT: ['no room left on the disk of %: the quota is used up', 'free some space, then run the same command again'],
};
