// A lake in a temporary folder, with ways to write to it and to look at it.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { noCrashPoint } from '../../../src/core/crash-point.ts';
import type { Destination } from '../../../src/core/destination.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { createLakeDestination, type LakeOptions } from '../../../src/destinations/lake/destination.ts';
import type { Action } from '../../../src/destinations/lake/log/actions.ts';
import { createLakeViews } from '../../../src/destinations/lake/views.ts';
import { openInMemory } from '../../../src/duckdb/connection.ts';
import { openFileFolder } from '../../../src/store/file-folder.ts';

export interface Lake {
  readonly root: string;
  /** The same. */
  readonly path: string;
  /** What destinations of this lake logged: `level message`. */
  readonly logged: string[];
  open(options?: Partial<LakeOptions>): Destination;
  /** What a reader sees. */
  read(sql: string): Promise<JsonObject[]>;
  /** Names of the tables, those beside others too; none when there is no lake. */
  tables(): Promise<string[]>;
  /** Any SQL over the files themselves, without the views. */
  query(sql: string): Promise<JsonObject[]>;
  /** Paths of the data files, live or not, sorted; with `/`. */
  files(): Promise<string[]>;
  /** The entries of a table's log, in their order. */
  entries(table: string): Promise<Action[][]>;
  /** Paths of the live files of a table, in its folder, sorted: by the log alone, and without a checkpoint. */
  live(table: string): Promise<string[]>;
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
        if (hasViews) await createLakeViews(session, openFileFolder(root), root);
        return await session.rows(sql);
      });
    } finally {
      await database.close();
    }
  }

  async function entries(table: string): Promise<Action[][]> {
    const folder = join(root, table, '_delta_log');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
    return texts.map((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Action),
    );
  }

  return {
    root,
    path: root,
    logged,
    open(options = {}) {
      const destination = createLakeDestination({
        store: openFileFolder(root),
        shown: root,
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
    async tables() {
      const namesIn = async (folder: string) => {
        const names = await readdir(join(root, folder)).catch(() => []);
        return names.filter((name) => existsSync(join(root, folder, name, '_delta_log')));
      };
      return [...(await namesIn('')), ...(await namesIn('_gong_elt/refresh')).map((name) => `${name} beside`)].sort();
    },
    query: (sql) => ask(sql, false),
    async files() {
      const names = await readdir(root, { recursive: true });
      return names
        .map((name) => name.replaceAll('\\', '/'))
        .filter((name) => name.endsWith('.parquet') && !name.includes('_delta_log'))
        .sort();
    },
    entries,
    async live(table) {
      const paths = new Set<string>();
      for (const action of (await entries(table)).flat()) {
        if (action.remove) paths.delete(action.remove.path);
        if (action.add) paths.add(action.add.path);
      }
      return [...paths].sort();
    },
    async age(path, ms) {
      const { mtimeMs } = await stat(join(root, path));
      const then = new Date(mtimeMs - ms);
      await utimes(join(root, path), then, then);
    },
  };
}
