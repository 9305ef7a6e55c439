// A local folder of Parquet files. Data files first, each durable under its final name; then the manifest, which is the commit.
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import type { Batch, CommittedStream, Destination } from '../../core/destination.ts';
import { createFence, nextState } from '../../core/fence.ts';
import { sha256 } from '../../core/hash.ts';
import type { Log } from '../../core/log.ts';
import type { ProcessIdentity } from '../../core/machine.ts';
import { openInMemory } from '../../duckdb/connection.ts';
import { toStatementError } from '../../duckdb/errors.ts';
import { createFolderMaker, openFolder } from '../../store/folder.ts';
import { checkRoom } from '../../store/room.ts';
import { removeDeadStaging, stagingFolderName } from '../../store/staging.ts';
import { replayedCounts } from '../../tables/counts.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { additionOf, tablesAfter } from './addition.ts';
import { removeLeftovers } from './clean-up.ts';
import { explained, isFromSystem, notALake } from './errors.ts';
import { type Head, readHead, writeManifest } from './manifest.ts';
import { refuseWholeTables } from './whole-tables.ts';
import { type WrittenStream, writeStream } from './write-stream.ts';

export interface LakeOptions {
  /** The folder; made when there is none. */
  readonly root: string;
  /** How messages name it; default: by its path. */
  readonly shown?: string | undefined;
  /** Whose state it is; see the DuckDB destination. */
  readonly connection: string;
  /** DuckDB's share; default: enough for the batch as a table and the key columns of the lake. */
  readonly memoryLimit?: string | undefined;
  /** Columns beside the streams' own. */
  readonly metadata?: RecordMetadata | undefined;
  /** The process, so that its staging folder goes with it; without, what it leaves is there for a day. */
  readonly identity?: ProcessIdentity | undefined;
  readonly clock: Clock;
  readonly crashPoint: CrashPoint;
  readonly log: Log;
}

export function createLakeDestination(options: LakeOptions): Destination {
  const { root, shown = root, connection, clock, crashPoint, log } = options;
  const stagingFolder = join(root, '_tmp', stagingFolderName(connection, options.identity));
  const makeFolder = createFolderMaker(root);
  const store = openFolder(root);
  const fence = createFence(shown);
  let head: Head | undefined;

  async function commit(batch: Batch): Promise<readonly CommittedStream[]> {
    const batchId = sha256(JSON.stringify([connection, batch.id])).slice(0, 32);
    return fence.answerTo(batchId) ?? (await explained(shown, commitNew(batch, batchId)));
  }

  async function commitNew(batch: Batch, batchId: string): Promise<readonly CommittedStream[]> {
    refuseWholeTables(batch, shown);
    for (;;) {
      head = await readHead(root, head);
      const before = storedState();
      fence.check(before);
      // A crash may have come between the manifest and the answer to it, and the host sends the same bytes again.
      if (before?.batchId === batchId || head?.live.some((file) => file.batchId === batchId))
        return batch.streams.map(replayedCounts);
      const written = await writeStreams(batch, batchId);
      crashPoint('parquet:before-manifest');
      const state = nextState(before, batch, batchId);
      const addition = additionOf(head, written, { name: connection, ...state }, clock.now());
      const next = await writeManifest(store, head, addition);
      // The number may be taken. By another connection: all is done again upon its tables. By ours: we lose.
      if (next === undefined) continue;
      head = next;
      const counts = written.map((stream) => stream.counts);
      fence.pass(state, counts);
      try {
        crashPoint('parquet:after-manifest');
      } catch (error) {
        // The batch is durable: what fails from here on is not its failure.
        log('debug', 'a commit was disturbed after it was done', { error: String(error) });
      }
      return counts;
    }
  }

  function storedState() {
    return head?.connections.find(({ name }) => name === connection);
  }

  async function writeStreams(batch: Batch, batchId: string): Promise<WrittenStream[]> {
    const temporaryFolder = `_tmp/${batchId}-${randomUUID()}`;
    await makeFolder(root);
    const database = await openInMemory({
      folders: [root],
      memoryLimit: options.memoryLimit ?? defaultMemoryLimit,
      leavesACore: true,
    });
    try {
      return await database.exclusive(async (session) => {
        const context = {
          root,
          temporaryFolder,
          head,
          batchId,
          seq: (head?.seq ?? 0) + 1,
          makeFolder,
          metadata: options.metadata,
          crashPoint,
          log,
        };
        const written: WrittenStream[] = [];
        for (const stream of batch.streams) {
          written.push(await writeStream(session, stream, tablesAfter(head, written), context));
        }
        return written;
      });
    } catch (error) {
      throw isFromSystem(error) ? error : toStatementError(error, shown, `while writing to ${shown}`);
    } finally {
      await database.close();
      // Before the commit: should it be left behind after all, it goes with the leftovers of crashes.
      await rm(join(root, temporaryFolder), { recursive: true, force: true }).catch(() => {});
    }
  }

  async function preflight(): Promise<void> {
    const entries = await readdir(root).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      if (error.code === 'ENOTDIR') throw notALake(shown, 'is a file, not a folder');
      throw error;
    });
    if (entries === undefined) return checkRoom(root, shown);
    // What begins with `_` is ours: the ledger and the lock of the lake, and the folders that a commit makes before all others.
    if (!entries.some((name) => ourFolders.has(name)) && entries.some((name) => !name.startsWith('_')))
      throw notALake(shown, 'holds other files and no lake of ours');
    await removeDeadStaging(join(root, '_tmp'), options.identity, clock.now());
    await checkRoom(join(root, '_lake'), shown);
    await removeLeftovers(root, await readHead(root), clock.now());
  }

  return {
    name: shown,
    stagingFolder,
    preflight: () => explained(shown, preflight()),
    async readState() {
      head = await explained(shown, readHead(root, head));
      return fence.begin(storedState());
    },
    commit,
    async release() {},
    async close() {
      await rm(stagingFolder, { recursive: true, force: true }).catch(() => {});
    },
  };
}

const ourFolders = new Set(['_tmp', '_manifest']);

const defaultMemoryLimit = '256MB';
