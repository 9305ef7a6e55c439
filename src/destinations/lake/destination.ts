// A local folder of Parquet files. Data files first, each durable under its final name; then the manifest, which is the commit.
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import type { Batch, CommittedStream, Destination, SavedState, StagedStream } from '../../core/destination.ts';
import { ConnectorError } from '../../core/errors.ts';
import { sha256 } from '../../core/hash.ts';
import type { Log } from '../../core/log.ts';
import { mergeStates } from '../../core/state.ts';
import { openInMemory } from '../../duckdb/connection.ts';
import { toStatementError } from '../../duckdb/errors.ts';
import { createFolderMaker, openFolder } from '../../store/folder.ts';
import { checkRoom } from '../../store/room.ts';
import { emptyCounts } from '../../tables/counts.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { removeLeftovers } from './clean-up.ts';
import { type Addition, type Head, readHead, writeManifest } from './manifest.ts';
import { toSegment } from './segments.ts';
import { shapeOf } from './table.ts';
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
  readonly clock: Clock;
  readonly crashPoint: CrashPoint;
  readonly log: Log;
}

export function createLakeDestination(options: LakeOptions): Destination {
  const { root, shown = root, connection, clock, crashPoint, log } = options;
  const stagingFolder = join(root, '_tmp', `staging-${toSegment(connection)}`);
  const makeFolder = createFolderMaker(root);
  const store = openFolder(root);
  let head: Head | undefined;
  /** The number of our state that this process saw or wrote last; undefined = it never looked. */
  let known: number | undefined;
  let last: { readonly batchId: string; readonly streams: readonly CommittedStream[] } | undefined;

  async function commit(batch: Batch): Promise<readonly CommittedStream[]> {
    if (last?.batchId === batch.id) return last.streams;
    return await explained(commitNew(batch));
  }

  async function commitNew(batch: Batch): Promise<readonly CommittedStream[]> {
    const batchId = sha256(JSON.stringify([connection, batch.id])).slice(0, 32);
    for (;;) {
      head = await readHead(root, head);
      const before = stateBefore();
      // A crash may have come between the manifest and the answer to it, and the host sends the same bytes again.
      if (before?.batchId === batchId || head?.live.some((file) => file.batchId === batchId))
        return batch.streams.map(alreadyThere);
      const written = await writeStreams(batch, batchId);
      crashPoint('parquet:before-manifest');
      const state = {
        name: connection,
        seq: (before?.seq ?? 0) + 1,
        batchId,
        streams: mergeStates(before?.streams ?? {}, batch.states),
      };
      const next = await writeManifest(store, head, manifestOf(written, state));
      // The number may be taken. By another connection: all is done again upon its tables. By ours: we lose.
      if (next === undefined) continue;
      head = next;
      known = state.seq;
      const streams = written.map(({ counts }) => counts);
      last = { batchId: batch.id, streams };
      try {
        crashPoint('parquet:after-manifest');
      } catch (error) {
        // The batch is durable: what fails from here on is not its failure.
        log('debug', 'a commit was disturbed after it was done', { error: String(error) });
      }
      return streams;
    }
  }

  function manifestOf(written: readonly WrittenStream[], state: Head['connections'][number]): Addition {
    return {
      files: written.flatMap(({ files }) => files),
      tables: withTables(head, written),
      shapes: withShapes(head, written),
      connections: [...(head?.connections ?? []).filter(({ name }) => name !== connection), state],
      committedAt: new Date(clock.now()).toISOString(),
    };
  }

  /** The state in `head`, which must be the one this process knows. */
  function stateBefore() {
    const state = head?.connections.find(({ name }) => name === connection);
    if (known !== undefined && (state?.seq ?? 0) !== known) throw outrun(shown);
    known = state?.seq ?? 0;
    return state;
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
          written.push(await writeStream(session, stream, withTables(head, written), context));
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
    await checkRoom(join(root, '_lake'), shown);
    await removeLeftovers(root, await readHead(root), clock.now());
  }

  /** Errors of the file system get our words; those of DuckDB have them, and others are bugs. */
  async function explained<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw isFromSystem(error) ? toLakeError(error, shown) : error;
    }
  }

  return {
    name: shown,
    stagingFolder,
    preflight: () => explained(preflight()),
    async readState(): Promise<SavedState | undefined> {
      head = await explained(readHead(root, head));
      known = undefined;
      const state = stateBefore();
      return state === undefined ? undefined : { seq: state.seq, streams: state.streams };
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

function alreadyThere(staged: StagedStream): CommittedStream {
  return { ...emptyCounts(staged), staged: staged.rows, superseded: staged.rows };
}

function withTables(head: Head | undefined, written: readonly WrittenStream[]): Head['tables'] {
  const tables = new Map((head?.tables ?? []).map((table) => [table.stream, table]));
  for (const { table } of written) tables.set(table.stream, table);
  return [...tables.values()];
}

function withShapes(head: Head | undefined, written: readonly WrittenStream[]): Head['shapes'] {
  const shapes = new Map((head?.shapes ?? []).map((shape) => [shape.name, shape]));
  for (const { table, files } of written) {
    const shape = shapeOf(table);
    if (files.length > 0) shapes.set(shape.name, shape);
  }
  return [...shapes.values()];
}

function isFromSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function toLakeError(error: NodeJS.ErrnoException, root: string): ConnectorError {
  const { code, syscall } = error;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new ConnectorError(isFull ? `no room left on the disk of ${root}` : `${root}: ${syscall} failed (${code})`, {
    area: 'destination',
    hint: isFull
      ? 'free some space, then run the same command again: it goes on where it stopped'
      : 'look at the disk and the permissions of the folder, then run the same command again',
    fields: { path: root, code, syscall },
    cause: error,
  });
}

function notALake(root: string, why: string): ConnectorError {
  return new ConnectorError(`${root} ${why}`, {
    area: 'destination',
    hint: 'choose an empty folder, or one that does not exist yet',
    fields: { path: root },
  });
}

function outrun(root: string): ConnectorError {
  return new ConnectorError(`another process has committed to ${root} in the meantime; this one stores nothing more`, {
    area: 'busy',
    hint: 'let only one run at a time, then run again: it goes on from the newer state',
    fields: { path: root },
  });
}
