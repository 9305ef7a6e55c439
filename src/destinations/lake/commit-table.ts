// The rows of one stream of a batch into its table: typed, the newest version of each key chosen, files written, and an entry in the
// log that names them. Whoever loses the number of an entry reads what came in between, and redoes only what that touched.
import type { CommittedStream, StagedStream } from '../../core/destination.ts';
import { overtaken } from '../../core/fence.ts';
import type { Log } from '../../core/log.ts';
import type { Store } from '../../core/store.ts';
import type { Session } from '../../duckdb/session.ts';
import { countsOf, emptyCounts, replayedCounts } from '../../tables/counts.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import type { Needs } from '../../tables/staged-table.ts';
import { typeBatch } from '../../tables/type-batch.ts';
import { metadataOf } from '../../tables/version-metadata.ts';
import { openBatchFiles } from './batch-files.ts';
import { type LakeTable, readTable } from './lake-table.ts';
import { type Action, encodeEntry } from './log/actions.ts';
import { entryName } from './log/names.ts';
import { checkWritable } from './log/protocol.ts';
import { inTable, readEntry, type TablePlace } from './log/read-log.ts';
import { completed, emptyDraft, replay, type Snapshot } from './log/snapshot.ts';
import { createOnce } from './once.ts';
import { tableFolder } from './table-folder.ts';
import { describeTarget } from './target.ts';
import type { FileContext } from './write-file.ts';

export interface TableContext extends FileContext {
  readonly store: Store;
  readonly root: string;
  /** How messages name the lake. */
  readonly shown: string;
  readonly connection: string;
  /** Number of the state that the batch leads to. */
  readonly seq: number;
  readonly batchId: string;
  readonly metadata: RecordMetadata | undefined;
  /** Snapshots by folder, as they were last read or made. */
  readonly known: Map<string, Snapshot>;
  readonly log: Log;
}

const staged = '__gong_elt_staged';

/** @throws ConnectorError (busy) when another process of this connection went on from here */
export async function commitStream(
  session: Session,
  stream: StagedStream,
  context: TableContext,
): Promise<CommittedStream> {
  const { store, root, known } = context;
  const place = { store, root, folder: tableFolder(stream.configured.stream) };
  for (;;) {
    const table = await readTable(session, place, known.get(place.folder));
    if (table !== undefined) {
      known.set(place.folder, table.snapshot);
      checkWritable(table.snapshot.protocol, table.snapshot.metaData, place.folder);
      if (await isCommitted(table, context)) return replayedCounts(stream);
    }
    const counts = await commitOnce(session, stream, place, table, context);
    // The columns changed on the way, so the rows have to be typed anew.
    if (counts !== undefined) return counts;
  }
}

/**
 * Does the table hold this batch already? A predecessor may have died before it could write the state.
 * @throws ConnectorError (busy) when it holds a later one
 */
async function isCommitted({ place, snapshot }: LakeTable, context: TableContext): Promise<boolean> {
  const { connection, seq, batchId, shown } = context;
  const version = snapshot.txns.get(connection)?.version ?? 0;
  if (version > seq) throw overtaken(shown);
  if (version < seq) return false;
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
  place: TablePlace,
  first: LakeTable | undefined,
  context: TableContext,
): Promise<CommittedStream | undefined> {
  const { log, known, connection, seq, batchId, shown, now } = context;
  const metadata = metadataOf(stream.configured, context.metadata);
  const targetFor = (needs: Needs) => describeTarget(session, stream.configured, place, first, needs, metadata, now());
  const { target, ...changed } = await typeBatch(session, staged, stream, targetFor, log);
  const files = await openBatchFiles(session, staged, stream, place, first, target, { ...context, metadata });
  const txnOf = (table: LakeTable | undefined) => table?.snapshot.txns.get(connection)?.version;
  for (let table = first; ; ) {
    const { actions, became } = await files.plan(table);
    const counts = stream.rows === 0 ? emptyCounts(stream) : countsOf(stream, became, changed);
    if (actions.length === 0) return counts;
    const version = (table?.snapshot.version ?? -1) + 1;
    const txn = { appId: connection, version: seq, lastUpdated: now() };
    const operation = table === undefined ? 'CREATE TABLE' : target.order === undefined ? 'WRITE' : 'MERGE';
    const all: Action[] = [{ txn }, ...actions];
    context.crashPoint('lake:before-entry');
    const content = encodeEntry({ timestamp: now(), operation, batchId }, all);
    if (await createOnce(place.store, inTable(place, entryName(version)), content)) {
      const snapshot = completed(replay(table?.snapshot ?? emptyDraft, [{ version, actions: all }]));
      if (snapshot !== undefined) known.set(place.folder, snapshot);
      context.crashPoint('lake:after-entry');
      await files.removeAllBut(actions);
      return counts;
    }
    const next = await readTable(session, place, table?.snapshot);
    if (next === undefined || txnOf(next) !== txnOf(first)) {
      await files.removeAllBut([]);
      throw overtaken(shown);
    }
    if (!hasSameRules(next.snapshot, table?.snapshot)) {
      await files.removeAllBut([]);
      return undefined;
    }
    table = next;
  }
}

function hasSameRules(a: Snapshot, b: Snapshot | undefined): boolean {
  const rulesOf = (snapshot: Snapshot | undefined) => JSON.stringify([snapshot?.protocol, snapshot?.metaData]);
  return rulesOf(a) === rulesOf(b);
}
