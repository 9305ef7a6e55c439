// A lake: a folder of Delta tables. Ledger and lock lie inside it; the marts are made in memory, over its views.
import { join, resolve } from 'node:path';
import type { AnalyticsSettings } from '../../analytics/settings.ts';
import { ConnectorError } from '../../core/errors.ts';
import { beside } from './beside.ts';
import { namedFiles } from './named-files.ts';
import type { Place } from './place.ts';

export function lake(path: string, shown: string = path): Place {
  const root = resolve(path);
  return {
    path: root,
    shown,
    ...beside(join(root, '_runs.jsonl'), join(root, '_runs.lock'), true),
    // Nothing else protects its files.
    takesOnlySelects: true,
    async isPresent() {
      const { isLake } = await import('../../destinations/lake/lake-folder.ts');
      return await isLake(root);
    },
    async openDestination(options, { clock, log, crashPoint, machine }) {
      const { createLakeDestination } = await import('../../destinations/lake/destination.ts');
      return createLakeDestination({
        ...options,
        root,
        shown,
        connection: options.connection ?? 'sync',
        mostMegabytes: machine.duckDbMegabytes,
        identity: await machine.identify(),
        clock,
        log,
        crashPoint,
      });
    },
    async openReader({ log }, marts, folders = []) {
      const { openInMemory } = await import('../../duckdb/connection.ts');
      const { createLakeViews } = await import('../../destinations/lake/views.ts');
      const { noLake } = await import('../../destinations/lake/errors.ts');
      const { createMarts, leftOutMarts } = await import('../../analytics/marts.ts');
      const settings = marts && ((await marts()) ?? (await storedMarts(root)));
      const database = await openInMemory({ folders: [root, ...folders] });
      try {
        await database.exclusive(async (session) => {
          const views = await createLakeViews(session, root, shown);
          if (views.length === 0) throw noLake(shown);
          if (settings === undefined) return;
          try {
            const problem = leftOutMarts(await createMarts(session, settings));
            if (problem !== undefined) throw problem;
          } catch (error) {
            // A stream may have the name of one; the streams can be asked all the same.
            if (!(error instanceof ConnectorError)) throw error;
            log('warn', `Marts: ${error.message}`, { next_step: error.hint });
          }
        });
        return database;
      } catch (error) {
        await database.close();
        throw error;
      }
    },
    async streamTables(session) {
      const views = await session.rows(
        `SELECT schema_name, view_name AS table_name FROM duckdb_views() WHERE database_name = current_database() AND NOT internal ORDER BY ALL`,
      );
      return await namedFiles(views);
    },
    async refreshMarts(settings) {
      const { openFolder } = await import('../../store/folder.ts');
      try {
        await openFolder(root).put(martsFile, JSON.stringify(settings));
        return undefined;
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        return new ConnectorError(`their settings could not be written to ${shown} (${code})`, {
          area: 'destination',
          hint: 'look at the disk and the permissions of the folder',
          cause,
        });
      }
    },
  };
}

/** The settings of the last sync or copy, so that marts made over the lake say what those in a file would. */
const martsFile = '_gong_elt/analytics.json';

async function storedMarts(root: string): Promise<AnalyticsSettings> {
  const { openFolder } = await import('../../store/folder.ts');
  const { parseAnalyticsSettings } = await import('../../analytics/settings.ts');
  const stored = await openFolder(root).read(martsFile);
  return parseAnalyticsSettings(stored === undefined ? {} : JSON.parse(stored.toString('utf8')));
}
