// The streams of a load as they are declared now, and whose tables are not made that way yet.
import type { ConfiguredCatalog, ConfiguredStream } from '../core/catalog.ts';
import { streamKey } from '../core/catalog.ts';
import type { StagedStream } from '../core/destination.ts';
import { checkModes } from './modes.ts';

export interface StreamRegister {
  /** Is there any stream whose table may not be there, or not as it is declared? */
  readonly hasUnmade: boolean;
  /** The stream of this name without a namespace. */
  find(name: string): ConfiguredStream | undefined;
  /** @throws ConnectorError (config) for a mode that cannot be kept */
  declare(stream: ConfiguredStream): void;
  /** The streams that are not among `staged`, and whose tables have to be made or changed: without records. */
  unmadeBeside(staged: readonly StagedStream[]): StagedStream[];
  /** The tables of `committed` are as they were declared then. */
  noteMade(committed: readonly StagedStream[]): void;
}

/** @throws ConnectorError (config) that names the streams whose mode cannot be kept */
export function createStreamRegister(catalog: ConfiguredCatalog): StreamRegister {
  checkModes(catalog);
  const known = new Map(catalog.map((configured) => [streamKey(configured.stream), configured]));
  const unmade = new Map(known);

  return {
    get hasUnmade() {
      return unmade.size > 0;
    },
    find: (name) => known.get(streamKey({ name })),
    declare(configured) {
      checkModes([configured]);
      const key = streamKey(configured.stream);
      known.set(key, configured);
      unmade.set(key, configured);
    },
    unmadeBeside(staged) {
      const withRows = new Set(staged.map(({ configured }) => streamKey(configured.stream)));
      return [...unmade]
        .filter(([key]) => !withRows.has(key))
        .map(([, configured]) => ({ configured, files: [], rows: 0, bytes: 0, longestLine: 0 }));
    },
    noteMade(committed) {
      for (const { configured } of committed) {
        const key = streamKey(configured.stream);
        // Declared anew while it was being committed, it has to be made again.
        if (unmade.get(key) === configured) unmade.delete(key);
      }
    },
  };
}
