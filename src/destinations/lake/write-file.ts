// One data file: written under a temporary name, read back, made durable, renamed. Until an entry of the log names it, nobody reads
// it.
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CrashPoint } from '../../core/crash-point.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent, quoteLiteral } from '../../duckdb/sql.ts';
import { syncPath } from '../../store/folder.ts';
import type { AddFile } from './log/actions.ts';
import { inTable, type TablePlace } from './log/read-log.ts';
import type { LakeColumn } from './log/schema.ts';
import { parseStatistics, rowsIn, statsText } from './log/stats.ts';

export interface FileTask {
  readonly place: TablePlace;
  /** Of the new file; in a table without partition, undefined. */
  readonly month: { readonly column: string; readonly value: string } | undefined;
  /** The rows as they are stored, as SQL. */
  readonly select: string;
  readonly columns: readonly LakeColumn[];
  /** Names of the columns with the key; without, all of them are looked at when the file is read back. */
  readonly keys: ReadonlySet<string>;
  /** Of a row, estimated. */
  readonly rowBytes: number;
  readonly dataChange: boolean;
}

export interface FileContext {
  /** Relative to the root; of this process alone. */
  readonly temporaryFolder: string;
  readonly crashPoint: CrashPoint;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Parquet's bytes against those in memory, at the most. */
export const compression = 8;

/** Bytes of a row of a file, in memory, estimated. */
export function rowBytesOf({ size, stats }: Pick<AddFile, 'size' | 'stats'>): number {
  return (size / Math.max(rowsIn(stats) ?? 1, 1)) * compression;
}

/**
 * @returns undefined when there are no rows
 * @throws ConnectorError (destination) when the file does not hold what was written
 */
export async function writeFile(session: Session, task: FileTask, context: FileContext): Promise<AddFile | undefined> {
  const { place, month, select, columns, keys } = task;
  const { temporaryFolder, crashPoint, now } = context;
  const checked = columns.filter(({ name }) => keys.size === 0 || keys.has(name)).map(({ field }) => quoteIdent(field));
  const contentOf = async (rows: string) => {
    const [found] = await session.rows(
      `SELECT count(*)::INTEGER AS rows, bit_xor(hash(${checked.join(', ')}))::VARCHAR AS sum FROM (${rows})`,
    );
    return { rows: Number(found?.['rows']), sum: String(found?.['sum']) };
  };
  const meant = await contentOf(select);
  if (meant.rows === 0) return undefined;

  const name = `${randomUUID()}.parquet`;
  const part = join(place.store.root, temporaryFolder, `${name}.part`);
  await mkdir(dirname(part), { recursive: true, mode: 0o700 });
  const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupSize(task.rowBytes)}, RETURN_STATS`;
  const [copied] = await session.rows(`COPY (${select}) TO ${quoteLiteral(part)} (${options})`);
  crashPoint('lake:after-write');
  await chmod(part, 0o600);
  const found = await contentOf(`SELECT * FROM read_parquet(${quoteLiteral(part)}, hive_partitioning = false)`);
  if (found.rows !== meant.rows || found.sum !== meant.sum) throw notAsWritten(place.folder);
  await syncPath(part);
  crashPoint('lake:after-fsync');
  const { size, mtimeMs } = await stat(part);
  const path = month === undefined ? name : `${month.column}=${month.value}/${name}`;
  await place.store.take(part, inTable(place, path));
  crashPoint('lake:after-rename');
  return {
    path,
    partitionValues: month === undefined ? {} : { [month.column]: month.value },
    size,
    modificationTime: Math.min(Math.round(mtimeMs), now()),
    dataChange: task.dataChange,
    stats: statsText(meant.rows, columns, keys, parseStatistics(copied?.['column_statistics'])),
  };
}

const largestGroup = 122_880;
const smallestGroup = 64;
const groupBytes = 24 * 1024 * 1024;

/** DuckDB holds a row group in memory until it is whole, and reads no more rows of a file at a time than one has. */
function rowGroupSize(rowBytes: number): number {
  return Math.min(largestGroup, Math.max(smallestGroup, Math.floor(groupBytes / Math.max(rowBytes, 1))));
}

function notAsWritten(table: string): ConnectorError {
  return new ConnectorError(
    `a Parquet file of the table ${table} does not hold what was written; nothing was committed`,
    {
      area: 'destination',
      hint: 'look at the disk, then run the same command again',
      fields: { table },
    },
  );
}
