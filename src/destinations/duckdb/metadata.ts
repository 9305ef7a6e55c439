// The columns that Airbyte's tools look for in a typed table.
import type { ConfiguredStream } from '../../core/catalog.ts';
import { quoteIdent, quoteLiteral } from '../../duckdb/sql.ts';
import { stagedColumns } from '../../load/staged-sql.ts';

export const extractedAtColumn = '_airbyte_extracted_at';

export const metadataColumns: readonly { readonly name: string; readonly type: string }[] = [
  { name: '_airbyte_raw_id', type: 'VARCHAR' },
  { name: extractedAtColumn, type: 'TIMESTAMP WITH TIME ZONE' },
  { name: '_airbyte_generation_id', type: 'BIGINT' },
  { name: '_airbyte_meta', type: 'JSON' },
];

/** The value of each of `metadataColumns` for a row of the staged table, as SQL. */
export function metadataValues(configured: ConfiguredStream): string[] {
  const { syncId, generationId } = configured;
  const { nulled, meta } = stagedColumns;
  const ours = `[json_object('field', x, 'change', 'NULLED', 'reason', 'DESTINATION_SERIALIZATION_ERROR') for x in coalesce(${nulled}, [])]`;
  const theirs = `coalesce(CAST(${meta}->'changes' AS JSON[]), [])`;
  const head = syncId === undefined ? '' : `"sync_id":${syncId},`;
  const plain = quoteLiteral(`{${head}"changes":[]}`);
  return [
    'CAST(uuid() AS VARCHAR)',
    `epoch_ms(${quoteIdent(stagedColumns.emittedAt)})::TIMESTAMPTZ`,
    generationId === undefined ? 'NULL' : String(generationId),
    `CASE WHEN ${nulled} IS NULL AND ${meta} IS NULL THEN ${plain}::JSON ELSE ` +
      `(${quoteLiteral(`{${head}"changes":`)} || to_json(list_concat(${theirs}, ${ours}))::VARCHAR || '}')::JSON END`,
  ];
}
