// The folder of a lake: what of it is ours, and which tables it holds.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import type { StreamRef } from '../../core/state.ts';
import type { Store } from '../../core/store.ts';
import { openFolder } from '../../store/folder.ts';
import type { TablePlace } from './log/read-log.ts';
import { tableFolder } from './table-folder.ts';

/** What a lake keeps for itself. */
export const ownFolder = '_gong_elt';
/** Files on their way, and records that wait. */
export const temporaryRoot = `${ownFolder}/tmp`;
export const stateRoot = `${ownFolder}/state`;
/** Tables that are to replace those of their streams: Delta tables like all others, which no reader looks for. */
const refreshRoot = `${ownFolder}/refresh`;

/** Where the table of a stream is, or would be. */
export function livePlace({ store, root }: Omit<TablePlace, 'folder'>, stream: StreamRef): TablePlace {
  return { store, root, folder: tableFolder(stream) };
}

/** Where the rows are kept that are to replace those of a stream. */
export function besidePlace({ store, root }: Omit<TablePlace, 'folder'>, stream: StreamRef): TablePlace {
  return { store, root, folder: `${refreshRoot}/${tableFolder(stream)}` };
}

/** The tables of a lake, by their folders; none when there is no such folder. */
export async function findTables(store: Store, root: string): Promise<TablePlace[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const folders = entries.filter((entry) => entry.isDirectory() && !/^[_.]/.test(entry.name)).map(({ name }) => name);
  const found: TablePlace[] = [];
  for (const folder of folders.sort())
    if (await isFolder(join(root, folder, '_delta_log'))) found.push({ store, root, folder });
  return found;
}

/** Has anybody committed here, in this format or the one before? */
export async function isLake(root: string): Promise<boolean> {
  if ((await isFolder(join(root, stateRoot))) || (await isFolder(join(root, '_manifest')))) return true;
  return (await findTables(openFolder(root), root)).length > 0;
}

/**
 * @param shown how messages name the lake
 * @throws ConnectorError (destination) for a lake in the format that no released version wrote
 */
export async function refuseManifest(root: string, shown: string): Promise<void> {
  if (!(await isFolder(join(root, '_manifest')))) return;
  throw new ConnectorError(`${shown} is a lake with a _manifest, a format that was given up before it was released`, {
    area: 'destination',
    hint:
      'sync into a new folder; to buy nothing again, let the build that wrote it copy it into a DuckDB file first ' +
      '(gong-elt copy --to warehouse.duckdb), and copy that one into a new folder: rows, state and ledger come along',
    fields: { path: shown },
  });
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
