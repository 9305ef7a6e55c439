// The file while it is open: with how much memory, in which mode, and how it is closed so that its log is folded in.
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Batch } from '../../core/destination.ts';
import type { ConnectorError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Database } from '../../duckdb/connection.ts';
import { openForWriting } from '../../duckdb/connection.ts';
import { toStatementError } from '../../duckdb/errors.ts';
import { littleMegabytes, megabytesFor } from '../../tables/batch-memory.ts';
import type { KnownTables } from './commit.ts';

export interface OpenFile {
  readonly database: Database;
  readonly tables: KnownTables;
  readonly need: Need;
}

/** What the work ahead asks of an open file. */
export interface Need {
  readonly megabytes: number;
  /** Large enough for row groups of its own. */
  readonly isBulk: boolean;
}

export interface FileHolder {
  readonly current: OpenFile | undefined;
  /** The open file; opened anew when it does not do for `need`. */
  open(need: Need, patienceMs: number): Promise<OpenFile>;
  /** Closes the file, so that others get in. Never fails: what was committed is durable. */
  release(): Promise<void>;
  /** Closes an instance that an error may have left useless. */
  discard(): Promise<void>;
}

export interface FileHolderOptions {
  readonly path: string;
  /** How messages name it. */
  readonly shown: string;
  readonly temporaryFolder: string;
  /** Default: fitted to the need. */
  readonly memoryLimit: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Name of the folder for what does not fit DuckDB's memory: one per file, since one process writes to it at a time. */
export const spillFolder = 'spill';

export const littleNeed: Need = { megabytes: littleMegabytes, isBulk: false };
const bulkBytes = 8 * 1024 * 1024;

export function needOf(batch: Batch): Need {
  const bytes = batch.streams.reduce((sum, stream) => sum + stream.bytes, 0);
  return { megabytes: megabytesFor(batch), isBulk: bytes >= bulkBytes };
}

export function createFileHolder(options: FileHolderOptions): FileHolder {
  const { path, shown, temporaryFolder, memoryLimit, clock, log } = options;
  let current: OpenFile | undefined;
  // After a large commit merging would rewrite it at once, and merging wide rows may need more memory than there is.
  let avoidsMerging = false;

  async function open(need: Need, patienceMs: number): Promise<OpenFile> {
    avoidsMerging ||= need.isBulk;
    const isBulk = avoidsMerging;
    if (current !== undefined && (current.need.isBulk !== isBulk || current.need.megabytes < need.megabytes))
      await release();
    if (current === undefined) {
      const database = await openForWriting(path, {
        shown,
        memoryLimit: memoryLimit ?? `${need.megabytes}MB`,
        folders: [temporaryFolder],
        spillFolder: join(temporaryFolder, spillFolder),
        patience: { clock, ms: patienceMs },
        isBulk,
      });
      current = {
        database,
        tables: { targets: new Map(), beside: new Map() },
        need: { megabytes: need.megabytes, isBulk },
      };
    }
    return current;
  }

  async function release(): Promise<void> {
    if (current === undefined) return;
    const { need } = current;
    let problem = await closeFolded(current.database);
    if (problem !== undefined && !need.isBulk) {
      // Without merging the log alone gets into the file.
      const again = { ...need, isBulk: true };
      problem = await open(again, patienceMs).then(({ database }) => closeFolded(database), toProblem);
    }
    if (problem !== undefined)
      log('warn', `${problem.message}; what was committed is safe in ${shown}.wal`, { path: shown });
  }

  /** @returns why the log could not be folded into the file; it is replayed at the next open then */
  async function closeFolded(database: Database): Promise<ConnectorError | undefined> {
    current = undefined;
    const problem = await database.exclusive((session) => session.run('CHECKPOINT')).then(() => undefined, toProblem);
    await database.close();
    return problem;
  }

  function toProblem(error: unknown): ConnectorError {
    return toStatementError(error, shown, `while folding the log into ${shown}`);
  }

  return {
    get current() {
      return current;
    },
    open,
    release,
    async discard() {
      const useless = current?.database;
      current = undefined;
      await useless?.close();
    },
  };
}

/** A reader who came in between is soon gone. */
const patienceMs = 10_000;
