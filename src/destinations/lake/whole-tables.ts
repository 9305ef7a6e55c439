// What changes whole tables, which a lake cannot do yet: refused before anything is written.
import type { Batch } from '../../core/destination.ts';
import { ConnectorError } from '../../core/errors.ts';

/** Before it there is nothing to replace (PyAirbyte numbers every run 1). */
const firstGeneration = 1;

/** @throws ConnectorError (config) that names the streams */
export function refuseWholeTables({ streams, actions = [] }: Batch, shown: string): void {
  const asked = [
    ...streams.filter(({ refresh }) => refresh !== undefined && (refresh.generation ?? 2) > firstGeneration),
    ...actions.filter(({ kind }) => kind !== 'retire'),
  ].map(({ configured }) => configured.stream.name);
  if (asked.length === 0) return;
  throw new ConnectorError(`The lake ${shown} cannot replace or clean up whole tables yet: ${asked.join(', ')}.`, {
    area: 'config',
    hint: 'append or merge by key, or load into a DuckDB file (a path that ends in .duckdb)',
    fields: { path: shown },
  });
}
