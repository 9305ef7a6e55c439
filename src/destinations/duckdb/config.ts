// Settings of the DuckDB destination as people and hosts write them.
import { z } from 'zod';

export const duckDbSettings = z.object({
  path: z
    .string()
    .min(1)
    .describe('DuckDB file to write to; it is created when there is none. Its folder must exist.')
    .meta({ title: 'File', order: 0, examples: ['/local/warehouse.duckdb'] }),
  default_schema: z
    .string()
    .min(1)
    .default('main')
    .describe('Schema for streams without a namespace of their own.')
    .meta({ title: 'Schema', order: 1 }),
  add_record_metadata: z
    .boolean()
    .default(true)
    .describe('Adds the columns _airbyte_raw_id, _airbyte_extracted_at, _airbyte_generation_id and _airbyte_meta.')
    .meta({ title: 'Metadata columns', order: 2 }),
  memory_limit: z
    .string()
    .regex(/^\d{1,6} ?(MB|MiB|GB|GiB)$/)
    .optional()
    .describe(
      'Memory that DuckDB may use; by default fitted to the records (96 MB and more). What does not fit goes to a temporary folder beside the file.',
    )
    .meta({ title: 'Memory limit', order: 3, examples: ['192MB', '1GB'] }),
  batch_bytes: z
    .int()
    .min(1_000_000)
    .max(1_000_000_000)
    .default(24 * 1024 * 1024)
    .describe('Bytes of records after which a batch is committed.')
    .meta({ title: 'Batch size', order: 4 }),
});

export type DuckDbSettings = z.infer<typeof duckDbSettings>;
