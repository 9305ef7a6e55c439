// What goes wrong in the folder of a lake, in our words.
import { ConnectorError } from '../../core/errors.ts';
import { noLinks } from '../../store/room.ts';

const linkRefusals: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

export function isFromSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** `work`, whose errors of the file system get our words; those of DuckDB have them, and others are bugs. */
export async function explained<T>(shown: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isFromSystem(error) ? toLakeError(error, shown) : error;
  }
}

/** A folder that we leave alone. @param why as in "is a file, not a folder" */
export function notALake(shown: string, why: string): ConnectorError {
  return new ConnectorError(`${shown} ${why}`, {
    area: 'destination',
    hint: 'choose an empty folder, or one that does not exist yet',
    fields: { path: shown },
  });
}

export function noLake(shown: string): ConnectorError {
  return new ConnectorError(`There is no lake at ${shown}.`, {
    area: 'destination',
    hint: 'name the folder that a sync wrote to; gong-elt sync --to FOLDER makes one',
  });
}

function toLakeError(error: NodeJS.ErrnoException, shown: string): ConnectorError {
  const { code, syscall } = error;
  if (syscall === 'link' && linkRefusals.has(code ?? '')) return noLinks(error, shown);
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new ConnectorError(isFull ? `no room left on the disk of ${shown}` : `${shown}: ${syscall} failed (${code})`, {
    area: 'destination',
    hint: isFull
      ? 'free some space, then run the same command again: it goes on where it stopped'
      : 'look at the disk and the permissions of the folder, then run the same command again',
    fields: { path: shown, code, syscall },
    cause: error,
  });
}
