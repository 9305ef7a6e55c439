// Whose state it is, where a host does not say.
import type { ConfiguredCatalog } from '../core/catalog.ts';
import { streamKey } from '../core/catalog.ts';
import { sha256 } from '../core/hash.ts';

/** Of Airbyte's messages: the same streams into the same place are the same connection. */
export function connectionOfStreams(catalog: ConfiguredCatalog): string {
  return `airbyte-${shortHash(catalog.map(({ stream }) => streamKey(stream)).sort())}`;
}

/**
 * Of Singer's messages: the same pipeline into the same place is the same connection.
 * @param extractor as the host names what it reads from, or empty
 * @param schema    that the settings name, or empty
 */
export function connectionOfPipeline(extractor: string, schema: string): string {
  return `singer-${shortHash([extractor, schema])}`;
}

function shortHash(parts: readonly string[]): string {
  return sha256(JSON.stringify(parts)).slice(0, 16);
}
