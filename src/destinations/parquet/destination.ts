// A local folder of Parquet files. Data files first, each durable under its final name; then the manifest, which is the commit.
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Batch, CommittedStream, Destination, SavedState } from '../../core/connector.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import { openInMemory } from '../../duckdb/connection.ts';
import { toStatementError } from '../../duckdb/errors.ts';
import { checkRoom } from '../../load/room.ts';
import { mergeStates } from '../../load/states.ts';
import { makeFolder } from './durable.ts';
import { type Head, readHead, writeManifest } from './manifest.ts';
import { toSegment } from './segments.ts';
import { type WrittenStream, writeStream } from './write-files.ts';

export interface ParquetOptions {
  /** The folder, as the user wrote it; made when there is none. */
  readonly root: string;
  /** Whose state it is; see the DuckDB destination. */
  readonly connection: string;
  readonly clock: Clock;
  readonly crashPoint: CrashPoint;
  readonly log: Log;
}

/** Files that no manifest names are somebody's who is writing, or left by a crash; after this they are the latter. */
const orphanAgeMs = 24 * 3_600_000;

export function createParquetDestination(options: ParquetOptions): Destination {
  const { root, connection, clock, crashPoint } = options;
  const stagingFolder = join(root, '_tmp', `staging-${toSegment(connection).slice(0, 60)}`);
  /** The number this process saw or wrote last; undefined = it never looked. */
  let known: number | undefined;
  let last: { readonly batchId: string; readonly streams: readonly CommittedStream[] } | undefined;

  async function commit(batch: Batch): Promise<readonly CommittedStream[]> {
    if (last?.batchId === batch.id) return last.streams;
    let head = await readHead(root);
    const before = stateBefore(head);
    // A crash may have come between the manifest and the answer to it.
    if (before?.batchId === batch.id)
      return batch.streams.map(({ configured, rows }) => alreadyThere(configured.stream, rows));
    const batchSeq = (before?.seq ?? 0) + 1;
    const written = await writeFiles(batch, head, batchSeq);
    const state = { seq: batchSeq, batchId: batch.id, streams: mergeStates(before?.streams ?? {}, batch.states) };
    crashPoint('parquet:before-manifest');
    for (;;) {
      const isOurs = await writeManifest(root, head, {
        files: written.flatMap(({ files }) => files),
        tables: mergeTables(head, written),
        shapes: Object.assign({}, head?.shapes, ...written.map(({ shapes }) => shapes)),
        connections: { ...head?.connections, [connection]: state },
        committedAt: new Date(clock.now()).toISOString(),
      });
      if (isOurs) break;
      // The number was taken. By another connection: the next one will do. By ours: two of us are writing, and we lose.
      head = await readHead(root);
      stateBefore(head);
    }
    known = batchSeq;
    const streams = written.map(({ counts }) => counts);
    last = { batchId: batch.id, streams };
    try {
      crashPoint('parquet:after-manifest');
      await rm(join(root, '_tmp', batch.id), { recursive: true, force: true });
    } catch (error) {
      // The batch is durable: what fails from here on is not its failure.
      options.log('debug', 'temporary files stay for a day', { error: String(error) });
    }
    return streams;
  }

  function stateBefore(head: Head | undefined) {
    const state = head?.connections[connection];
    if (known !== undefined && (state?.seq ?? 0) !== known) throw outrun(root);
    known = state?.seq ?? 0;
    return state;
  }

  async function writeFiles(batch: Batch, head: Head | undefined, batchSeq: number): Promise<WrittenStream[]> {
    await makeFolder(root);
    const database = await openInMemory({ folders: [root] });
    try {
      return await database.exclusive(async (session) => {
        const written: WrittenStream[] = [];
        for (const stream of batch.streams)
          written.push(await writeStream(session, stream, { root, head, batchId: batch.id, batchSeq, crashPoint }));
        return written;
      });
    } catch (error) {
      throw error instanceof ConnectorError ? error : toStatementError(error, root, `while writing to ${root}`);
    } finally {
      await database.close();
    }
  }

  return {
    name: root,
    stagingFolder,
    async preflight() {
      await checkRoom(root);
      await makeFolder(root).catch((cause: NodeJS.ErrnoException) => {
        throw new ConnectorError(`${root} cannot be made a folder (${cause.code}).`, {
          area: 'destination',
          hint: 'choose another place, or remove what is in the way',
          cause,
        });
      });
      await checkRoom(join(root, 'lake'));
      await removeOrphans(root, await readHead(root), clock.now());
    },
    async readState(): Promise<SavedState | undefined> {
      const state = stateBefore(await readHead(root));
      return state === undefined ? undefined : { seq: state.seq, streams: state.streams };
    },
    commit,
    async release() {},
    async close() {
      await rm(stagingFolder, { recursive: true, force: true });
    },
  };
}

function alreadyThere(stream: { name: string; namespace?: string | undefined }, rows: number): CommittedStream {
  return {
    stream: stream.name,
    namespace: stream.namespace,
    staged: rows,
    written: 0,
    superseded: rows,
    rejected: 0,
    nulled: 0,
  };
}

function mergeTables(head: Head | undefined, written: readonly WrittenStream[]): Head['tables'] {
  const tables = new Map((head?.tables ?? []).map((table) => [table.stream, table]));
  for (const { table } of written) tables.set(table.stream, table);
  return [...tables.values()];
}

/** Removes old temporary files, and data files that no manifest names. */
async function removeOrphans(root: string, head: Head | undefined, now: number): Promise<void> {
  const live = new Set((head?.live ?? []).map(({ path }) => path));
  const names = await readdir(root, { recursive: true, encoding: 'utf8' });
  for (const name of names) {
    const isData = name.endsWith('.parquet') && !live.has(name);
    const isPart = name.startsWith('_tmp') && name.endsWith('.part');
    if (!isData && !isPart) continue;
    const path = join(root, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => now - mtimeMs,
      () => 0,
    );
    if (age > orphanAgeMs) await rm(path, { force: true });
  }
}

function outrun(root: string): ConnectorError {
  return new ConnectorError(`Another process has committed to ${root} in the meantime; this one stores nothing more.`, {
    area: 'busy',
    hint: 'wait until the other one has ended, then run the same command again',
  });
}
