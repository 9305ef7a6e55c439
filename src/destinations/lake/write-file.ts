// One Parquet file: written under a temporary name, read back, made durable, renamed. Until a manifest names it, nobody reads it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CrashPoint } from '../../core/crash-point.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteLiteral } from '../../duckdb/sql.ts';
import { type MakeFolder, syncPath } from '../../store/folder.ts';

export interface FileTask {
  readonly root: string;
  /** Relative to the root, with `/`: the name in the end, and until then. */
  readonly path: string;
  readonly temporary: string;
  /** The rows, as SQL. */
  readonly select: string;
  readonly columns: readonly string[];
  /** What the file must hold. */
  readonly meant: Content;
  /** For messages. */
  readonly stream: string;
  readonly crashPoint: CrashPoint;
  readonly makeFolder: MakeFolder;
}

/** Enough of a set of rows to know it again. */
export interface Content {
  readonly rows: number;
  /** Over all values and their types. */
  readonly sum: string;
}

/** `Content` as SQL aggregates over `columns`. */
export function contentOf(columns: readonly string[]): string {
  return `count(*)::INTEGER AS rows, bit_xor(hash(${columns.join(', ')}))::VARCHAR AS sum`;
}

export interface WrittenFile {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** @throws ConnectorError (destination) when the file does not hold what was written */
export async function writeFile(session: Session, task: FileTask): Promise<WrittenFile> {
  const { root, path, select, crashPoint, makeFolder } = task;
  const part = join(root, task.temporary);
  const target = join(root, path);
  await mkdir(dirname(part), { recursive: true, mode: 0o700 });
  await session.run(`COPY (${select}) TO ${quoteLiteral(part)} (FORMAT parquet, COMPRESSION zstd)`);
  crashPoint('parquet:after-write');
  await chmod(part, 0o600);
  await readBack(session, task, part);
  await syncPath(part);
  crashPoint('parquet:after-fsync');
  const sha256 = await digest(part);
  const { size } = await stat(part);
  await makeFolder(dirname(target));
  await rename(part, target);
  await syncPath(dirname(target));
  crashPoint('parquet:after-rename');
  return { rows: task.meant.rows, bytes: size, sha256 };
}

async function readBack(session: Session, { columns, meant, stream }: FileTask, part: string): Promise<void> {
  const file = `read_parquet(${quoteLiteral(part)}, hive_partitioning = false)`;
  const [found] = await session.rows(`SELECT ${contentOf(columns)} FROM ${file}`);
  if (found?.['rows'] !== meant.rows || found['sum'] !== meant.sum)
    throw new ConnectorError(
      `a Parquet file of stream ${stream} does not hold what was written; nothing was committed`,
      {
        area: 'destination',
        hint: 'look at the disk, then run the same command again',
        fields: { stream },
      },
    );
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
