// The rows of a place as plain Parquet files, one a stream, as of one moment: for programs that read files and know of no tables.
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ConnectorError } from '../core/errors.ts';
import { toStatementError } from '../duckdb/errors.ts';
import type { Session } from '../duckdb/session.ts';
import { quoteIdent, quoteLiteral, quoteName } from '../duckdb/sql.ts';
import { syncPath } from '../store/folder.ts';
import type { Environment } from './environment.ts';
import type { Place, StreamTable } from './places/place.ts';

export interface ExportOptions {
  readonly from: Place;
  /** A folder that does not exist yet, or is empty. */
  readonly folder: string;
  /** How messages name it. */
  readonly shown: string;
}

export interface ExportedFile {
  readonly stream: string;
  readonly path: string;
  readonly rows: number;
}

/** DuckDB holds a row group in memory until it is whole, and transcripts are wide. */
const rowGroupSize = 2048;

/**
 * The files appear together, under their names, or not at all.
 * @throws ConnectorError: `config` when the folder is not empty, `busy` and `destination` as reading and writing may
 */
export async function runExport(
  { from, folder, shown }: ExportOptions,
  environment: Environment,
): Promise<ExportedFile[]> {
  if (folder.includes('://'))
    throw new ConnectorError(`plain Parquet files are not written to ${shown}`, {
      area: 'config',
      hint: 'name a folder of this machine, and upload it; or copy without --format, which makes a lake there',
    });
  const target = resolve(folder);
  await refuseFull(target, shown);
  const part = `${target}.${randomUUID()}.part`;
  const database = await from.openReader(environment, { folders: [dirname(target)] });
  try {
    await mkdir(part, { mode: 0o700 });
    const files = await database.exclusive(async (session) => {
      const written: ExportedFile[] = [];
      for (const table of await from.streamTables(session)) {
        environment.signal.throwIfAborted();
        written.push(await writeTable(session, table, part, target));
      }
      return written;
    });
    await syncPath(part);
    await rmdir(target).catch(() => {});
    await rename(part, target);
    await syncPath(dirname(target));
    return files;
  } catch (error) {
    await rm(part, { recursive: true, force: true }).catch(() => {});
    if (error instanceof ConnectorError || environment.signal.aborted) throw error;
    throw toStatementError(error, shown, `while writing to ${shown}`);
  } finally {
    await database.close();
  }
}

async function refuseFull(target: string, shown: string): Promise<void> {
  const entries = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new ConnectorError(`${shown} is no folder that can be read (${error.code})`, {
      area: 'config',
      hint: 'name a folder that does not exist yet',
      cause: error,
    });
  });
  if (entries.length > 0)
    throw new ConnectorError(`${shown} is not empty`, {
      area: 'config',
      hint: 'name a folder that does not exist yet: the files of two copies cannot be told apart',
    });
}

async function writeTable(
  session: Session,
  { schema, table, fileName }: StreamTable,
  part: string,
  target: string,
): Promise<ExportedFile> {
  const { toStored } = await import('../destinations/lake/log/convert.ts');
  const { parseType } = await import('../destinations/lake/log/types.ts');
  const name = quoteName(session.catalog, schema, table);
  const columns = await session.rows(`DESCRIBE ${name}`);
  const values = columns.map((column) => {
    const ident = quoteIdent(String(column['column_name']));
    const type = parseType(String(column['column_type']));
    return type === undefined ? ident : `${toStored(ident, type)} AS ${ident}`;
  });
  const path = join(part, fileName);
  const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupSize}`;
  const rows = await session.run(
    `COPY (SELECT ${values.join(', ')} FROM ${name}) TO ${quoteLiteral(path)} (${options})`,
  );
  await chmod(path, 0o600);
  await syncPath(path);
  return { stream: schema === 'main' ? table : `${schema}.${table}`, path: join(target, fileName), rows };
}
