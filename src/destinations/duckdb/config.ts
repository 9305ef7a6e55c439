// Settings of the destination of Airbyte's hosts.
import { z } from 'zod';

export const duckDbSettings = z.object({
  path: z
    .string()
    .min(1)
    .describe(
      'A DuckDB file (a path that ends in .duckdb, .ddb or .db), or a folder or s3://bucket/folder for a lake of Delta tables. It is created when there is none; the folder above it, or the bucket, must exist. Keys of a bucket come from the environment or the role of the pod.',
    )
    .meta({
      title: 'File, folder or bucket',
      order: 0,
      examples: ['/local/warehouse.duckdb', '/local/lake', 's3://bucket/gong'],
    }),
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
  on_missing_completion: z
    .enum(['keep_old', 'swap'])
    .default('keep_old')
    .describe(
      'A table is replaced (mode overwrite, or a refresh) when the source is known to have sent all of it. Where nobody says so: keep_old keeps the rows that are there and fails the sync; swap replaces them by what came, even by nothing.',
    )
    .meta({ title: 'When nobody says that a stream is complete', order: 5 }),
  single_writer: z
    .boolean()
    .default(false)
    .describe(
      'Nobody but this connection ever writes to the bucket, so an object store without conditional writes will do.',
    )
    .meta({ title: 'Single writer', order: 6 }),
});

export type DuckDbSettings = z.infer<typeof duckDbSettings>;
