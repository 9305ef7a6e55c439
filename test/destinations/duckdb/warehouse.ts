// A DuckDB file in a temporary folder, with ways to write to it and to look at it.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { noCrashPoint } from '../../../src/core/crash-point.ts';
import type { Destination } from '../../../src/core/destination.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { DuckDbOptions } from '../../../src/destinations/duckdb/destination.ts';
import { createDuckDbDestination } from '../../../src/destinations/duckdb/destination.ts';
import { openForReading, openForWriting } from '../../../src/duckdb/connection.ts';

export interface Warehouse {
  readonly folder: string;
  readonly path: string;
  /** What destinations of this warehouse logged: `level message`. */
  readonly logged: string[];
  open(options?: Partial<DuckDbOptions>): Destination;
  read(sql: string): Promise<JsonObject[]>;
  /** Names of the tables, those beside others too; none when there is no file. */
  tables(): Promise<string[]>;
  /** As a user with a tool of their own would. */
  change(...statements: string[]): Promise<void>;
}

export async function createWarehouse(): Promise<Warehouse> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return warehouseIn(folder);
}

export function warehouseIn(folder: string): Warehouse {
  const path = join(folder, 'warehouse.duckdb');
  const logged: string[] = [];
  async function read(sql: string): Promise<JsonObject[]> {
    const database = await openForReading(path);
    return database.exclusive((session) => session.rows(sql)).finally(() => database.close());
  }
  return {
    folder,
    path,
    logged,
    open(options = {}) {
      const destination = createDuckDbDestination({
        path,
        connection: 'sync',
        clock: systemClock,
        crashPoint: noCrashPoint,
        log: (level, message) => logged.push(`${level} ${message}`),
        ...options,
      });
      onTestFinished(() => destination.close());
      return destination;
    },
    read,
    async tables() {
      if (!existsSync(path)) return [];
      const sql = "SELECT table_name FROM duckdb_tables() WHERE schema_name <> '_gong_elt' ORDER BY table_name";
      return (await read(sql)).map(({ table_name: table }) => String(table));
    },
    async change(...statements) {
      const database = await openForWriting(path, { spillFolder: join(folder, 'spill') });
      await database
        .exclusive(async (session) => {
          for (const statement of statements) await session.run(statement);
        })
        .finally(() => database.close());
    },
  };
}
