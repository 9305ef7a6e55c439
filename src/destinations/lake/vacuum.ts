// What a table does not need any more: files that were replaced or never committed, and entries of its log behind a checkpoint. Only
// what is old: a younger file may belong to somebody who reads or writes at this moment.
import type { LakeTable } from './lake-table.ts';
import { retentionMs } from './log/checkpoint.ts';
import { checkpointNames, logFolder, parseLogName } from './log/names.ts';
import { inTable, type TablePlace } from './log/read-log.ts';

/** Milliseconds that an entry of the log stays, so that older versions can be read. */
const logRetentionMs = 30 * 24 * 3_600_000;

export interface Vacuumed {
  readonly files: number;
  readonly bytes: number;
}

/** @param now milliseconds since the epoch */
export async function vacuumTable({ place, snapshot }: LakeTable, now: number): Promise<Vacuumed> {
  const { store, folder } = place;
  const live = new Set(Array.from(snapshot.files.keys(), decodeURIComponent));
  const replaced = new Map(
    Array.from(snapshot.tombstones.values(), (file) => [decodeURIComponent(file.path), file.deletionTimestamp ?? 0]),
  );
  const logAges = new Map<string, number>();
  let files = 0;
  let bytes = 0;
  for await (const { name, size, modifiedAt } of store.walk(`${folder}/`)) {
    const path = name.slice(folder.length + 1);
    if (path.startsWith(logFolder)) {
      logAges.set(path, now - modifiedAt);
      continue;
    }
    if (live.has(path) || !isDataFile(path, replaced)) continue;
    if (now - (replaced.get(path) ?? modifiedAt) <= retentionMs) continue;
    await store.remove(name);
    files += 1;
    bytes += size;
  }
  await shortenLog(place, logAges);
  return { files, bytes };
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

/** One that the log named, or whose name says that a writer of Delta tables made it: those have a UUID in them. */
function isDataFile(path: string, replaced: ReadonlyMap<string, number>): boolean {
  if (replaced.has(path)) return true;
  return !/(^|\/)[_.]/.test(path) && path.endsWith('.parquet') && uuid.test(path.slice(path.lastIndexOf('/') + 1));
}

/** Milliseconds after which what a crash left beside the entries belongs to nobody. */
const abandonedAfterMs = 24 * 3_600_000;

/**
 * Removes what a crash left beside the entries, and what lies before the newest checkpoint that is old itself: every version since
 * then can still be read.
 * @param ages of the files of the log, milliseconds
 */
async function shortenLog(place: TablePlace, ages: ReadonlyMap<string, number>): Promise<void> {
  const isPart = (name: string) => /^_delta_log\/\.[^/]*\.part$/.test(name);
  for (const [name, age] of ages)
    if (isPart(name) && age > abandonedAfterMs) await place.store.remove(inTable(place, name));
  const files = Array.from(ages.keys(), (name) => ({ name, ...parseLogName(name) }));
  let cut = 0;
  for (const { kind, version = 0, parts = 1 } of files) {
    if (kind !== 'checkpoint' || version <= cut) continue;
    const names = checkpointNames(version, parts);
    if (names.every((name) => (ages.get(name) ?? 0) > logRetentionMs)) cut = version;
  }
  for (const { version = cut, name } of files.sort((a, b) => (a.version ?? 0) - (b.version ?? 0)))
    if (version < cut) await place.store.remove(inTable(place, name));
}
