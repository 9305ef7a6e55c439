// The only place that opens DuckDB. Two instances on one file, or our own read of an open file, lose committed rows in
// silence, so: always through the cache, always by this module, and nobody else touches the path while it is open.
import { access, chmod, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Clock } from '../core/clock.ts';
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
  /** As DuckDB reads it: `192MB`. */
  readonly memoryLimit?: string | undefined;
  /** Folders whose files SQL may read and write; nothing else outside the database is reachable. */
  readonly folders?: readonly string[] | undefined;
  /** How long to wait while another process holds the file; not at all when left out. */
  readonly patience?: { readonly clock: Clock; readonly ms: number } | undefined;
}

export interface WriteSettings extends OpenSettings {
  /** For what does not fit the memory limit; created by DuckDB when needed, emptied at each open. */
  readonly spillFolder: string;
}

/** Enough for a batch of 48 MB, and small enough for a whole process below 400 MB. */
export const defaultMemoryLimit = '192MB';
const defaultReadMemoryLimit = '512MB';
const spillLimit = '10GB';
/** A commit is durable through the log; folding it into the file is left for the close, as long as it stays below this. */
const checkpointAbove = '256MB';
const retryEveryMs = 250;

/**
 * Opens `path` for reading and writing, creating it (readable by its owner only) when there is none.
 * @throws ConnectorError: `busy` when another process holds it and patience is over, `destination` for all else.
 */
export async function openForWriting(path: string, settings: WriteSettings): Promise<Database> {
  const memoryLimit = settings.memoryLimit ?? defaultMemoryLimit;
  const isNew = !(await exists(path));
  return whilePatient(settings, () =>
    openFile(path, { access_mode: 'READ_WRITE', memory_limit: memoryLimit }, async (connection) => {
      await rm(settings.spillFolder, { recursive: true, force: true });
      await applySettings(connection, { ...settings, memoryLimit });
      if (isNew) await secureNewFile(path);
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
      openFile(path, { access_mode: 'READ_ONLY', memory_limit: memoryLimit }, (connection) =>
        applySettings(connection, { ...settings, memoryLimit, spillFolder }),
      ),
    ),
  );
}

/** A database without a file, for SQL over the files in `settings.folders`. */
export async function openInMemory(settings: OpenSettings = {}): Promise<Database> {
  const memoryLimit = settings.memoryLimit ?? defaultReadMemoryLimit;
  return withSpillFolder((spillFolder) =>
    openFile(inMemory, { memory_limit: memoryLimit }, (connection) =>
      applySettings(connection, { ...settings, memoryLimit, spillFolder }),
    ),
  );
}

/**
 * Makes the log file beside an open `path` before DuckDB does, with the permissions of the file itself: DuckDB would make it
 * readable by all. Call it before a transaction; a log that is there already is not touched.
 */
export async function prepareLog(path: string): Promise<void> {
  const { mode } = await stat(path);
  await writeFile(`${path}.wal`, '', { flag: 'wx', mode: mode & 0o777 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

const inMemory = ':memory:';

/** Opens with a spill folder of its own, which goes when the database is closed. */
async function withSpillFolder(
  openDatabase: (spillFolder: string) => Promise<Database>,
): Promise<Database> {
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

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** DuckDB makes its file readable by all, and does not make its name durable. Neither step opens the file. */
async function secureNewFile(path: string): Promise<void> {
  await chmod(path, 0o600);
  const folder = await open(dirname(resolve(path)));
  await folder.sync().finally(() => folder.close());
}

async function openFile(
  path: string,
  options: Record<string, string>,
  prepare: (connection: DuckDBConnection) => Promise<void>,
): Promise<Database> {
  let instance: DuckDBInstance;
  try {
    instance = await DuckDBInstance.fromCache(path === inMemory ? path : resolve(path), options);
  } catch (error) {
    throw toOpenError(error, path);
  }
  let connection: DuckDBConnection | undefined;
  try {
    connection = await instance.connect();
    await prepare(connection);
  } catch (error) {
    connection?.closeSync();
    instance.closeSync();
    throw toOpenError(error, path);
  }
  return createDatabase(instance, connection);
}

function createDatabase(instance: DuckDBInstance, connection: DuckDBConnection): Database {
  const session = createSession(connection);
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
  settings: OpenSettings & { memoryLimit: string; spillFolder: string },
): Promise<void> {
  const isLocked = await connection.runAndReadAll(`SELECT current_setting('lock_configuration')`);
  if (isLocked.getRows()[0]?.[0] === true) return;
  const folders = (settings.folders ?? []).map((folder) => resolve(folder));
  for (const statement of [
    `SET memory_limit = ${quoteLiteral(settings.memoryLimit)}`,
    `SET threads = ${Math.min(availableParallelism(), 4)}`,
    `SET temp_directory = ${quoteLiteral(resolve(settings.spillFolder))}`,
    `SET max_temp_directory_size = ${quoteLiteral(spillLimit)}`,
    `SET TimeZone = 'UTC'`,
    'SET preserve_insertion_order = true',
    `SET wal_autocheckpoint = ${quoteLiteral(checkpointAbove)}`,
    `SET allowed_directories = ${quoteList(folders)}`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ])
    await connection.run(statement);
}
