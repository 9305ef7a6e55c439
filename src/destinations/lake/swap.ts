// What is kept beside a table takes its place: one entry in the table's log with the new schema, without the old files, and with the
// new ones, which get a second name in the table's folder first.
import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import { type ConfiguredStream, streamKey } from '../../core/catalog.ts';
import type { Refresh } from '../../core/destination.ts';
import { overtaken } from '../../core/fence.ts';
import { countRows } from '../../duckdb/relations.ts';
import type { Session } from '../../duckdb/session.ts';
import { ownerOf } from '../../tables/owner.ts';
import { appendEntry } from './append-entry.ts';
import { removing } from './batch-files.ts';
import { refuseForeignColumns } from './foreign-columns.ts';
import { livePlace } from './lake-folder.ts';
import { bringFiles, configured as configuredAs, type LakeTable, nameOf } from './lake-table.ts';
import type { AddFile, MetaData } from './log/actions.ts';
import type { TablePlace } from './log/read-log.ts';
import { findBeside, removeBeside } from './refresh.ts';
import { selectRows } from './rows.ts';
import { openTable, type TableContext } from './table-context.ts';
import { checkOwner, protocolOf } from './target.ts';

/**
 * @returns the rows that went; 0 when nothing is kept beside under this key
 * @throws ConnectorError (busy) when another process took away what this one kept beside the table
 */
export async function swapIn(
  session: Session,
  configured: ConfiguredStream,
  refresh: Refresh,
  context: TableContext,
): Promise<number> {
  const name = streamKey(configured.stream);
  const beside = await findBeside(session, configured, context);
  if (beside?.refresh?.key !== refresh.key) {
    if (context.besides.get(name) === refresh.key) throw overtaken(context.shown);
    return 0;
  }
  const place = livePlace(context, configured.stream);
  const added: AddFile[] = [];
  for (const file of beside.snapshot.files.values()) added.push(await copyFile(file, beside.place, place, context));
  const removed = await replaceFiles(session, configured, beside, added, context);
  context.besides.delete(name);
  context.crashPoint('lake:after-swap');
  await removeBeside(beside.place, context);
  return removed;
}

/** @returns the rows that went */
async function replaceFiles(
  session: Session,
  configured: ConfiguredStream,
  beside: LakeTable,
  added: readonly AddFile[],
  context: TableContext,
): Promise<number> {
  const { now, crashPoint, shown, batchId } = context;
  const place = livePlace(context, configured.stream);
  const contentFor = async (table: LakeTable | undefined) => {
    const old = [...(table?.snapshot.files.values() ?? [])];
    const protocol = protocolOf(table?.snapshot.protocol, beside.columns);
    const removed = table === undefined ? 0 : await rowsOf(session, table);
    crashPoint('lake:before-swap');
    return {
      operation: 'CREATE OR REPLACE TABLE AS SELECT',
      batchId,
      removed,
      actions: [
        ...(protocol ? [{ protocol }] : []),
        { metaData: metaDataOf(configured, beside, table) },
        ...old.map((file) => ({ remove: removing(file, true, now()) })),
        ...added.map((add) => ({ add })),
      ],
    };
  };
  for (;;) {
    const live = await openTable(session, place, context);
    if (live !== undefined) {
      checkOwner(live, configured);
      refuseForeignColumns(live, shown);
    }
    const { outcome, content } = await appendEntry(session, place, live, contentFor, context);
    if (outcome !== 'changed') return content.removed;
  }
}

async function copyFile(
  file: AddFile,
  from: TablePlace,
  to: TablePlace,
  { store, now }: TableContext,
): Promise<AddFile> {
  const path = posix.join(posix.dirname(file.path), `${randomUUID()}.parquet`);
  await store.copy(nameOf(from, file.path), nameOf(to, path));
  return { ...file, path, modificationTime: now(), dataChange: true };
}

/** The table is the same one for those who follow it; its columns, how it is split, and whose it is are new. */
function metaDataOf(configured: ConfiguredStream, beside: LakeTable, table: LakeTable | undefined): MetaData {
  const { metaData } = beside.snapshot;
  const { id = randomUUID(), createdTime = metaData.createdTime } = table?.snapshot.metaData ?? {};
  const before = table?.snapshot.metaData.configuration ?? {};
  const ours = new Set<string>(Object.values(configuredAs));
  const { [configuredAs.refresh]: _, ...own } = metaData.configuration ?? {};
  const { generationId } = configured;
  return {
    ...metaData,
    id,
    createdTime,
    configuration: {
      ...Object.fromEntries(Object.entries(before).filter(([name]) => !ours.has(name))),
      ...own,
      [configuredAs.owner]: JSON.stringify(ownerOf(configured)),
      [configuredAs.taken]: metaData.id,
      // Rows without a generation are older than any.
      ...(generationId === undefined ? {} : { [configuredAs.generation]: String(generationId) }),
    },
  };
}

async function rowsOf(session: Session, { place, columns, snapshot }: LakeTable): Promise<number> {
  const paths = [...snapshot.files.keys()];
  await bringFiles(place, paths);
  return await countRows(session, `(${selectRows(place, columns, paths)})`);
}
