// The folder of a lake: what of it is ours, and which tables it holds.
import { ConnectorError } from '../../core/errors.ts';
import type { StreamRef } from '../../core/state.ts';
import type { FileStore } from '../../core/store.ts';
import { logFolder } from './log/names.ts';
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
export function livePlace({ store }: Omit<TablePlace, 'folder'>, stream: StreamRef): TablePlace {
  return { store, folder: tableFolder(stream) };
}

/** Where the rows are kept that are to replace those of a stream. */
export function besidePlace({ store }: Omit<TablePlace, 'folder'>, stream: StreamRef): TablePlace {
  return { store, folder: `${refreshRoot}/${tableFolder(stream)}` };
}

/** The tables of a lake, by their folders; none when there is no such folder. */
export async function findTables(store: FileStore): Promise<TablePlace[]> {
  const folders = (await store.folders('')).filter((name) => !/^[_.]/.test(name));
  const found: TablePlace[] = [];
  for (const folder of folders.sort())
    if ((await store.folders(`${folder}/`)).includes(logFolder.slice(0, -1))) found.push({ store, folder });
  return found;
}

/** Has anybody committed here, in this format or the one before? */
export async function isLake(store: FileStore): Promise<boolean> {
  if ((await store.folders(`${ownFolder}/`)).some((name) => `${ownFolder}/${name}` === stateRoot)) return true;
  return (await hasManifest(store)) || (await findTables(store)).length > 0;
}

/**
 * @param shown how messages name the lake
 * @throws ConnectorError (destination) for a lake in the format that no released version wrote
 */
export async function refuseManifest(store: FileStore, shown: string): Promise<void> {
  if (!(await hasManifest(store))) return;
  throw new ConnectorError(`${shown} is a lake with a _manifest, a format that was given up before it was released`, {
    area: 'destination',
    hint:
      'sync into a new folder; to buy nothing again, let the build that wrote it copy it into a DuckDB file first ' +
      '(gong-elt copy --to warehouse.duckdb), and copy that one into a new folder: rows, state and ledger come along',
    fields: { path: shown },
  });
}

async function hasManifest(store: FileStore): Promise<boolean> {
  return (await store.folders('')).includes('_manifest');
}
