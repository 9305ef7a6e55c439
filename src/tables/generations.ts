// Is there anything that a refresh of a generation replaces? One rule for every destination.
import type { ConfiguredStream } from '../core/catalog.ts';
import type { Refresh } from '../core/destination.ts';
import { ConnectorError } from '../core/errors.ts';

/** A table that a refresh is for. */
export interface RefreshedTable {
  /** The newest generation of which rows are in it; undefined = nobody wrote one down. */
  generation(): Promise<number | undefined>;
  hasRows(): Promise<boolean>;
}

/** The column that says of each row to which generation it belongs, where a host asked for it. */
export const generationColumn = '_airbyte_generation_id';

/** @throws ConnectorError (config) for a generation older than the table's */
export async function hasNothingToReplace(
  { stream }: ConfiguredStream,
  { generation }: Refresh,
  table: RefreshedTable,
): Promise<boolean> {
  if (generation === undefined) return false;
  const known = await table.generation();
  if (known !== undefined && known > generation)
    throw new ConnectorError(
      `Stream ${stream.name}: a refresh of generation ${generation} would remove rows of generation ${known}, which is newer.`,
      {
        area: 'config',
        hint: 'let the host count on from there, or load into another schema or file',
        fields: { stream: stream.name, generation, known },
      },
    );
  return known === generation || !(await table.hasRows());
}
