// The DuckDB destination: rows and state of a batch in one transaction, the file open only while there is something to commit.
import { rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { streamKey } from '../../core/catalog.ts';
import type { Clock } from '../../core/clock.ts';
import type { Batch, CommittedStream, Destination, SavedState, StagedStream } from '../../core/connector.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import { ConnectorError } from '../../core/errors.ts';
import { sha256 } from '../../core/hash.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Log } from '../../core/log.ts';
import type { Database } from '../../duckdb/connection.ts';
import { openForReading, openForWriting, prepareLog } from '../../duckdb/connection.ts';
import { isFatal, toStatementError } from '../../duckdb/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent } from '../../duckdb/sql.ts';
import type { StagedTable } from '../../load/staged-table.ts';
import { createStagedTable } from '../../load/staged-table.ts';
import type { StateRow } from './bookkeeping.ts';
import { createBooks, findState, hasBooks, writeState } from './bookkeeping.ts';
import { checkRoom } from './room.ts';
import type { TargetTable } from './tables.ts';
import { prepareTable } from './tables.ts';
import { writeStream } from './write.ts';

export interface DuckDbOptions {
  /** As the user wrote it. */
  readonly path: string;
  /** Whose state it is: `sync`, or a name that is the same whenever the same host loads the same streams. One load at a time. */
  readonly connection: string;
  /** For streams without a namespace. */
  readonly schema?: string | undefined;
  readonly memoryLimit?: string | undefined;
  /** Adds the `_airbyte_…` columns. */
  readonly addRecordMetadata: boolean;
  readonly clock: Clock;
  readonly crashPoint: CrashPoint;
  readonly log: Log;
  /** Milliseconds to wait for a file that another process holds, before anything was done with it. */
  readonly waitMs?: number | undefined;
}

/** Once records were read and perhaps paid for, it is worth waiting for somebody who only looks at the file. */
const waitInCommitMs = 60_000;

export function createDuckDbDestination(options: DuckDbOptions): Destination {
  const { path, connection, clock, crashPoint, log, addRecordMetadata } = options;
  const settings = { path, defaultSchema: options.schema ?? 'main', addRecordMetadata };
  const temporaryFolder = `${path}.tmp`;
  const stagingFolder = join(temporaryFolder, folderName(connection));
  let database: Database | undefined;
  /** Of the open file. */
  const targets = new Map<string, { schema: JsonObject; target: TargetTable }>();
  /** The state this process saw or wrote last; undefined = it never looked. */
  let known: StateRow | 'none' | undefined;
  let lastCommit: { readonly batchId: string; readonly streams: readonly CommittedStream[] } | undefined;

  async function open(waitMs: number): Promise<Database> {
    database ??= await openForWriting(path, {
      memoryLimit: options.memoryLimit,
      folders: [temporaryFolder],
      spillFolder: join(temporaryFolder, 'spill'),
      patience: { clock, ms: waitMs },
    });
    return database;
  }

  async function release(): Promise<void> {
    const closing = database;
    database = undefined;
    targets.clear();
    await closing?.close();
  }

  /** Closes after an error that may have left the instance useless; what is wrong shows when it is opened again. */
  async function discard(): Promise<void> {
    await release().catch((error: unknown) => log('debug', 'closing the file failed', { error: String(error) }));
  }

  async function commit(batch: Batch): Promise<readonly CommittedStream[]> {
    if (lastCommit?.batchId === batch.id) return lastCommit.streams;
    for (let attempt = 1; ; attempt++) {
      const progress: Progress = { written: undefined };
      try {
        const opened = await open(Math.max(options.waitMs ?? 0, waitInCommitMs));
        const streams = await opened.exclusive((session) => commitOnce(session, batch, progress));
        lastCommit = { batchId: batch.id, streams };
        return streams;
      } catch (error) {
        // COMMIT may have failed after it was durable, so the file is asked.
        if (progress.written !== undefined || isFatal(error)) {
          await discard();
          if (await isStored(batch, progress)) return lastCommit?.streams ?? [];
          if (isFatal(error) && attempt === 1) continue;
        }
        throw toStatementError(error, path, `while committing to ${path}`);
      }
    }
  }

  async function isStored(batch: Batch, { written }: Progress): Promise<boolean> {
    const opened = await open(waitInCommitMs);
    const row = await opened.exclusive(async (session) =>
      (await hasBooks(session, path)) ? findState(session, connection) : undefined,
    );
    if (row === undefined || row.batchId !== batch.id || written === undefined) return false;
    known = row;
    lastCommit = { batchId: batch.id, streams: written };
    return true;
  }

  async function commitOnce(session: Session, batch: Batch, progress: Progress): Promise<readonly CommittedStream[]> {
    await ensureBooks(session);
    const before = await stateBefore(session);
    const prepared: { staged: StagedStream; table: string; content: StagedTable; target: TargetTable }[] = [];
    for (const [index, staged] of batch.streams.entries()) {
      const table = `__gong_elt_staged_${index}`;
      prepared.push({ staged, table, ...(await stage(session, staged, table)) });
    }
    await prepareLog(path);
    crashPoint('duckdb:before-begin');
    await session.run('BEGIN');
    try {
      const written: CommittedStream[] = [];
      for (const { staged, table, content, target } of prepared)
        written.push(
          staged.rows === 0
            ? nothingWritten(staged)
            : await writeStream(session, staged, table, content, target, addRecordMetadata),
        );
      crashPoint('duckdb:before-state');
      const next: StateRow = {
        seq: (before?.seq ?? 0) + 1,
        batchId: batch.id,
        streams: mergeStates(before?.streams ?? {}, batch.states),
      };
      if (!(await writeState(session, connection, next, clock.now()))) throw outrun(path);
      crashPoint('duckdb:before-commit');
      progress.written = written;
      await session.run('COMMIT');
      crashPoint('duckdb:after-commit');
      known = next;
    } catch (error) {
      // After an error DuckDB answers COMMIT with success and keeps nothing, so no way leads there from here.
      await session.run('ROLLBACK').catch(() => {});
      throw error;
    }
    for (const { table, staged } of prepared) if (staged.rows > 0) await session.run(`DROP TABLE ${quoteIdent(table)}`);
    return progress.written;
  }

  async function ensureBooks(session: Session): Promise<void> {
    if (await hasBooks(session, path)) return;
    await prepareLog(path);
    crashPoint('duckdb:before-ddl');
    await session.run('BEGIN');
    try {
      await createBooks(session);
      await session.run('COMMIT');
    } catch (error) {
      await session.run('ROLLBACK').catch(() => {});
      throw error;
    }
    await session.run('CHECKPOINT');
    crashPoint('duckdb:after-ddl');
  }

  /** The stored state, which must be the one this process knows. */
  async function stateBefore(session: Session): Promise<StateRow | undefined> {
    const row = await findState(session, connection);
    const knownSeq = known === undefined ? row?.seq : known === 'none' ? undefined : known.seq;
    if (row?.seq !== knownSeq) throw outrun(path);
    return row;
  }

  /** Table and staged rows of one stream; a batch with larger whole numbers than the column holds widens it first. */
  async function stage(session: Session, staged: StagedStream, table: string): Promise<{ content: StagedTable; target: TargetTable }> {
    let target = await targetOf(session, staged, new Set());
    if (staged.rows === 0) return { content: { rows: 0, nulled: new Map(), wide: [] }, target };
    let content = await fill(session, staged, table, target);
    if (content.wide.length > 0) {
      const properties = target.columns.filter(({ name }) => content.wide.includes(name)).map(({ property }) => property);
      target = await targetOf(session, staged, new Set(properties));
      content = await fill(session, staged, table, target);
    }
    for (const [column, count] of content.nulled)
      log('warn', `stream ${staged.configured.stream.name}: ${count} values do not fit column ${column} and are NULL`, {
        stream: staged.configured.stream.name,
        column,
        count,
      });
    return { content, target };
  }

  function fill(session: Session, staged: StagedStream, table: string, target: TargetTable): Promise<StagedTable> {
    return createStagedTable(session, table, staged, target.columns, target.hasCaseTwins ? 'objects' : 'columns');
  }

  async function targetOf(session: Session, staged: StagedStream, wide: ReadonlySet<string>): Promise<TargetTable> {
    const { stream } = staged.configured;
    const key = streamKey(stream);
    const found = targets.get(key);
    if (found !== undefined && found.schema === stream.jsonSchema && wide.size === 0) return found.target;
    const target = await prepareTable(session, staged.configured, settings, wide, {
      before: async () => {
        await prepareLog(path);
        crashPoint('duckdb:before-ddl');
      },
      after: () => crashPoint('duckdb:after-ddl'),
    });
    targets.set(key, { schema: stream.jsonSchema, target });
    return target;
  }

  return {
    name: path,
    stagingFolder,
    async preflight() {
      await checkRoom(path);
      if (!(await exists(path))) return;
      const opened = await open(options.waitMs ?? 0);
      await opened.exclusive((session) => hasBooks(session, path)).finally(release);
    },
    async readState(): Promise<SavedState | undefined> {
      if (database === undefined && !(await exists(path))) {
        known = 'none';
        return undefined;
      }
      const reader =
        database ?? (await openForReading(path, { patience: { clock, ms: options.waitMs ?? 0 } }));
      try {
        const row = await reader.exclusive(async (session) =>
          (await hasBooks(session, path)) ? findState(session, connection) : undefined,
        );
        known = row ?? 'none';
        return row === undefined ? undefined : { seq: row.seq, streams: row.streams };
      } finally {
        if (reader !== database) await reader.close();
      }
    },
    commit,
    release,
    async close() {
      await release();
      await rm(stagingFolder, { recursive: true, force: true });
      // Another connection may be staging beside us.
      await rmdir(temporaryFolder).catch(() => {});
    },
  };
}

interface Progress {
  /** Set right before COMMIT is sent. */
  written: readonly CommittedStream[] | undefined;
}

function folderName(connection: string): string {
  return /^[a-z0-9_-]{1,40}$/.test(connection) ? connection : sha256(connection).slice(0, 16);
}

function exists(path: string): Promise<boolean> {
  // Never by opening it: that would drop the lock of an instance in this process.
  return stat(path).then(
    () => true,
    () => false,
  );
}

function mergeStates(
  before: Readonly<Record<string, JsonObject>>,
  changes: Readonly<Record<string, JsonObject | null>>,
): Record<string, JsonObject> {
  const merged = new Map<string, JsonObject>(Object.entries(before));
  for (const [stream, state] of Object.entries(changes)) {
    if (state === null) merged.delete(stream);
    else merged.set(stream, state);
  }
  return Object.fromEntries(merged);
}

function nothingWritten({ configured: { stream } }: StagedStream): CommittedStream {
  return {
    stream: stream.name,
    namespace: stream.namespace,
    staged: 0,
    written: 0,
    superseded: 0,
    rejected: 0,
    nulled: 0,
  };
}

function outrun(path: string): ConnectorError {
  return new ConnectorError(`another load of the same connection wrote to ${path} in the meantime; this one stored nothing more`, {
    area: 'busy',
    hint: 'let only one run at a time, then run again: it goes on from the newer state',
    fields: { path },
  });
}
