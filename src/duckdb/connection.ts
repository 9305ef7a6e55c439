// The only place that opens DuckDB. Two instances on one file, or our own read of an open file, lose committed rows in
// silence, so: always through the cache, always by this module, and nobody else touches the path while it is open.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Clock } from '../core/clock.ts';
import { createFile, exists } from './create-file.ts';
import { isHeldElsewhere, toOpenError } from './errors.ts';
import type { Session } from './session.ts';
import { createSession } from './session.ts';
import { quoteList, quoteLiteral } from './sql.ts';

/** An open database with one connection. */
export interface Database {
  /** Runs `use` alone: whoever else asks waits. Two statements at once on one connection would share a transaction. */
  exclusive<T>(use: (session: Session) => Promise<T>): Promise<T>;
  /** Waits for what is running, then closes, which writes the log of changes into the file. More calls do nothing. */
  close(): Promise<void>;
}

export interface OpenSettings {
  /** How messages name the file; default: by its path. */
  readonly shown?: string | undefined;
  /** As DuckDB reads it: `192MB`. */
  readonly memoryLimit?: string | undefined;
  /** Folders whose files SQL may read and write; nothing else outside the database is reachable. */
  readonly folders?: readonly string[] | undefined;
  /** Single files that SQL may read and write beside these. */
  readonly files?: readonly string[] | undefined;
  /** Is somebody preparing the next batch meanwhile? Then one core is left alone. */
  readonly leavesACore?: boolean | undefined;
  /** How long to wait while another process holds the file; not at all when left out. */
  readonly patience?: { readonly clock: Clock; readonly ms: number } | undefined;
}

export interface WriteSettings extends OpenSettings {
  /** For what does not fit the memory limit; created by DuckDB when needed, emptied at each open. */
  readonly spillFolder: string;
  /**
   * Are megabytes about to be committed at a time? Then a commit goes straight into the file, as row groups of its own.
   * Small commits go through the log, and closing merges them: else each would stay a row group of its own for ever.
   */
  readonly isBulk?: boolean | undefined;
}

/** Enough for a batch of 24 MB and for merging rows of 100 kB; small enough for a whole process below 400 MB. */
export const defaultMemoryLimit = '192MB';
const defaultReadMemoryLimit = '512MB';
const spillLimit = '10GB';
const retryEveryMs = 250;

// On two cores a second thread of DuckDB beside a busy process costs twice the processor time and makes a load slower.
const threadsBeside = Math.max(1, Math.min(availableParallelism() - 1, 4));
const threadsAlone = Math.min(availableParallelism(), 4);

// By the log, a commit of wide rows reads back everything of the 2,048 rows it ends in, and merging row groups rewrites up to
// 122,880 rows at each checkpoint: for transcripts that is gigabytes, for memory and for time.
const bulkSettings = ['SET max_vacuum_tasks = 0', `SET wal_autocheckpoint = '1MB'`];
// Else freed memory stays with the allocator and the process grows to twice its limit.
const allocatorSettings = [
  'SET allocator_background_threads = true',
  `SET allocator_flush_threshold = '1MB'`,
  `SET allocator_bulk_deallocation_flush_threshold = '1MB'`,
];

/**
 * Opens `path` for reading and writing, creating it (readable by its owner only) when there is none.
 * @throws ConnectorError: `busy` when another process holds it and patience is over, `destination` for all else.
 */
export async function openForWriting(path: string, settings: WriteSettings): Promise<Database> {
  const memoryLimit = settings.memoryLimit ?? defaultMemoryLimit;
  if (!(await exists(path))) await createFile(path, { ...settings, shown: settings.shown ?? path }, makeEmpty);
  // These two are needed from the first moment: opening replays a log that was left behind.
  const options = {
    access_mode: 'READ_WRITE',
    memory_limit: memoryLimit,
    temp_directory: resolve(settings.spillFolder),
  };
  return whilePatient(settings, () =>
    openFile(path, settings.shown, options, async (connection) => {
      const bulk = settings.isBulk ? bulkSettings : [];
      await applySettings(connection, { ...settings, memoryLimit, leavesACore: true }, bulk);
      await emptySpillFolder(connection, settings.spillFolder);
    }),
  );
}

/**
 * Opens an existing file for reading; others may read it too, nobody can write meanwhile.
 * @throws ConnectorError as openForWriting.
 */
export async function openForReading(path: string, settings: OpenSettings = {}): Promise<Database> {
  const memoryLimit = settings.memoryLimit ?? defaultReadMemoryLimit;
  return withSpillFolder((spillFolder) =>
    whilePatient(settings, () =>
      openFile(
        path,
        settings.shown,
        { access_mode: 'READ_ONLY', memory_limit: memoryLimit, temp_directory: spillFolder },
        (connection) => applySettings(connection, { ...settings, memoryLimit }),
      ),
    ),
  );
}

/** A database without a file, for SQL over the files in `settings.folders`. */
export async function openInMemory(settings: OpenSettings = {}): Promise<Database> {
  const memoryLimit = settings.memoryLimit ?? defaultReadMemoryLimit;
  return withSpillFolder((spillFolder) =>
    openFile(inMemory, undefined, { memory_limit: memoryLimit, temp_directory: spillFolder }, (connection) =>
      applySettings(connection, { ...settings, memoryLimit }),
    ),
  );
}

const inMemory = ':memory:';

/** Opens with a spill folder of its own, which goes when the database is closed. */
async function withSpillFolder(openDatabase: (spillFolder: string) => Promise<Database>): Promise<Database> {
  const spillFolder = await mkdtemp(join(tmpdir(), 'gong-elt-spill-'));
  const remove = () => rm(spillFolder, { recursive: true, force: true });
  try {
    const database = await openDatabase(spillFolder);
    return { ...database, close: () => database.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function whilePatient(settings: OpenSettings, openDatabase: () => Promise<Database>): Promise<Database> {
  const { clock, ms } = settings.patience ?? { clock: undefined, ms: 0 };
  const deadline = clock === undefined ? 0 : clock.monotonic() + ms;
  for (;;) {
    try {
      return await openDatabase();
    } catch (error) {
      if (clock === undefined || !isHeldElsewhere(error) || clock.monotonic() >= deadline) throw error;
      await clock.sleep(retryEveryMs);
    }
  }
}

async function makeEmpty(path: string): Promise<void> {
  const instance = await DuckDBInstance.fromCache(path);
  instance.closeSync();
}

/** What a killed process had spilled. We hold the file, so nobody else does, and DuckDB itself has not begun to. */
async function emptySpillFolder(connection: DuckDBConnection, spillFolder: string): Promise<void> {
  const used = await connection.runAndReadAll('SELECT 1 FROM duckdb_temporary_files()');
  if (used.currentRowCount === 0) await rm(spillFolder, { recursive: true, force: true });
}

async function openFile(
  path: string,
  shown: string = path,
  options: Record<string, string>,
  prepare: (connection: DuckDBConnection) => Promise<void>,
): Promise<Database> {
  let instance: DuckDBInstance;
  try {
    instance = await DuckDBInstance.fromCache(path === inMemory ? path : resolve(path), options);
  } catch (error) {
    throw toOpenError(error, shown);
  }
  let connection: DuckDBConnection | undefined;
  let catalog: string;
  try {
    connection = await instance.connect();
    await prepare(connection);
    const [row] = (await connection.runAndReadAll('SELECT current_database()')).getRows();
    catalog = String(row?.[0]);
  } catch (error) {
    connection?.closeSync();
    instance.closeSync();
    throw toOpenError(error, shown);
  }
  return createDatabase(instance, createSession(connection, catalog), connection);
}

function createDatabase(instance: DuckDBInstance, session: Session, connection: DuckDBConnection): Database {
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  function exclusive<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const turn = last.then(() => {
      if (isClosed) throw new Error('the database is closed');
      return use(session);
    });
    last = turn.catch(() => {});
    return turn;
  }

  return {
    exclusive,
    async close() {
      await last;
      if (isClosed) return;
      isClosed = true;
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/**
 * None of these outlive the instance, so they are set at every open; locking comes last. An instance that is open already in
 * this process keeps the settings of its first opening.
 */
async function applySettings(
  connection: DuckDBConnection,
  settings: OpenSettings & { memoryLimit: string },
  more: readonly string[] = [],
): Promise<void> {
  const isLocked = await connection.runAndReadAll(`SELECT current_setting('lock_configuration')`);
  if (isLocked.getRows()[0]?.[0] === true) return;
  const folders = (settings.folders ?? []).map((folder) => resolve(folder));
  for (const statement of [
    `SET memory_limit = ${quoteLiteral(settings.memoryLimit)}`,
    `SET threads = ${settings.leavesACore ? threadsBeside : threadsAlone}`,
    `SET max_temp_directory_size = ${quoteLiteral(spillLimit)}`,
    `SET TimeZone = 'UTC'`,
    'SET preserve_insertion_order = true',
    ...allocatorSettings,
    ...more,
    `SET allowed_directories = ${quoteList(folders)}`,
    `SET allowed_paths = ${quoteList((settings.files ?? []).map((file) => resolve(file)))}`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ])
    await connection.run(statement);
}
