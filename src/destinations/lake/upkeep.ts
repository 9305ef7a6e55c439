// What keeps a table cheap, behind a commit: a checkpoint with every tenth entry, and few files. The commit stands without it.
import type { StagedStream } from '../../core/destination.ts';
import type { Session } from '../../duckdb/session.ts';
import type { TableContext } from './commit-table.ts';
import { compactTable, planCompaction, smallFilesAllowed } from './compaction.ts';
import { describe, monthOf, readTable } from './lake-table.ts';
import { checkpointEvery, writeCheckpoint } from './log/checkpoint.ts';
import { tableFolder } from './table-folder.ts';

/** @throws what goes wrong on the way; the tables are whole then, too */
export async function shortenLogs(
  session: Session,
  streams: readonly StagedStream[],
  context: TableContext,
): Promise<void> {
  const { store, known, temporaryFolder, now } = context;
  for (const { configured } of streams) {
    const place = { store, folder: tableFolder(configured.stream) };
    const snapshot = known.get(place.folder);
    if (snapshot === undefined) continue;
    const table = describe(place, snapshot);
    const groups = planCompaction(snapshot.files.values(), (file) => monthOf(table, file), smallFilesAllowed);
    if (groups.length > 0) await compactTable(session, place, smallFilesAllowed, context);
    const newest = (await readTable(session, place, snapshot))?.snapshot ?? snapshot;
    known.set(place.folder, newest);
    if (newest.version - newest.checkpoint < checkpointEvery) continue;
    await writeCheckpoint(session, place, newest, temporaryFolder, now());
    known.set(place.folder, { ...newest, checkpoint: newest.version });
  }
}
