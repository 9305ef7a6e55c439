// Settings of the Singer target, with the names that users of other targets know.
import { z } from 'zod';
import type { JsonObject } from '../../core/json.ts';
import { parseSettings } from '../../core/settings.ts';

export const targetSettings = z.object({
  path: z
    .string()
    .min(1)
    .meta({
      title: 'Path',
      description:
        'A file that ends in .duckdb, or a folder or s3://bucket/folder for a lake of Delta tables. The folder above it, or the bucket, must exist.',
      examples: ['warehouse.duckdb', './lake', 's3://bucket/gong'],
    }),
  default_target_schema: z.string().min(1).optional().meta({
    title: 'Schema',
    description: 'Schema for all streams. Default: main, and for a stream called schema-table the one it names.',
  }),
  load_method: z.enum(['upsert', 'append-only', 'overwrite']).default('upsert').meta({
    title: 'Load method',
    description:
      'upsert: one row per key, the newest; a stream without a key is appended. append-only: a row per record. overwrite: the records of a run replace the table, at its end, when a state came behind the last of them.',
  }),
  on_missing_completion: z.enum(['keep_old', 'swap']).default('keep_old').meta({
    title: 'When nobody says that a stream is complete',
    description:
      'Of a table that is to be replaced, or cleared of older versions, and behind whose last record no state came. keep_old: it stays as it was, and the run fails. swap: what came is taken for all, even nothing.',
  }),
  hard_delete: z.boolean().default(false).meta({
    title: 'Hard delete',
    description:
      'Rows that are deleted at their source (ACTIVATE_VERSION, or a record with _sdc_deleted_at) are removed. false: they stay, with the time in _sdc_deleted_at.',
  }),
  process_activate_version_messages: z.boolean().default(true).meta({
    title: 'Obey ACTIVATE_VERSION',
    description: 'Rows of older versions of a table, or of none, are deleted at the end of the run. false: they stay.',
  }),
  batch_root: z
    .string()
    .min(1)
    .optional()
    .meta({
      title: 'Folder of BATCH files',
      description:
        'BATCH messages may name files in this folder only. Default: any file that the target may read, as a tap that runs beside it may.',
      examples: ['./output'],
    }),
  add_record_metadata: z.boolean().default(false).meta({
    title: 'Metadata columns',
    description: 'Adds columns _sdc_…: when a record was extracted, received and stored.',
  }),
  validate_records: z.boolean().default(true).meta({
    title: 'Validate records',
    description:
      'A record without its key or a required value, or with a value that does not fit its column, ends the load. false: the value is NULL, a record without its key is left out, and both are counted.',
  }),
  batch_size_rows: z.int().min(1).optional().meta({
    title: 'Batch size (rows)',
    description: 'Rows after which a batch is committed, and its state printed. Default: by bytes and time alone.',
  }),
  memory_limit: z
    .string()
    .regex(/^\d{1,6} ?(MB|MiB|GB|GiB)$/, { error: 'must be a size like 512MB or 1GB' })
    .optional()
    .meta({
      title: 'Memory limit',
      description: 'Memory that DuckDB may use for a file; by default fitted to the records (96 MB and more).',
      examples: ['192MB', '1GB'],
    }),
  single_writer: z.boolean().default(false).meta({
    title: 'Single writer',
    description:
      'Nobody but this target ever writes to the bucket, so an object store without conditional writes will do.',
  }),
});

export type TargetSettings = z.output<typeof targetSettings>;

/** Names of other targets, and ours for them. */
const aliases: Readonly<Record<string, string>> = {
  destination_path: 'path',
  default_schema: 'default_target_schema',
  add_metadata_columns: 'add_record_metadata',
};

/**
 * @returns the settings, and the names of those that are not ours: hosts send the ones of other targets along.
 * @throws ConnectorError of area `config` that names every problem
 */
export function parseTargetSettings(given: JsonObject): { settings: TargetSettings; unknown: string[] } {
  const named: JsonObject = {};
  for (const [name, value] of Object.entries(given)) {
    const own = Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name;
    if (own === name || named[own] === undefined) named[own] = value;
  }
  const known = Object.entries(named).filter(([name, value]) => name in targetSettings.shape && value !== '');
  const unknown = Object.keys(named).filter((name) => !(name in targetSettings.shape) && !name.startsWith('_'));
  return { settings: parseSettings(targetSettings, Object.fromEntries(known)), unknown };
}
