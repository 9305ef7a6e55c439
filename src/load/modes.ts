// How a stream is stored, as its mode and its generations ask for it. Pure.
import type { ConfiguredCatalog, ConfiguredStream } from '../core/catalog.ts';
import type { Refresh } from '../core/destination.ts';
import { ConnectorError } from '../core/errors.ts';

/** @throws ConnectorError (config) that names every stream we would have to store in a way we cannot. */
export function checkModes(catalog: ConfiguredCatalog): void {
  const unclear = catalog.filter(({ destinationSyncMode, generationId, minimumGenerationId: minimum = 0 }) => {
    return destinationSyncMode !== 'overwrite' && minimum !== 0 && (minimum < 0 || minimum !== generationId);
  });
  if (unclear.length > 0)
    throw new ConnectorError(
      `minimum_generation_id is neither 0 (keep all) nor generation_id (replace all): ${namesOf(unclear)}`,
      { area: 'config', hint: 'let the host write the catalog, or leave both ids out' },
    );
  const keyless = catalog.filter(
    (configured) => configured.destinationSyncMode === 'append_dedup' && configured.primaryKey.length === 0,
  );
  if (keyless.length > 0)
    throw new ConnectorError(`the mode append_dedup needs a primary key: ${namesOf(keyless)}`, {
      area: 'config',
      hint: 'choose a primary key for the stream, or the mode append',
    });
}

/**
 * Does the stream replace what is stored? Mode overwrite does, whatever its generations are: by what this one load brings, since
 * nothing says that an earlier one belongs to it. The other modes do when no older generation may stay: an attempt goes on then
 * where the one before it, of the same generation, ended.
 * @param loadId differs for each load
 */
export function refreshOf(configured: ConfiguredStream, loadId: string): Refresh | undefined {
  const { destinationSyncMode, generationId, minimumGenerationId = 0 } = configured;
  if (destinationSyncMode === 'overwrite') return { key: `load ${loadId}` };
  if (minimumGenerationId === 0 || generationId === undefined) return undefined;
  return { key: `generation ${generationId}`, generation: generationId };
}

function namesOf(catalog: ConfiguredCatalog): string {
  return catalog.map(({ stream }) => stream.name).join(', ');
}
