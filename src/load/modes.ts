// Which ways of storing a stream we can keep our word on. Pure.
import type { ConfiguredCatalog } from '../core/catalog.ts';
import { ConnectorError } from '../core/errors.ts';

/**
 * A refresh asks that rows of earlier generations go, which is not built yet. Before the first generation there are none, so that
 * one may pass (PyAirbyte numbers every run 1).
 */
const firstGeneration = 1;

/** @throws ConnectorError (config) that names every stream we would have to store in a way we cannot. */
export function checkModes(catalog: ConfiguredCatalog): void {
  const overwritten = catalog.filter((configured) => configured.destinationSyncMode === 'overwrite');
  if (overwritten.length > 0)
    throw new ConnectorError(`this version cannot replace whole tables (mode overwrite): ${namesOf(overwritten)}`, {
      area: 'config',
      hint: 'choose the mode append_dedup, or append',
    });
  const refreshed = catalog.filter(({ minimumGenerationId = 0 }) => minimumGenerationId > firstGeneration);
  if (refreshed.length > 0)
    throw new ConnectorError(`This version cannot remove the rows of earlier refreshes: ${namesOf(refreshed)}.`, {
      area: 'config',
      hint: 'sync without refreshing the stream, or drop its table and sync again',
    });
  const keyless = catalog.filter(
    (configured) => configured.destinationSyncMode === 'append_dedup' && configured.primaryKey.length === 0,
  );
  if (keyless.length > 0)
    throw new ConnectorError(`the mode append_dedup needs a primary key: ${namesOf(keyless)}`, {
      area: 'config',
      hint: 'choose a primary key for the stream, or the mode append',
    });
}

function namesOf(catalog: ConfiguredCatalog): string {
  return catalog.map(({ stream }) => stream.name).join(', ');
}
