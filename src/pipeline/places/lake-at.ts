// A lake, wherever it lies: a folder of Delta tables. Ledger and lock lie inside it; the marts are made in memory, over its views.
import type { AnalyticsSettings } from '../../analytics/settings.ts';
import type { Analysis } from '../../analytics/statistics/results.ts';
import { ConnectorError } from '../../core/errors.ts';
import type { FileStore } from '../../core/store.ts';
import { martsMark } from '../../duckdb/relations.ts';
import type { Session } from '../../duckdb/session.ts';
import type { ReadingEnvironment } from '../environment.ts';
import type { Beside } from './beside.ts';
import { namedFiles } from './named-files.ts';
import type { Place } from './place.ts';

export interface LakeHome extends Beside, Pick<Place, 'path' | 'shown' | 'remark'> {
  /** @param keeps what was brought once stays readable until it is closed */
  openStore(environment: ReadingEnvironment, keeps: boolean): Promise<OpenedStore>;
}

export interface OpenedStore {
  readonly store: FileStore;
  close(): Promise<void>;
}

export function lakeAt({ openStore, ...home }: LakeHome): Place {
  const { shown } = home;

  function notWritten(what: string, cause: unknown): ConnectorError {
    const { code } = cause as NodeJS.ErrnoException;
    return new ConnectorError(`${what} could not be written to ${shown} (${code})`, {
      area: 'destination',
      hint: 'look at the disk and the permissions of the folder',
      cause,
    });
  }

  async function withStore<T>(environment: ReadingEnvironment, use: (store: FileStore) => Promise<T>): Promise<T> {
    const { store, close } = await openStore(environment, false);
    try {
      return await use(store);
    } finally {
      await close();
    }
  }

  return {
    ...home,
    // Nothing else protects its files.
    takesOnlySelects: true,
    async isPresent(environment) {
      const { isLake } = await import('../../destinations/lake/lake-folder.ts');
      return await withStore(environment, isLake);
    },
    async openDestination(options, environment) {
      const { clock, log, crashPoint, machine } = environment;
      const { createLakeDestination } = await import('../../destinations/lake/destination.ts');
      const { store, close } = await openStore(environment, false);
      const destination = createLakeDestination({
        ...options,
        store,
        shown,
        connection: options.connection ?? 'sync',
        mostMegabytes: machine.duckDbMegabytes,
        identity: await machine.identify(),
        clock,
        log,
        crashPoint,
      });
      return { ...destination, close: () => destination.close().finally(close) };
    },
    async openReader(environment, { marts, folders = [], files, memoryLimit, streams } = {}) {
      const { openInMemory } = await import('../../duckdb/connection.ts');
      const { createLakeViews } = await import('../../destinations/lake/views.ts');
      const { noLake } = await import('../../destinations/lake/errors.ts');
      const { createMarts, leftOutMarts } = await import('../../analytics/marts.ts');
      const { store, close } = await openStore(environment, true);
      try {
        const settings = marts && ((await marts()) ?? (await storedMarts(store)));
        const database = await openInMemory({ folders: [store.root, ...folders], files, memoryLimit });
        try {
          await database.exclusive(async (session) => {
            const views = await createLakeViews(session, store, shown, streams);
            if (views.length === 0 && streams === undefined) throw noLake(shown);
            await claimImported(session, views);
            if (settings === undefined) return;
            try {
              const problem = leftOutMarts(await createMarts(session, settings, { bricks: 'view' }));
              if (problem !== undefined) throw problem;
              await readAnalysis(session, store);
            } catch (error) {
              // A stream may have the name of one; the streams can be asked all the same.
              if (!(error instanceof ConnectorError)) throw error;
              environment.log('warn', `Marts: ${error.message}`, { next_step: error.hint });
            }
          });
          return { ...database, close: () => database.close().finally(close) };
        } catch (error) {
          await database.close();
          throw error;
        }
      } catch (error) {
        await close();
        throw error;
      }
    },
    async streamTables(session) {
      const views = await session.rows(
        `SELECT schema_name, view_name AS table_name FROM duckdb_views() WHERE database_name = current_database() AND NOT internal ORDER BY ALL`,
      );
      return await namedFiles(views);
    },
    async makeMarts(given, environment, options) {
      const { openInMemory } = await import('../../duckdb/connection.ts');
      const { createLakeViews } = await import('../../destinations/lake/views.ts');
      const { createMarts } = await import('../../analytics/marts.ts');
      const { useStreamsSchema } = await import('../../analytics/streams-schema.ts');
      return await withStore(environment, async (store) => {
        const settings = given ?? (await storedMarts(store));
        const database = await openInMemory({ folders: [store.root] });
        try {
          const made = await database.exclusive(async (session) => {
            await claimImported(session, await createLakeViews(session, store, shown));
            const schema = await useStreamsSchema(session, options);
            return { ...(await createMarts(session, settings, { bricks: 'view' })), schema };
          });
          await store.put(martsFile, JSON.stringify(settings));
          return made;
        } finally {
          await database.close();
        }
      });
    },
    async importRows(rows, environment) {
      const { importIntoLake } = await import('./import-into-lake.ts');
      return await importIntoLake(this, rows, environment);
    },
    async refreshMarts(settings, environment) {
      if (settings === undefined) return undefined;
      try {
        await withStore(environment, (store) => store.put(martsFile, JSON.stringify(settings)));
        return undefined;
      } catch (cause) {
        if (cause instanceof ConnectorError) return cause;
        return notWritten('their settings', cause);
      }
    },
    async keepAnalysis(analysis, environment) {
      try {
        await withStore(environment, (store) => store.put(analysisFile, JSON.stringify(analysis)));
      } catch (cause) {
        throw cause instanceof ConnectorError ? cause : notWritten('the analysis', cause);
      }
    },
  };
}

/** Tables of rows from outside that an import made here: the marts read them, and put none of their own in their place. */
async function claimImported(session: Session, views: readonly string[]): Promise<void> {
  const { importTables } = await import('../../import/merge.ts');
  for (const { name } of Object.values(importTables))
    if (views.includes(name)) await session.run(`COMMENT ON VIEW ${name} IS 'Rows that were imported. ${martsMark}.'`);
}

/** The settings of the last sync or copy, so that marts made over the lake say what those in a file would. */
const martsFile = '_gong_elt/analytics.json';

async function storedMarts(store: FileStore): Promise<AnalyticsSettings> {
  const { parseAnalyticsSettings } = await import('../../analytics/settings.ts');
  const stored = await store.read(martsFile);
  return parseAnalyticsSettings(stored === undefined ? {} : JSON.parse(stored.toString('utf8')));
}

/** The results of the last analysis, which the marts made over the lake show as those in a file do. */
const analysisFile = '_gong_elt/analysis.json';

async function readAnalysis(session: Session, store: FileStore): Promise<void> {
  const stored = await store.read(analysisFile);
  if (stored === undefined) return;
  const { storeAnalysis } = await import('../../analytics/statistics/results.ts');
  try {
    await storeAnalysis(session, JSON.parse(stored.toString('utf8')) as Analysis);
  } catch (cause) {
    throw new ConnectorError('the results of analyze that are kept in the lake cannot be read', {
      area: 'destination',
      hint: 'another version may have written them: gong-elt analyze writes them anew',
      cause,
    });
  }
}
