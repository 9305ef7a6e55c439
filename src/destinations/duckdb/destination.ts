// The DuckDB destination: the file is open only while there is something to commit, and after an error it is asked what it holds.
import { rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import type { Batch, CommittedStream, Destination } from '../../core/destination.ts';
import { ConnectorError } from '../../core/errors.ts';
import { createFence, overtaken, type StoredState } from '../../core/fence.ts';
import type { Log } from '../../core/log.ts';
import type { ProcessIdentity } from '../../core/machine.ts';
import { openForReading } from '../../duckdb/connection.ts';
import { isFatal, isOutOfMemory, toStatementError } from '../../duckdb/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { checkRoom } from '../../store/room.ts';
import { removeDeadStaging, stagingFolderName } from '../../store/staging.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import { findState, hasBooks } from './bookkeeping.ts';
import type { CommitContext } from './commit.ts';
import { commitBatch, ensureBooks } from './commit.ts';
import { createFileHolder, littleNeed, needOf, spillFolder } from './open-file.ts';
import { findTable } from './tables.ts';

export interface DuckDbOptions {
  readonly path: string;
  /** How messages name it; default: by its path. */
  readonly shown?: string | undefined;
  /** Whose state it is: `sync`, or a name that is the same whenever the same host loads the same streams. One load at a time. */
  readonly connection: string;
  /** For streams without a namespace. */
  readonly schema?: string | undefined;
  /** Default: fitted to each batch. */
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
  /** Milliseconds to wait for a file that another process holds, before anything was done with it. */
  readonly waitMs?: number | undefined;
}

/** Once records were read and perhaps paid for, it is worth waiting for somebody who only looks at the file. */
const waitInCommitMs = 60_000;

export function createDuckDbDestination(options: DuckDbOptions): Destination {
  const { path, shown = path, connection, clock, crashPoint, log, mostMegabytes = 1024 } = options;
  const context: CommitContext = {
    settings: { shown, defaultSchema: options.schema ?? 'main', metadata: options.metadata },
    connection,
    clock,
    crashPoint,
    log,
    begun: new Set(),
  };
  const waitMs = options.waitMs ?? 0;
  const temporaryFolder = `${path}.tmp`;
  const stagingFolder = join(temporaryFolder, stagingFolderName(connection, options.identity));
  const file = createFileHolder({ path, shown, temporaryFolder, memoryLimit: options.memoryLimit, clock, log });
  const fence = createFence(shown);

  async function commit(batch: Batch): Promise<readonly CommittedStream[]> {
    const answered = fence.answerTo(batch.id);
    if (answered !== undefined) return answered;
    const { megabytes, isBulk } = needOf(batch);
    let need = { megabytes: Math.min(megabytes, mostMegabytes), isBulk };
    for (let attempt = 1; ; attempt++) {
      let written: readonly CommittedStream[] | undefined;
      try {
        const { database, tables } = await file.open(need, Math.max(waitMs, waitInCommitMs));
        const stored = await database.exclusive(async (session) => {
          await ensureBooks(session, context);
          const before = await findState(session, connection);
          fence.check(before);
          return commitBatch(session, batch, before, tables, context, (counts) => {
            written = counts;
          });
        });
        if (stored === undefined || written === undefined) throw overtaken(shown);
        fence.pass(stored, written);
        return written;
      } catch (error) {
        if (error instanceof ConnectorError) throw error;
        // COMMIT may have failed after it was durable, and after a FATAL error nothing else works: the file is asked.
        if (written !== undefined || isFatal(error)) {
          await file.discard();
          const { database } = await file.open(need, waitInCommitMs);
          const row = await database.exclusive(storedState);
          if (written !== undefined && row?.batchId === batch.id) {
            fence.pass(row, written);
            return written;
          }
          if (isFatal(error) && attempt === 1) continue;
        }
        // The need is an estimate: wide tables take more. A limit that somebody set is kept.
        if (isOutOfMemory(error) && options.memoryLimit === undefined && need.megabytes < mostMegabytes) {
          await file.discard();
          need = { ...need, megabytes: Math.min(2 * need.megabytes, mostMegabytes) };
          continue;
        }
        throw toStatementError(error, shown, `while committing to ${shown}`);
      }
    }
  }

  async function storedState(session: Session): Promise<StoredState | undefined> {
    return (await hasBooks(session, shown)) ? findState(session, connection) : undefined;
  }

  return {
    name: shown,
    stagingFolder,
    async preflight(catalog = []) {
      // First: there may be too little room because of them.
      await removeDeadStaging(temporaryFolder, options.identity, clock.now(), new Set([spillFolder]));
      await rmdir(temporaryFolder).catch(() => {});
      await checkRoom(path, shown);
      if (!(await exists(path))) return;
      const { database } = await file.open(littleNeed, waitMs);
      await database
        .exclusive(async (session) => {
          if (!(await hasBooks(session, shown))) return;
          for (const configured of catalog) await findTable(session, configured, context.settings);
        })
        .finally(file.release);
    },
    async readState() {
      if (file.current === undefined && !(await exists(path))) return fence.begin(undefined);
      const reader = file.current?.database ?? (await openForReading(path, { shown, patience: { clock, ms: waitMs } }));
      try {
        return fence.begin(await reader.exclusive(storedState));
      } finally {
        if (reader !== file.current?.database) await reader.close();
      }
    },
    commit,
    release: file.release,
    async close() {
      await file.release();
      await rm(stagingFolder, { recursive: true, force: true }).catch(() => {});
      // Fails when another process is staging beside us.
      await rmdir(temporaryFolder).catch(() => {});
    },
  };
}

function exists(path: string): Promise<boolean> {
  // Never by opening it: that would drop the lock of an instance in this process.
  return stat(path).then(
    () => true,
    () => false,
  );
}
