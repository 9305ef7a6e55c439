// The upkeep of a lake by hand, and its live files for programs that read Parquet only.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { CrashPoint } from '../../core/crash-point.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { FileStore } from '../../core/store.ts';
import { openInMemory } from '../../duckdb/connection.ts';
import { toStatementError } from '../../duckdb/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { compactTable } from './compaction.ts';
import { explained, isFromSystem, noLake } from './errors.ts';
import { temporaryRoot } from './lake-folder.ts';
import type { LakeTable } from './lake-table.ts';
import { nameOf } from './lake-table.ts';
import { vacuumTable } from './vacuum.ts';
import { nameTables, readTables } from './views.ts';

export interface MaintenanceOptions {
  readonly store: FileStore;
  /** How messages name it. */
  readonly shown: string;
  /** Megabytes that DuckDB may take. */
  readonly megabytes: number;
  readonly clock: Clock;
  readonly crashPoint: CrashPoint;
}

/**
 * Makes the small files of each month one.
 * @returns per table of a stream, by its folder, how many files became how many
 * @throws ConnectorError (destination) when there is no lake, or one that we cannot write
 */
export async function compactLake(
  options: MaintenanceOptions,
): Promise<{ table: string; before: number; after: number }[]> {
  const { store, crashPoint, clock } = options;
  const temporaryFolder = `${temporaryRoot}/${randomUUID()}`;
  const context = { temporaryFolder, crashPoint, now: () => clock.now() };
  try {
    return await withTables(options, async (session, tables) => {
      const done = [];
      for (const { place } of tables.filter(isOurs))
        done.push({ table: place.folder, ...(await compactTable(session, place, 1, context)) });
      return done;
    });
  } finally {
    await rm(join(store.root, temporaryFolder), { recursive: true, force: true }).catch(() => {});
  }
}

/**
 * Removes what is older than seven days and no longer needed.
 * @returns per table of a stream, by its folder, how many files and bytes
 * @throws ConnectorError (destination) when there is no lake, or one that we cannot read
 */
export async function vacuumLake(
  options: MaintenanceOptions,
): Promise<{ table: string; files: number; bytes: number }[]> {
  return await withTables(options, async (_session, tables) => {
    const done = [];
    for (const table of tables.filter(isOurs))
      done.push({ table: table.place.folder, ...(await vacuumTable(table, options.clock.now())) });
    return done;
  });
}

/**
 * Addresses of the files that hold the rows of a stream now.
 * @param stream as SQL would name it: `calls`, `schema.calls`
 * @throws ConnectorError: `config` when the lake has no such stream, `destination` when there is no lake
 */
export async function liveFiles(options: MaintenanceOptions, stream: string): Promise<string[]> {
  return await withTables(options, async (_session, tables) => {
    const named = nameTables(tables).map(({ table, schema, view }) => ({
      table,
      name: schema === 'main' ? view : `${schema}.${view}`,
    }));
    const found = named.find(({ name }) => name === stream)?.table;
    if (found === undefined)
      throw new ConnectorError(`${options.shown} has no stream ${stream}.`, {
        area: 'config',
        hint: `it has: ${named.map(({ name }) => name).join(', ')}`,
      });
    return Array.from(found.snapshot.files.keys(), (path) => options.store.addressOf(nameOf(found.place, path))).sort();
  });
}

function isOurs({ stream }: LakeTable): boolean {
  return stream !== undefined;
}

async function withTables<T>(
  { store, shown, megabytes }: MaintenanceOptions,
  use: (session: Session, tables: LakeTable[]) => Promise<T>,
): Promise<T> {
  const database = await openInMemory({ folders: [store.root], memoryLimit: `${megabytes}MB` });
  const work = database.exclusive(async (session) => {
    const tables = await readTables(session, store, shown);
    if (tables.length === 0) throw noLake(shown);
    return await use(session, tables);
  });
  try {
    return await explained(shown, work);
  } catch (error) {
    throw isFromSystem(error) ? error : toStatementError(error, shown, `while working on ${shown}`);
  } finally {
    await database.close();
  }
}
