// A lake: a folder of Delta tables. Ledger and lock lie inside it; the marts are made in memory, over its views.
import { join, resolve } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import { beside } from './beside.ts';
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
    async openReader({ log }, marts) {
      const { openInMemory } = await import('../../duckdb/connection.ts');
      const { createLakeViews } = await import('../../destinations/lake/views.ts');
      const { createMarts } = await import('../../analytics/marts.ts');
      const settings = await marts?.();
      const database = await openInMemory({ folders: [root] });
      try {
        await database.exclusive(async (session) => {
          const views = await createLakeViews(session, root, shown);
          if (views.length === 0)
            throw new ConnectorError(`There is no lake at ${shown}.`, {
              area: 'destination',
              hint: 'name the folder that a sync wrote to; gong-elt sync --to FOLDER makes one',
            });
          if (settings === undefined) return;
          try {
            await createMarts(session, settings);
          } catch (error) {
            // A stream may have the name of one; the streams can be asked all the same.
            if (!(error instanceof ConnectorError)) throw error;
            log('warn', `There are no marts: ${error.message}`, { next_step: error.hint });
          }
        });
        return database;
      } catch (error) {
        await database.close();
        throw error;
      }
    },
    async refreshMarts() {
      return undefined;
    },
  };
}
