// What a table does not need any more: files that were replaced or never committed, and entries of its log behind a checkpoint. Only
// what is old: a younger file may belong to somebody who reads or writes at this moment.
import { readdir, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isAbandoned } from '../../store/staging.ts';
import type { LakeTable } from './lake-table.ts';
import { retentionMs } from './log/checkpoint.ts';
import { checkpointNames, logFolder } from './log/names.ts';
import { inTable, logFiles, type TablePlace } from './log/read-log.ts';

/** Milliseconds that an entry of the log stays, so that older versions can be read. */
const logRetentionMs = 30 * 24 * 3_600_000;

export interface Vacuumed {
  readonly files: number;
  readonly bytes: number;
}

/** @param now milliseconds since the epoch */
export async function vacuumTable({ place, snapshot }: LakeTable, now: number): Promise<Vacuumed> {
  const folder = join(place.root, place.folder);
  const live = new Set(Array.from(snapshot.files.keys(), decodeURIComponent));
  const replaced = new Map(
    Array.from(snapshot.tombstones.values(), (file) => [decodeURIComponent(file.path), file.deletionTimestamp ?? 0]),
  );
  let files = 0;
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true, encoding: 'utf8' })) {
    const path = name.split(sep).join('/');
    if (live.has(path) || !isDataFile(path, replaced)) continue;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found === undefined || now - (replaced.get(path) ?? found.mtimeMs) <= retentionMs) continue;
    await rm(join(folder, name), { force: true });
    files += 1;
    bytes += found.size;
  }
  await removeParts(place, now);
  await shortenLog(place, now);
  return { files, bytes };
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

/** One that the log named, or whose name says that a writer of Delta tables made it: those have a UUID in them. */
function isDataFile(path: string, replaced: ReadonlyMap<string, number>): boolean {
  if (replaced.has(path)) return true;
  return !/(^|\/)[_.]/.test(path) && path.endsWith('.parquet') && uuid.test(path.slice(path.lastIndexOf('/') + 1));
}

/** What a crash left beside the entries. */
async function removeParts({ root, folder }: TablePlace, now: number): Promise<void> {
  for (const name of await readdir(join(root, folder, logFolder)).catch(() => [])) {
    const path = join(root, folder, logFolder, name);
    if (name.startsWith('.') && name.endsWith('.part') && (await isAbandoned(path, now)))
      await rm(path, { force: true });
  }
}

/** Removes what lies before the newest checkpoint that is old itself: every version since then can still be read. */
async function shortenLog(place: TablePlace, now: number): Promise<void> {
  const files = await logFiles(place);
  const present = new Set(files.map(({ name }) => name));
  let cut = 0;
  for (const { kind, version, parts } of files) {
    if (kind !== 'checkpoint' || version <= cut) continue;
    const names = checkpointNames(version, parts);
    if (!names.every((name) => present.has(name))) continue;
    const ages = await Promise.all(
      names.map(async (name) => now - (await stat(join(place.root, inTable(place, name)))).mtimeMs),
    );
    if (ages.every((age) => age > logRetentionMs)) cut = version;
  }
  for (const { version, name } of files.sort((a, b) => a.version - b.version))
    if (version < cut) await rm(join(place.root, inTable(place, name)), { force: true });
}
