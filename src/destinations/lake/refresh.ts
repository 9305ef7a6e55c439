// Where the rows of a stream go while they are to replace those in its table: into a Delta table of their own, beside those that
// readers look for. Its own metadata says for which refresh; the table that took its rows in says so in the same entry, so that what
// a crash left of it is known to be of no use.
import { type ConfiguredStream, streamKey } from '../../core/catalog.ts';
import type { Refresh, StagedStream } from '../../core/destination.ts';
import { overtaken } from '../../core/fence.ts';
import { countRows } from '../../duckdb/relations.ts';
import type { Session } from '../../duckdb/session.ts';
import { generationColumn, hasNothingToReplace, type RefreshedTable } from '../../tables/generations.ts';
import { absorbBeside } from './absorb.ts';
import { commitStream, type Destined } from './commit-table.ts';
import { refuseForeignColumns } from './foreign-columns.ts';
import { besidePlace, livePlace } from './lake-folder.ts';
import { bringFiles, configured as configuredAs, type LakeTable, type Marks } from './lake-table.ts';
import type { TablePlace } from './log/read-log.ts';
import { selectRows } from './rows.ts';
import { openTable, type TableContext } from './table-context.ts';
import { checkOwner } from './target.ts';

/**
 * Makes ready what the rows of `staged` need: what was kept beside the table for another refresh goes, and what an unfinished one of
 * the host left, which the host believes to be stored, joins the table when nothing replaces it.
 * @returns where the rows go
 * @throws ConnectorError: `config` for a generation older than the table's, `destination` for a table with parts of somebody else,
 * `busy` when another process took away what this one keeps beside the table
 */
export async function openRefresh(
  session: Session,
  staged: StagedStream,
  context: TableContext,
): Promise<Destined & { readonly isBeside: boolean }> {
  const { configured, refresh } = staged;
  const { stream } = configured;
  const live = { place: livePlace(context, stream), isBeside: false, marksFor: generationMark(staged) };
  const beside = await findBeside(session, configured, context);
  if (refresh !== undefined && beside?.refresh?.key === refresh.key) return besides(configured, refresh, context);
  if (refresh !== undefined && context.besides.get(streamKey(stream)) === refresh.key) throw overtaken(context.shown);
  if (beside !== undefined) {
    const mustStay = refresh === undefined && beside.refresh?.generation !== undefined;
    if (mustStay) await absorbBeside(session, configured, beside, context);
    await removeBeside(beside.place, context);
  }
  if (refresh === undefined) return live;
  const table = await openTable(session, live.place, context);
  if (table !== undefined) {
    checkOwner(table, configured);
    if (await hasNothingToReplace(configured, refresh, asRefreshed(session, table))) return live;
    refuseForeignColumns(table, context.shown);
  } else {
    if (refresh.generation !== undefined) return live;
    const empty = { ...staged, files: [], rows: 0, bytes: 0, longestLine: 0 };
    await commitStream(session, empty, { ...live, marksFor: () => ({}) }, context);
  }
  return besides(configured, refresh, context);
}

function besides({ stream }: ConfiguredStream, refresh: Refresh, context: TableContext) {
  const marks = { [configuredAs.refresh]: JSON.stringify(refresh) };
  return { place: besidePlace(context, stream), isBeside: true, marksFor: () => marks };
}

/** The rows of a generation are in the table itself from here on: the entry that stores them says so. */
function generationMark({ configured: { generationId }, rows, refresh }: StagedStream): Destined['marksFor'] {
  const isStored = rows > 0 || refresh !== undefined;
  return (table): Marks => {
    if (generationId === undefined || !isStored || (table?.generation ?? -1) >= generationId) return {};
    return { [configuredAs.generation]: String(generationId) };
  };
}

/** What is kept beside the table of a stream, but for what a crash left of a table whose rows were taken in: that goes. */
export async function findBeside(
  session: Session,
  { stream }: ConfiguredStream,
  context: TableContext,
): Promise<LakeTable | undefined> {
  const place = besidePlace(context, stream);
  // Another process may have removed it, and begun another one.
  context.known.delete(place.folder);
  const beside = await openTable(session, place, context);
  const live = beside && (await openTable(session, livePlace(context, stream), context));
  const isTaken = beside !== undefined && beside.snapshot.metaData.id === live?.taken;
  if (beside !== undefined && !isTaken) return beside;
  if (isTaken) context.besides.delete(streamKey(stream));
  await removeBeside(place, context);
  return undefined;
}

/** Removes what is kept beside a table, whole or not at all, or files that a crash left where there is no table yet. */
export async function removeBeside({ store, folder }: TablePlace, { known }: TableContext): Promise<void> {
  known.delete(folder);
  await store.removeFolder(`${folder}/`);
}

/** Drops what is kept beside the table under this key. */
export async function discardBeside(
  session: Session,
  configured: ConfiguredStream,
  refresh: Refresh,
  context: TableContext,
): Promise<void> {
  const beside = await findBeside(session, configured, context);
  if (beside?.refresh?.key === refresh.key) await removeBeside(beside.place, context);
  context.besides.delete(streamKey(configured.stream));
}

function asRefreshed(session: Session, { place, columns, snapshot, generation }: LakeTable): RefreshedTable {
  const paths = [...snapshot.files.keys()];
  const rows = `(${selectRows(place, columns, paths)})`;
  return {
    async generation() {
      if (generation !== undefined || !columns.some(({ name }) => name === generationColumn)) return generation;
      // Of the rows themselves: somebody else may have written the metadata anew.
      await bringFiles(place, paths);
      const [row] = await session.rows(`SELECT max(${generationColumn}) AS newest FROM ${rows}`);
      return row?.['newest'] === null ? undefined : Number(row?.['newest']);
    },
    async hasRows() {
      await bringFiles(place, paths);
      return (await countRows(session, `(SELECT 1 FROM ${rows} LIMIT 1)`)) > 0;
    },
  };
}
