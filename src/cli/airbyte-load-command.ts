// gong-elt load: what some Airbyte source printed, from stdin into a destination of ours.
import { resolve } from 'node:path';
import { ConnectorError } from '../core/errors.ts';
import type { Command } from './command.ts';
import { textFlag } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { findPlace, toFlag } from './find-place.ts';

export const load: Command = {
  name: 'load',
  describe: 'Airbyte messages on stdin into the destination; states come back on stdout when they are durable',
  examples: [
    'some-source read --config c.json --catalog catalog.json | gong-elt load --catalog catalog.json --to warehouse.duckdb',
  ],
  flags: {
    to: toFlag,
    catalog: {
      type: 'string',
      group: 'Where:',
      describe: 'The configured catalog that the source was given (JSON): streams, keys and modes',
    },
  },
  async run(flags, context) {
    const { io, log } = context;
    const { clock, crashPoint, signal, stdin } = io;
    const path = textFlag(flags, 'catalog');
    if (path === undefined)
      throw new ConnectorError('Airbyte messages do not say what their streams look like.', {
        area: 'config',
        hint: 'name the configured catalog that the source was given: --catalog catalog.json',
      });
    const { readCatalogFile } = await import('./airbyte-face.ts');
    const { connectionOf, refuseRefreshes } = await import('./airbyte-destination.ts');
    const { loadLines, logSummary } = await import('./airbyte-load.ts');
    const { parseConfiguredCatalog } = await import('../protocol/airbyte-catalog.ts');
    const { airbyte } = await import('../protocol/airbyte.ts');
    const { createLoader } = await import('../load/loader.ts');
    const { openDestination } = await import('./places.ts');

    const catalog = parseConfiguredCatalog(await readCatalogFile(resolve(io.cwd, path), path), 'destination_sync_mode');
    refuseRefreshes(catalog);
    const place = await findPlace(textFlag(flags, 'to'), 'to', context);
    const connection = connectionOf(catalog);
    const destination = await openDestination(place, { clock, crashPoint, log, waitMs: 0, connection });
    try {
      const loader = createLoader({ destination, catalog, clock, crashPoint, log });
      await destination.preflight();
      const { summary, incomplete } = await loadLines({
        input: stdin,
        decoder: airbyte.createDecoder(catalog),
        loader,
        clock,
        log,
        acknowledge: (line) => context.print(line.toString()),
        signal,
      });
      logSummary(summary, log);
      if (incomplete === undefined) return exitCodes.complete;
      log('error', `everything that could be read is stored, but ${incomplete}`);
      return exitCodes.incomplete;
    } finally {
      await destination.close();
    }
  },
};
