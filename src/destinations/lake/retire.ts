// Rows of versions of a table that are no longer the live one: they go, or are marked with the time at which they went. The files that
// hold them are written anew, in an entry of its own.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommittedStream, TableAction } from '../../core/destination.ts';
import { overtaken } from '../../core/fence.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';
import { foldCase } from '../../tables/columns.ts';
import { emptyCounts } from '../../tables/counts.ts';
import { versionColumn } from '../../tables/version-metadata.ts';
import { removing } from './batch-files.ts';
import type { TableContext } from './commit-table.ts';
import { type LakeTable, monthOf, pathOf, readTable } from './lake-table.ts';
import { type Action, type AddFile, encodeEntry } from './log/actions.ts';
import { entryName } from './log/names.ts';
import { checkWritable } from './log/protocol.ts';
import { inTable } from './log/read-log.ts';
import { type LakeColumn, schemaString, withFields } from './log/schema.ts';
import { rowsIn } from './log/stats.ts';
import { createOnce } from './once.ts';
import { fileColumn, selectRows, storedValues } from './rows.ts';
import { tableFolder } from './table-folder.ts';
import { writeFile } from './write-file.ts';

type Retire = Extract<TableAction, { kind: 'retire' }>;

const deletedColumn = '_sdc_deleted_at';

/**
 * Rows that went are not there when it is done again, so that it may be.
 * @returns what it did, as the counts of a stream without records; nothing when there is no table
 * @throws ConnectorError (busy) when another process of this connection went on from here
 */
export async function retireRows(session: Session, action: Retire, context: TableContext): Promise<CommittedStream> {
  const { store, root, known, connection, seq, batchId, shown, now } = context;
  const counts = emptyCounts(action);
  const place = { store, root, folder: tableFolder(action.configured.stream) };
  for (;;) {
    const table = await readTable(session, place, known.get(place.folder));
    if (table === undefined) return counts;
    known.set(place.folder, table.snapshot);
    checkWritable(table.snapshot.protocol, table.snapshot.metaData, place.folder);
    if ((table.snapshot.txns.get(connection)?.version ?? 0) > seq) throw overtaken(shown);
    const { columns, metaData } = markable(table, action);
    const found = await findRetired(session, table, columns, action);
    const removed = [...found.values()].reduce((sum, rows) => sum + rows, 0);
    if (removed === 0 && metaData === undefined) return counts;
    const files = [...found.keys()];
    const added: AddFile[] = [];
    for (const file of files) added.push(...(await writeAnew(session, table, columns, file, action, context)));
    const actions: Action[] = [
      { txn: { appId: connection, version: seq, lastUpdated: now() } },
      ...(metaData ? [{ metaData }] : []),
      ...files.map((file) => ({ remove: removing(file, true, now()) })),
      ...added.map((add) => ({ add })),
    ];
    const content = encodeEntry({ timestamp: now(), operation: action.isHard ? 'DELETE' : 'UPDATE', batchId }, actions);
    context.crashPoint('lake:before-entry');
    if (await createOnce(store, inTable(place, entryName(table.snapshot.version + 1)), content))
      return removed === 0 ? counts : { ...counts, removed };
    for (const { path } of added) await rm(join(root, place.folder, path), { force: true });
  }
}

/** The table's columns, with one for the mark where rows are marked. */
function markable(table: LakeTable, { isHard }: Retire) {
  const isThere = table.columns.some(({ name }) => foldCase(name) === deletedColumn);
  if (isHard || isThere) return { columns: table.columns, metaData: undefined };
  const { metaData } = table.snapshot;
  const mark = { property: deletedColumn, name: deletedColumn, type: 'TIMESTAMP WITH TIME ZONE' };
  const columns = withFields([...table.columns, mark], table.columns, metaData.partitionColumns);
  return { columns, metaData: { ...metaData, schemaString: schemaString(columns, metaData.partitionColumns) } };
}

/** SQL over a table's columns: does the row go, or get a mark? */
function isRetired(columns: readonly LakeColumn[], { version, isHard }: Retire): string {
  const named = (name: string) => columns.find((column) => foldCase(column.name) === name);
  const of = named(versionColumn);
  const mark = named(deletedColumn);
  const isOlder = of === undefined ? 'true' : `coalesce(${quoteIdent(of.name)} < ${BigInt(version)}, true)`;
  return isHard || mark === undefined ? isOlder : `(${isOlder} AND ${quoteIdent(mark.name)} IS NULL)`;
}

/** The files with such rows, and how many they have. */
async function findRetired(
  session: Session,
  { place, snapshot, columns: before }: LakeTable,
  columns: readonly LakeColumn[],
  action: Retire,
): Promise<Map<AddFile, number>> {
  const files = new Map(Array.from(snapshot.files.values(), (file) => [pathOf(place, file.path), file]));
  const rows = await session.rows(
    `SELECT ${fileColumn} AS file, count(*)::INTEGER AS rows FROM (${selectRows(place, columns, [...snapshot.files.keys()], before)})` +
      ` WHERE ${isRetired(columns, action)} GROUP BY 1`,
  );
  return new Map(
    rows.flatMap((row) => {
      const file = files.get(String(row['file']));
      return file === undefined ? [] : [[file, Number(row['rows'])] as const];
    }),
  );
}

async function writeAnew(
  session: Session,
  table: LakeTable,
  columns: readonly LakeColumn[],
  file: AddFile,
  action: Retire,
  context: TableContext,
): Promise<AddFile[]> {
  const { place, partition } = table;
  const retired = isRetired(columns, action);
  const at = `make_timestamptz(${context.now() * 1000})`;
  const values = storedValues(columns).map((value, index) => {
    const column = columns[index];
    if (action.isHard || column === undefined || foldCase(column.name) !== deletedColumn) return value;
    return `CASE WHEN ${retired} THEN ${at} ELSE ${quoteIdent(column.name)} END AS ${quoteIdent(column.field)}`;
  });
  const rows = selectRows(place, columns, [file.path], table.columns);
  const month = monthOf(table, file);
  const written = await writeFile(
    session,
    {
      place,
      month: partition === undefined || month === undefined ? undefined : { column: partition, value: month },
      select: `SELECT ${values.join(', ')} FROM (${rows})${action.isHard ? ` WHERE NOT ${retired}` : ''}`,
      columns,
      keys: new Set(),
      rowBytes: (file.size / Math.max(rowsIn(file.stats) ?? 1, 1)) * 8,
      dataChange: true,
    },
    context,
  );
  return written === undefined ? [] : [written];
}
