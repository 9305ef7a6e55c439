// A file for a result: it has its name when it is whole, and an older one stays until then.
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConnectorError } from '../core/errors.ts';

export interface OutputFile {
  write(piece: string | Buffer): Promise<void>;
  /** All is written: gives the file its name. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/**
 * @param path absolute. A device or a pipe is written to as it is.
 * @throws ConnectorError (destination), also from the functions of the result
 */
export async function openOutputFile(path: string, shown: string): Promise<OutputFile> {
  return await asOutput(shown, async () => {
    const found = await stat(path).catch(() => undefined);
    // A link stays one.
    const target = found === undefined ? path : await realpath(path);
    if (found !== undefined && !found.isFile()) return toOutput(await open(target, 'w'), shown);
    const beside = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
    const handle = await open(beside, 'wx');
    const output = toOutput(handle, shown);
    return {
      ...output,
      finish: () =>
        asOutput(shown, async () => {
          await handle.sync();
          await output.finish();
          await rename(beside, target);
        }),
      discard: () => output.discard().finally(() => rm(beside, { force: true })),
    };
  });
}

function toOutput(handle: FileHandle, shown: string): OutputFile {
  return {
    write: (piece) => asOutput(shown, () => handle.writeFile(piece)),
    finish: () => asOutput(shown, () => handle.close()),
    discard: () => handle.close().catch(() => {}),
  };
}

async function asOutput<T>(shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ConnectorError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConnectorError(`${shown} cannot be written (${code}).`, {
      area: 'destination',
      hint: code === 'ENOSPC' ? 'free some space, then run it again' : 'check the path and its permissions',
      cause,
    });
  }
}
