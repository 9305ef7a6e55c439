// Settings of the Singer target, with the names that users of other targets know.
import { z } from 'zod';
import { ConnectorError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { parseSettings } from '../../core/settings.ts';

export const targetSettings = z.object({
  path: z
    .string()
    .min(1)
    .meta({
      title: 'Path',
      description: 'A file that ends in .duckdb, or a folder for a lake of Delta tables. Its parent folder must exist.',
      examples: ['warehouse.duckdb', './lake'],
    }),
  default_target_schema: z.string().min(1).optional().meta({
    title: 'Schema',
    description: 'Schema for all streams. Default: main, and for a stream called schema-table the one it names.',
  }),
  load_method: z.enum(['upsert', 'append-only']).default('upsert').meta({
    title: 'Load method',
    description:
      'upsert: one row per key, the newest; a stream without a key is appended. append-only: a row per record.',
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
  if (named['load_method'] === 'overwrite')
    throw new ConnectorError('This version cannot replace whole tables (load_method: overwrite).', {
      area: 'config',
      hint: 'choose upsert, or append-only',
    });
  const known = Object.entries(named).filter(([name, value]) => name in targetSettings.shape && value !== '');
  const unknown = Object.keys(named).filter((name) => !(name in targetSettings.shape) && !name.startsWith('_'));
  return { settings: parseSettings(targetSettings, Object.fromEntries(known)), unknown };
}
