// A DuckDB file: ledger and lock lie beside it, the marts in it.
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import { beside, freeRoom } from './beside.ts';
import { namedFiles } from './named-files.ts';
import type { Place } from './place.ts';

/** A writer holds the file only while it commits; a reader waits that long. */
const readerPatienceMs = 10_000;
/** Milliseconds that the marts wait for a reader who holds the file. */
const martsPatienceMs = 60_000;

export function duckDbFile(path: string, shown: string = path): Place {
  const absolute = resolve(path);
  return {
    path: absolute,
    shown,
    ...beside(`${absolute}.runs.jsonl`, `${absolute}.lock`, false),
    remark: () => freeRoom(dirname(absolute)),
    // It is opened read-only.
    takesOnlySelects: false,
    isPresent: () =>
      access(absolute).then(
        () => true,
        () => false,
      ),
    async openDestination(options, { clock, log, crashPoint, machine }) {
      const { createDuckDbDestination } = await import('../../destinations/duckdb/destination.ts');
      return createDuckDbDestination({
        ...options,
        path: absolute,
        shown,
        connection: options.connection ?? 'sync',
        mostMegabytes: machine.duckDbMegabytes,
        identity: await machine.identify(),
        clock,
        log,
        crashPoint,
      });
    },
    async openReader({ clock }, { folders, files, waitMs = readerPatienceMs } = {}) {
      const { openForReading } = await import('../../duckdb/connection.ts');
      return await openForReading(absolute, { shown, folders, files, patience: { clock, ms: waitMs } });
    },
    async streamTables(session) {
      const { listOwnedTables } = await import('../../destinations/duckdb/bookkeeping.ts');
      return await namedFiles(await listOwnedTables(session, shown));
    },
    async refreshMarts(settings, { clock }) {
      const { openForWriting } = await import('../../duckdb/connection.ts');
      const { createMarts, leftOutMarts } = await import('../../analytics/marts.ts');
      try {
        const database = await openForWriting(absolute, {
          shown,
          spillFolder: `${absolute}.tmp/spill`,
          patience: { clock, ms: martsPatienceMs },
          // Else closing the file merges its wide rows, which takes more memory than the whole sync.
          isBulk: true,
        });
        try {
          return leftOutMarts(await database.exclusive((session) => createMarts(session, settings)));
        } finally {
          await database.close();
        }
      } catch (error) {
        if (error instanceof ConnectorError) return error;
        throw error;
      }
    },
    async keepAnalysis(analysis, { clock }) {
      const { openForWriting } = await import('../../duckdb/connection.ts');
      const { storeAnalysis } = await import('../../analytics/statistics/results.ts');
      const database = await openForWriting(absolute, {
        shown,
        spillFolder: `${absolute}.tmp/spill`,
        patience: { clock, ms: martsPatienceMs },
      });
      try {
        await database.exclusive((session) => storeAnalysis(session, analysis));
      } finally {
        await database.close();
      }
    },
  };
}
