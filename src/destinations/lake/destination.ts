// A local folder of Delta tables. Data files first, each durable under its final name; then each table's entry in its log, which is the
// rows' commit; then the state, so that it is never ahead of the rows.
import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConfiguredCatalog, streamKey } from '../../core/catalog.ts';
import type { Clock } from '../../core/clock.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import type { Batch, CommittedStream, Destination, StagedStream } from '../../core/destination.ts';
import { createFence, nextState, overtaken, type StoredState } from '../../core/fence.ts';
import { sha256 } from '../../core/hash.ts';
import type { Log } from '../../core/log.ts';
import type { ProcessIdentity } from '../../core/machine.ts';
import type { FileStore } from '../../core/store.ts';
import { openInMemory } from '../../duckdb/connection.ts';
import { isOutOfMemory, toStatementError } from '../../duckdb/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { removeDeadStaging, stagingFolderName } from '../../store/staging.ts';
import { megabytesFor } from '../../tables/batch-memory.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { applyAction } from './actions.ts';
import { commitStream } from './commit-table.ts';
import { explained, isFromSystem, notALake } from './errors.ts';
import { livePlace, ownFolder, refuseManifest, temporaryRoot } from './lake-folder.ts';
import { checkWritable } from './log/protocol.ts';
import type { Snapshot } from './log/snapshot.ts';
import { openRefresh } from './refresh.ts';
import { openStates } from './states.ts';
import { openTable, type TableContext } from './table-context.ts';
import { tableFolder } from './table-folder.ts';
import { checkOwner } from './target.ts';
import { shortenLogs } from './upkeep.ts';
import { vacuumTable } from './vacuum.ts';
import { readTables } from './views.ts';

export interface LakeOptions {
  /** Where it lies; its folder is made when there is none. */
  readonly store: FileStore;
  /** How messages name it. */
  readonly shown: string;
  /** Whose state it is; see the DuckDB destination. */
  readonly connection: string;
  /** DuckDB's share; default: fitted to each batch. */
  readonly memoryLimit?: string | undefined;
  /** What a batch may be given at the most when `memoryLimit` says nothing; default 1024. */
  readonly mostMegabytes?: number | undefined;
  /** Columns beside the streams' own. */
  readonly metadata?: RecordMetadata | undefined;
  /** The process, so that its staging folder goes with it; without, what it leaves is there for a day. */
  readonly identity?: ProcessIdentity | undefined;
  readonly clock: Clock;
  readonly crashPoint: CrashPoint;
  readonly log: Log;
}

export function createLakeDestination(options: LakeOptions): Destination {
  const { store, shown, connection, clock, crashPoint, log, mostMegabytes = 1024 } = options;
  const { root } = store;
  const stagingFolder = join(root, temporaryRoot, stagingFolderName(connection, options.identity));
  const states = openStates(store, connection);
  const fence = createFence(shown);
  const known = new Map<string, Snapshot>();
  const besides = new Map<string, string>();

  async function commit(batch: Batch): Promise<readonly CommittedStream[]> {
    return fence.answerTo(batch.id) ?? (await explained(shown, commitNew(batch)));
  }

  async function commitNew(batch: Batch): Promise<readonly CommittedStream[]> {
    const before = await states.read();
    fence.check(before);
    // The same lines upon another state are another batch: who loads a file twice means it.
    const batchId = sha256(JSON.stringify([connection, before?.seq, before?.batchId, batch.id])).slice(0, 32);
    const state = nextState(before, batch, batchId);
    const done = new Map<string, CommittedStream>();
    for (let megabytes = Math.min(megabytesFor(batch), mostMegabytes); ; megabytes *= 2) {
      try {
        return await inDatabase(options.memoryLimit ?? `${Math.min(megabytes, mostMegabytes)}MB`, (session, folder) =>
          commitTo(session, folder, batch, state, done),
        );
      } catch (error) {
        // The need is an estimate: wide tables take more. A limit that somebody set is kept.
        const mayGrow = options.memoryLimit === undefined && megabytes < mostMegabytes;
        if (isFromSystem(error) || !isOutOfMemory(error) || !mayGrow)
          throw isFromSystem(error) ? error : toStatementError(error, shown, `while writing to ${shown}`);
      }
    }
  }

  /** @param done what is done of the batch already, by stream and by action */
  async function commitTo(
    session: Session,
    temporaryFolder: string,
    batch: Batch,
    state: StoredState,
    done: Map<string, CommittedStream>,
  ): Promise<readonly CommittedStream[]> {
    const files = { temporaryFolder, crashPoint, now: () => clock.now() };
    const { seq, batchId } = state;
    const { metadata } = options;
    const context = { ...files, store, shown, connection, seq, batchId, metadata, known, besides, log };
    for (const staged of batch.streams) {
      const key = streamKey(staged.configured.stream);
      if (!done.has(key)) done.set(key, await storeStream(session, staged, context));
    }
    for (const action of batch.actions ?? []) {
      const key = `${action.kind} ${streamKey(action.configured.stream)}`;
      if (!done.has(key)) done.set(key, await applyAction(session, action, context));
    }
    crashPoint('lake:before-state');
    if (!(await states.write(state))) throw overtaken(shown);
    const counts = [...done.values()];
    fence.pass({ ...state, batchId: batch.id }, counts);
    try {
      crashPoint('lake:after-state');
      await shortenLogs(session, [...batch.streams, ...(batch.actions ?? [])], context);
    } catch (error) {
      // The batch is durable: what fails from here on is not its failure.
      log('debug', 'a commit was disturbed after it was done', { error: String(error) });
    }
    return counts;
  }

  async function storeStream(session: Session, staged: StagedStream, context: TableContext): Promise<CommittedStream> {
    const { configured, refresh } = staged;
    const { isBeside, ...destined } = await openRefresh(session, staged, context);
    const counts = await commitStream(session, staged, destined, context);
    if (isBeside && refresh !== undefined) besides.set(streamKey(configured.stream), refresh.key);
    if (!isBeside) return counts;
    const live = await openTable(session, livePlace(context, configured.stream), context);
    return { ...counts, isBeside, replacesNothing: live === undefined || live.snapshot.files.size === 0 };
  }

  /** @param use gets a folder of its own for files on their way, relative to the root */
  async function inDatabase<T>(memoryLimit: string, use: (session: Session, folder: string) => Promise<T>): Promise<T> {
    const folder = `${temporaryRoot}/${randomUUID()}`;
    await mkdir(root, { recursive: true, mode: 0o700 });
    const database = await openInMemory({ folders: [root], memoryLimit, leavesACore: true });
    try {
      return await database.exclusive((session) => use(session, folder));
    } finally {
      await database.close();
      // Should it be left behind after all, it goes with the leftovers of crashes.
      await rm(join(root, folder), { recursive: true, force: true }).catch(() => {});
    }
  }

  async function preflight(catalog: ConfiguredCatalog): Promise<void> {
    const found = await stat(root).catch(() => undefined);
    if (found?.isFile()) throw notALake(shown, 'is a file, not a folder');
    const folders = await store.folders('');
    await refuseManifest(store, shown);
    // What begins with `_` is ours: the ledger and the lock of the lake, and the folder that a commit makes before all others.
    if (!folders.includes(ownFolder) && [...folders, ...(await store.list(''))].some((name) => !name.startsWith('_')))
      throw notALake(shown, 'holds other files and no lake of ours');
    await removeDeadStaging(join(root, temporaryRoot), options.identity, clock.now());
    await store.probe(shown);
    if (folders.length === 0) return;
    const tables = await inDatabase(options.memoryLimit ?? '96MB', (session) => readTables(session, store, shown));
    for (const configured of catalog) {
      const table = tables.find(({ place }) => place.folder === tableFolder(configured.stream));
      if (table !== undefined) checkOwner(table, configured);
    }
    for (const table of tables) {
      const { snapshot, place, stream } = table;
      if (stream === undefined) continue;
      checkWritable(snapshot.protocol, snapshot.metaData, place.folder);
      await vacuumTable(table, clock.now());
    }
  }

  return {
    name: shown,
    stagingFolder,
    preflight: (catalog = []) => explained(shown, preflight(catalog)),
    async readState() {
      await refuseManifest(store, shown);
      return fence.begin(await explained(shown, states.read()));
    },
    commit,
    async release() {},
    async close() {
      await rm(stagingFolder, { recursive: true, force: true }).catch(() => {});
    },
  };
}
