// Many small files of a month made into few large ones: a commit of its own that changes no row.
import type { Session } from '../../duckdb/session.ts';
import { removing } from './batch-files.ts';
import { bringFiles, type LakeTable, monthOf, readTable } from './lake-table.ts';
import { type Action, type AddFile, encodeEntry } from './log/actions.ts';
import { entryName } from './log/names.ts';
import { checkWritable } from './log/protocol.ts';
import { inTable, type TablePlace } from './log/read-log.ts';
import { createOnce } from './once.ts';
import { selectRows, storedValues } from './rows.ts';
import { largestFile } from './units.ts';
import { type FileContext, rowBytesOf, writeFile } from './write-file.ts';

/** Bytes. */
const small = 32 * 1024 * 1024;
/** So many small files a month are left alone. */
export const smallFilesAllowed = 8;

/** The files to be made one, by month and in their order. Pure. @param allowed small files that a month may keep */
export function planCompaction(
  files: Iterable<AddFile>,
  monthOfFile: (file: AddFile) => string | undefined,
  allowed: number,
): AddFile[][] {
  const months = new Map<string | undefined, AddFile[]>();
  for (const file of files)
    if (file.size < small) months.set(monthOfFile(file), [...(months.get(monthOfFile(file)) ?? []), file]);
  const groups: AddFile[][] = [];
  for (const ofMonth of months.values()) {
    if (ofMonth.length <= allowed) continue;
    let group: AddFile[] = [];
    let bytes = 0;
    for (const file of ofMonth) {
      if (bytes + file.size > largestFile) {
        groups.push(group);
        group = [];
        bytes = 0;
      }
      group.push(file);
      bytes += file.size;
    }
    groups.push(group);
  }
  return groups.filter(({ length }) => length > 1);
}

/** How often a number of the log may be lost to others before it is left for another time. */
const mostTries = 5;

/**
 * @param allowed small files that a month may keep
 * @returns how many files became how many; nothing when there was nothing to do, or others were faster
 */
export async function compactTable(
  session: Session,
  place: TablePlace,
  allowed: number,
  context: FileContext,
): Promise<{ before: number; after: number }> {
  for (let tries = 0; tries < mostTries; tries++) {
    const table = await readTable(session, place);
    if (table === undefined) break;
    const groups = planCompaction(table.snapshot.files.values(), (file) => monthOf(table, file), allowed);
    if (groups.length === 0) break;
    checkWritable(table.snapshot.protocol, table.snapshot.metaData, place.folder);
    const added: AddFile[] = [];
    for (const group of groups) added.push(...(await merge(session, table, group, context)));
    const now = context.now();
    const removed = groups.flat();
    const actions: Action[] = [
      ...removed.map((file) => ({ remove: removing(file, false, now) })),
      ...added.map((add) => ({ add })),
    ];
    const content = encodeEntry({ timestamp: now, operation: 'OPTIMIZE' }, actions);
    context.crashPoint('lake:before-compaction');
    if (await createOnce(place.store, inTable(place, entryName(table.snapshot.version + 1)), content))
      return { before: removed.length, after: added.length };
    for (const { path } of added) await place.store.remove(inTable(place, path));
  }
  return { before: 0, after: 0 };
}

async function merge(session: Session, table: LakeTable, group: AddFile[], context: FileContext): Promise<AddFile[]> {
  const { place, columns, partition } = table;
  const [first] = group;
  const month = first && monthOf(table, first);
  const paths = group.map(({ path }) => path);
  await bringFiles(place, paths);
  const rows = selectRows(place, columns, paths);
  const task = {
    place,
    month: partition === undefined || month === undefined ? undefined : { column: partition, value: month },
    select: `SELECT ${storedValues(columns).join(', ')} FROM (${rows})`,
    columns,
    // Which columns are the key is known to the stream only.
    keys: new Set<string>(),
    rowBytes: Math.max(...group.map(rowBytesOf)),
    dataChange: false,
  };
  const file = await writeFile(session, task, context);
  return file === undefined ? [] : [file];
}
