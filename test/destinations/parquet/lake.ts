// A lake in a temporary folder, for the contract of destinations.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { noCrashPoint } from '../../../src/core/crash-point.ts';
import { noLog } from '../../../src/core/log.ts';
import { createParquetDestination } from '../../../src/destinations/parquet/destination.ts';
import { createLakeViews } from '../../../src/destinations/parquet/lake-views.ts';
import { openInMemory } from '../../../src/duckdb/connection.ts';
import type { Place } from '../../contracts/destination.ts';

export async function createLake(): Promise<Place & { root: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-lake-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const root = join(folder, 'lake');
  return {
    root,
    open: ({ connection = 'sync', crashPoint = noCrashPoint } = {}) =>
      createParquetDestination({ root, connection, clock: systemClock, crashPoint, log: noLog }),
    async read(sql) {
      const database = await openInMemory({ folders: [root] });
      try {
        return await database.exclusive(async (session) => {
          await createLakeViews(session, root);
          return await session.rows(sql);
        });
      } finally {
        await database.close();
      }
    },
  };
}
