// A DuckDB file: ledger and lock lie beside it, the marts in it.
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { AnalyticsSettings } from '../../analytics/settings.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import type { ReadingEnvironment } from '../environment.ts';
import { beside, freeRoom } from './beside.ts';
import { namedFiles } from './named-files.ts';
import type { MadeWith, Place } from './place.ts';

/** A writer holds the file only while it commits; a reader waits that long. */
const readerPatienceMs = 10_000;
/** Milliseconds that the marts wait for a reader who holds the file. */
const martsPatienceMs = 60_000;

/** Unpacking a million answers wants more than a batch of rows does. */
const martsMegabytes = 400;

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
    async openReader({ clock }, { folders, files, memoryLimit, waitMs = readerPatienceMs } = {}) {
      const { openForReading } = await import('../../duckdb/connection.ts');
      return await openForReading(absolute, { shown, folders, files, memoryLimit, patience: { clock, ms: waitMs } });
    },
    async streamTables(session) {
      const { listOwnedTables } = await import('../../destinations/duckdb/bookkeeping.ts');
      return await namedFiles(await listOwnedTables(session, shown));
    },
    async refreshMarts(settings, environment) {
      const { leftOutMarts } = await import('../../analytics/marts.ts');
      return await problemOf(async () => leftOutMarts(await makeMarts(settings, environment)));
    },
    makeMarts,
    async importRows({ table, ...staged }, environment) {
      const { readImportTable } = await import('../../analytics/table-files.ts');
      const { useStreamsSchema } = await import('../../analytics/streams-schema.ts');
      const { inTransaction } = await import('../../destinations/duckdb/transaction.ts');
      const { toStatementError } = await import('../../duckdb/errors.ts');
      const { decideRows, refuseView, writeRows } = await import('../../import/merge.ts');
      const { columns, sql } = await readImportTable(table.name);
      return await writing(environment, [dirname(staged.path)], async (session) => {
        await useStreamsSchema(session);
        await refuseView(session, table);
        await session.run(sql);
        try {
          const counts = await decideRows(session, table, staged, columns);
          await inTransaction(session, () => writeRows(session, table));
          return counts;
        } catch (error) {
          throw toStatementError(error, shown, `while importing into ${shown}`);
        }
      });
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

  async function makeMarts(
    settings: AnalyticsSettings | undefined,
    environment: ReadingEnvironment,
    options: MadeWith = {},
  ) {
    const { createMarts } = await import('../../analytics/marts.ts');
    const { useStreamsSchema } = await import('../../analytics/streams-schema.ts');
    const { toStatementError } = await import('../../duckdb/errors.ts');
    return await writing(environment, [], async (session) => {
      const schema = await useStreamsSchema(session, options);
      try {
        return { ...(await createMarts(session, settings, options)), schema };
      } catch (error) {
        throw toStatementError(error, shown, 'while making the marts');
      }
    });
  }

  async function writing<T>(
    { clock, machine }: ReadingEnvironment,
    folders: readonly string[],
    use: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { openForWriting } = await import('../../duckdb/connection.ts');
    const database = await openForWriting(absolute, {
      shown,
      spillFolder: `${absolute}.tmp/spill`,
      patience: { clock, ms: martsPatienceMs },
      folders,
      memoryLimit: `${Math.min(martsMegabytes, machine.duckDbMegabytes)}MB`,
      // Else closing the file merges its wide rows, which takes more memory than the whole sync.
      isBulk: true,
    });
    try {
      return await database.exclusive(use);
    } finally {
      await database.close();
    }
  }
}

async function problemOf(make: () => Promise<ConnectorError | undefined>): Promise<ConnectorError | undefined> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
}
