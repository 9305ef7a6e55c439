// The rows of one stream of a batch into a table: typed, the newest version of each key chosen, files written, and an entry in the
// log that names them.
import type { CommittedStream, StagedStream } from '../../core/destination.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { countsOf, emptyCounts, replayedCounts } from '../../tables/counts.ts';
import type { Needs } from '../../tables/staged-table.ts';
import { typeBatch } from '../../tables/type-batch.ts';
import { metadataOf } from '../../tables/version-metadata.ts';
import { appendEntry } from './append-entry.ts';
import { openBatchFiles } from './batch-files.ts';
import type { LakeTable, Marks } from './lake-table.ts';
import { readEntry, type TablePlace } from './log/read-log.ts';
import { openTable, type TableContext } from './table-context.ts';
import { describeTarget } from './target.ts';

/** A table that gets rows. */
export interface Destined {
  readonly place: TablePlace;
  /** What the entry leaves in the configuration. */
  marksFor(table: LakeTable | undefined): Marks;
}

const staged = '__gong_elt_staged';

/** @throws ConnectorError (busy) when another process of this connection went on from here */
export async function commitStream(
  session: Session,
  stream: StagedStream,
  destined: Destined,
  context: TableContext,
): Promise<CommittedStream> {
  for (;;) {
    const table = await openTable(session, destined.place, context);
    if (table !== undefined && (await isCommitted(table, context))) return replayedCounts(stream);
    const counts = await commitOnce(session, stream, destined, table, context);
    // The columns changed on the way, so the rows have to be typed anew.
    if (counts !== undefined) return counts;
  }
}

/** Does the table hold this batch already? A predecessor may have died before it could write the state. */
async function isCommitted({ place, snapshot }: LakeTable, context: TableContext): Promise<boolean> {
  const { connection, seq, batchId } = context;
  if (snapshot.txns.get(connection)?.version !== seq) return false;
  for (let number = snapshot.version; number >= 0; number--) {
    const entry = await readEntry(place, number);
    // Too old to be there, so too old to be a batch that waits for its state.
    if (entry === undefined) return false;
    if (entry.actions.some(({ txn }) => txn?.appId === connection))
      return entry.actions.some(({ commitInfo }) => commitInfo?.gongEltBatch === batchId);
  }
  return false;
}

/** @returns undefined when the table's columns are no longer those that the rows were typed for */
async function commitOnce(
  session: Session,
  stream: StagedStream,
  { place, marksFor }: Destined,
  first: LakeTable | undefined,
  context: TableContext,
): Promise<CommittedStream | undefined> {
  const { log, batchId, now } = context;
  const metadata = metadataOf(stream.configured, context.metadata);
  const options = { place, table: first, metadata, marks: marksFor(first), now: now() };
  const targetFor = (needs: Needs) => describeTarget(session, stream.configured, needs, options);
  const { target, ...changed } = await typeBatch(session, staged, stream, targetFor, log);
  const files = await openBatchFiles(session, staged, stream, place, first, target, { ...context, metadata });
  const contentFor = async (table: LakeTable | undefined) => {
    const { actions, became } = await files.plan(table);
    const operation = table === undefined ? 'CREATE TABLE' : target.order === undefined ? 'WRITE' : 'MERGE';
    const counts = stream.rows === 0 ? emptyCounts(stream) : countsOf(stream, became, changed);
    return { operation, batchId, actions, counts };
  };
  const appended = appendEntry(session, place, first, contentFor, context).catch(async (error: unknown) => {
    // Whoever has been overtaken lost its number to somebody else for certain: no entry names its files.
    if (error instanceof ConnectorError && error.area === 'busy') await files.removeAllBut([]);
    throw error;
  });
  const { outcome, content } = await appended;
  await files.removeAllBut(outcome === 'changed' ? [] : content.actions);
  return outcome === 'changed' ? undefined : content.counts;
}
