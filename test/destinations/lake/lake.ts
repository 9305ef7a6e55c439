// A lake in a temporary folder, with ways to write to it and to look at it.
import { mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { noCrashPoint } from '../../../src/core/crash-point.ts';
import type { Destination } from '../../../src/core/destination.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { createLakeDestination, type LakeOptions } from '../../../src/destinations/lake/destination.ts';
import { createLakeViews } from '../../../src/destinations/lake/views.ts';
import { openInMemory } from '../../../src/duckdb/connection.ts';

export interface Lake {
  readonly root: string;
  /** What destinations of this lake logged: `level message`. */
  readonly logged: string[];
  open(options?: Partial<LakeOptions>): Destination;
  /** What a reader sees: one row per key. */
  read(sql: string): Promise<JsonObject[]>;
  /** Any SQL over the files themselves, without the views. */
  query(sql: string): Promise<JsonObject[]>;
  /** Paths of the data files, live or not, sorted; with `/`. */
  files(): Promise<string[]>;
  /** Makes a file or folder look as if nothing had changed in it for so long. */
  age(path: string, ms: number): Promise<void>;
}

export async function createLake(): Promise<Lake> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-lake-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return lakeIn(join(folder, 'lake'));
}

export function lakeIn(root: string): Lake {
  const logged: string[] = [];

  async function ask(sql: string, hasViews: boolean): Promise<JsonObject[]> {
    const database = await openInMemory({ folders: [root] });
    try {
      return await database.exclusive(async (session) => {
        if (hasViews) await createLakeViews(session, root);
        return await session.rows(sql);
      });
    } finally {
      await database.close();
    }
  }

  return {
    root,
    logged,
    open(options = {}) {
      const destination = createLakeDestination({
        root,
        connection: 'sync',
        clock: systemClock,
        crashPoint: noCrashPoint,
        log: (level, message) => logged.push(`${level} ${message}`),
        ...options,
      });
      onTestFinished(() => destination.close());
      return destination;
    },
    read: (sql) => ask(sql, true),
    query: (sql) => ask(sql, false),
    async files() {
      const names = await readdir(root, { recursive: true });
      return names
        .map((name) => name.replaceAll('\\', '/'))
        .filter((name) => name.endsWith('.parquet'))
        .sort();
    },
    async age(path, ms) {
      const { mtimeMs } = await stat(join(root, path));
      const then = new Date(mtimeMs - ms);
      await utimes(join(root, path), then, then);
    },
  };
}
