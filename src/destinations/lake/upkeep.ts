// What keeps a table cheap, behind a commit: a checkpoint with every tenth entry, and few files. The commit stands without it.
import type { ConfiguredStream } from '../../core/catalog.ts';
import type { Session } from '../../duckdb/session.ts';
import { compactTable, planCompaction, smallFilesAllowed } from './compaction.ts';
import { besidePlace, livePlace } from './lake-folder.ts';
import { describe, monthOf, readTable } from './lake-table.ts';
import { checkpointEvery, writeCheckpoint } from './log/checkpoint.ts';
import type { TableContext } from './table-context.ts';

/** @throws what goes wrong on the way; the tables are whole then, too */
export async function shortenLogs(
  session: Session,
  changed: readonly { readonly configured: ConfiguredStream }[],
  context: TableContext,
): Promise<void> {
  const { known, temporaryFolder, now } = context;
  const places = changed.flatMap(({ configured: { stream } }) => [
    livePlace(context, stream),
    besidePlace(context, stream),
  ]);
  for (const place of places) {
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
