// The one column that a stream needs whose records say to which version of its table they belong, when nobody asked for more.
import type { ConfiguredStream } from '../core/catalog.ts';
import type { RecordMetadata } from './record-metadata.ts';
import { stagedColumns } from './staged-sql.ts';

/** With it, rows of older versions are told apart. */
export const versionColumn = '_sdc_table_version';

const versionMetadata: RecordMetadata = {
  columns: [{ name: versionColumn, type: 'BIGINT' }],
  extractedAt: undefined,
  isReserved: (property) => property === versionColumn,
  values: () => [`CAST(${stagedColumns.meta}->>'version' AS BIGINT)`],
};

/** The columns beside those of a stream. @param chosen those that the host asks for, which hold the version as well */
export function metadataOf(
  { isVersioned }: ConfiguredStream,
  chosen: RecordMetadata | undefined,
): RecordMetadata | undefined {
  return chosen ?? (isVersioned === true ? versionMetadata : undefined);
}
