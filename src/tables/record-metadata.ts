// Columns that hosts' tools look for beside a stream's own: where a row came from, and what was wrong with it.
import { randomUUID } from 'node:crypto';
import type { ConfiguredStream } from '../core/catalog.ts';
import { quoteLiteral } from '../duckdb/sql.ts';
import { stagedColumns } from './staged-sql.ts';

export interface RecordMetadata {
  /** In their order. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** The time of extraction of a stored row, as SQL over these columns; undefined when none says it. */
  readonly extractedAt: string | undefined;
  /** Does a stream's own field of this name give way? */
  isReserved(property: string): boolean;
  /** The value of each of `columns` for a row of the staged table, as SQL: the same whenever it is computed, for it may be twice. */
  values(configured: ConfiguredStream): string[];
}

const { seq, emittedAt, meta, nulled, rounded } = stagedColumns;
const timestamp = 'TIMESTAMP WITH TIME ZONE';
const fromMilliseconds = (sql: string) => `epoch_ms(${sql})::TIMESTAMPTZ`;

/** The columns of Airbyte's typed tables. */
export const airbyteMetadata: RecordMetadata = {
  columns: [
    { name: '_airbyte_raw_id', type: 'VARCHAR' },
    { name: '_airbyte_extracted_at', type: timestamp },
    { name: '_airbyte_generation_id', type: 'BIGINT' },
    { name: '_airbyte_meta', type: 'JSON' },
  ],
  extractedAt: '"_airbyte_extracted_at"',
  isReserved: (property) => property.startsWith('_airbyte_'),
  values({ syncId, generationId }) {
    const changes = (names: string, change: string, reason: string) =>
      `[json_object('field', x, 'change', '${change}', 'reason', '${reason}') for x in coalesce(${names}, [])]`;
    const ours =
      `list_concat(${changes(nulled, 'NULLED', 'DESTINATION_SERIALIZATION_ERROR')}, ` +
      `${changes(rounded, 'TRUNCATED', 'DESTINATION_FIELD_SIZE_LIMITATION')})`;
    const theirs = `coalesce(CAST(${meta}->'changes' AS JSON[]), [])`;
    const head = syncId === undefined ? '' : `"sync_id":${syncId},`;
    const plain = quoteLiteral(`{${head}"changes":[]}`);
    return [
      // Not uuid(), which would be another one each time.
      `CAST(CAST(md5(${quoteLiteral(randomUUID())} || ${seq}) AS UUID) AS VARCHAR)`,
      fromMilliseconds(emittedAt),
      generationId === undefined ? 'NULL' : String(generationId),
      `CASE WHEN ${nulled} IS NULL AND ${rounded} IS NULL AND ${meta} IS NULL THEN ${plain}::JSON ELSE ` +
        `(${quoteLiteral(`{${head}"changes":`)} || to_json(list_concat(${theirs}, ${ours}))::VARCHAR || '}')::JSON END`,
    ];
  },
};

/**
 * The columns of the Singer SDK's targets. Their mark of deletion is the tap's own, when it sends one.
 * @param now milliseconds since the epoch
 */
export function singerMetadata(now: () => number): RecordMetadata {
  const startedAt = now();
  return {
    columns: [
      { name: '_sdc_extracted_at', type: timestamp },
      { name: '_sdc_received_at', type: timestamp },
      { name: '_sdc_batched_at', type: timestamp },
      { name: '_sdc_sequence', type: 'BIGINT' },
      { name: '_sdc_table_version', type: 'BIGINT' },
      { name: '_sdc_sync_started_at', type: 'BIGINT' },
    ],
    // What came without a time was extracted when it came.
    extractedAt: 'coalesce("_sdc_extracted_at", "_sdc_received_at")',
    isReserved: (property) => property.startsWith('_sdc_') && property !== '_sdc_deleted_at',
    values: () => [
      `CASE WHEN ${meta}->>'has_time' = 'true' THEN ${fromMilliseconds(emittedAt)} END`,
      fromMilliseconds(`CAST(${meta}->>'received_at' AS BIGINT)`),
      fromMilliseconds(String(now())),
      `CAST(${meta}->>'received_at' AS BIGINT)`,
      `CAST(${meta}->>'version' AS BIGINT)`,
      String(startedAt),
    ],
  };
}
