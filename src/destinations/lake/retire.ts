// Rows of versions of a table that are no longer the live one: they go, or are marked with the time at which they went. Only files
// that hold such rows are written anew.
import type { Session } from '../../duckdb/session.ts';
import { quoteLiteral } from '../../duckdb/sql.ts';
import { foldCase } from '../../tables/columns.ts';
import { deletedColumn, isRetired, type Retire, retireColumns } from '../../tables/deletion.ts';
import { appendEntry } from './append-entry.ts';
import { removeUnused, removing } from './batch-files.ts';
import { livePlace } from './lake-folder.ts';
import { bringFiles, type LakeTable, monthOf, pathOf } from './lake-table.ts';
import type { AddFile } from './log/actions.ts';
import { toStored } from './log/convert.ts';
import { type LakeColumn, typeOf } from './log/schema.ts';
import { fileColumn, selectRows, storedColumn, storedValues } from './rows.ts';
import { openTable, type TableContext } from './table-context.ts';
import { checkOwner, planTarget } from './target.ts';
import { rowBytesOf, writeFile } from './write-file.ts';

/** @returns the rows that went or were marked; none when there is no table */
export async function retireRows(session: Session, action: Retire, context: TableContext): Promise<number> {
  const place = livePlace(context, action.configured.stream);
  // All rows are marked with the same time.
  const now = context.now();
  for (;;) {
    const table = await openTable(session, place, context);
    if (table === undefined) return 0;
    const removed = await retireOnce(session, action, table, now, context);
    if (removed !== undefined) return removed;
  }
}

/** @returns undefined when the table's columns changed on the way */
async function retireOnce(
  session: Session,
  action: Retire,
  first: LakeTable,
  now: number,
  context: TableContext,
): Promise<number | undefined> {
  const { place } = first;
  const { all, metaData } = await withColumns(session, action, first, context);
  const written = new Map<string, AddFile | undefined>();
  const contentFor = async ({ snapshot }: LakeTable = first) => {
    const files = [...snapshot.files.values()];
    const paths = [...snapshot.files.keys()];
    await bringFiles(place, paths);
    const touched = await countRetired(session, action, selectRows(place, all, paths, first.columns));
    const old = files.filter(({ path }) => touched.has(pathOf(place, path)));
    for (const file of old)
      if (!written.has(file.path)) {
        const rows = selectRows(place, all, [file.path], first.columns);
        const select = action.isHard ? selectKept(action, rows, all) : selectMarked(action, rows, all, now);
        written.set(file.path, await rewrite(session, first, file, select, all, context));
      }
    const adds = old.map(({ path }) => written.get(path)).filter((file) => file !== undefined);
    return {
      operation: action.isHard ? 'DELETE' : 'UPDATE',
      batchId: context.batchId,
      removed: [...touched.values()].reduce((sum, rows) => sum + rows, 0),
      actions: [
        ...(metaData ? [{ metaData }] : []),
        ...old.map((file) => ({ remove: removing(file, true, now) })),
        ...adds.map((add) => ({ add })),
      ],
    };
  };
  const { outcome, content } = await appendEntry(session, place, first, contentFor, context);
  await removeUnused(place, written.values(), outcome === 'changed' ? [] : content.actions);
  return outcome === 'changed' ? undefined : content.removed;
}

/** The table with the columns that the action asks or writes. */
async function withColumns(session: Session, action: Retire, table: LakeTable, { now }: TableContext) {
  const { configured } = action;
  const names = new Set(table.columns.map(({ name }) => foldCase(name)));
  const missing = retireColumns(action).filter(({ name }) => !names.has(name));
  const options = { place: table.place, table, metadata: undefined, marks: {}, now: now() };
  const wanted = missing.map((column) => ({ ...column, property: column.name }));
  checkOwner(table, configured);
  return await planTarget(session, configured, wanted, options);
}

/** @returns by the path of their file, how many of `rows` go or are marked */
async function countRetired(session: Session, action: Retire, rows: string): Promise<Map<string, number>> {
  const found = await session.rows(
    `SELECT ${fileColumn} AS file, count(*)::INTEGER AS rows FROM (${rows}) WHERE ${isRetired(action)} GROUP BY ALL`,
  );
  return new Map(found.map(({ file, rows: number }) => [String(file), Number(number)]));
}

function selectKept(action: Retire, rows: string, columns: readonly LakeColumn[]): string {
  return `SELECT ${storedValues(columns).join(', ')} FROM (${rows}) WHERE NOT ${isRetired(action)}`;
}

function selectMarked(action: Retire, rows: string, columns: readonly LakeColumn[], now: number): string {
  const index = columns.findIndex(({ name }) => foldCase(name) === deletedColumn);
  const type = columns[index]?.type ?? 'VARCHAR';
  const time = `CAST(${quoteLiteral(new Date(now).toISOString())}::TIMESTAMPTZ AS ${type})`;
  const stored = storedColumn(index);
  const marked = `CASE WHEN ${isRetired(action)} THEN ${toStored(time, typeOf({ type }))} ELSE ${stored} END AS ${stored}`;
  return `SELECT ${storedValues(columns).join(', ')} FROM (SELECT * REPLACE (${marked}) FROM (${rows}))`;
}

function rewrite(
  session: Session,
  table: LakeTable,
  file: AddFile,
  select: string,
  columns: readonly LakeColumn[],
  context: TableContext,
): Promise<AddFile | undefined> {
  const { place, partition } = table;
  const value = monthOf(table, file);
  const month = partition === undefined || value === undefined ? undefined : { column: partition, value };
  const task = { place, month, select, columns, keys: new Set<string>(), rowBytes: rowBytesOf(file), dataChange: true };
  return writeFile(session, task, context);
}
