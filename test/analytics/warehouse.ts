// A real DuckDB with the three streams as a loader leaves them, for the tests of the marts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';
import type { CreatedMarts, MartsOptions, SqlConnection } from '../../src/analytics/marts.ts';
import { createMarts } from '../../src/analytics/marts.ts';
import { parseAnalyticsSettings } from '../../src/analytics/settings.ts';

const idOnly = { system: 'VARCHAR', object_type: 'VARCHAR', object_id: 'VARCHAR' };
const struct = (fields: Record<string, string>) =>
  `STRUCT(${Object.entries(fields)
    .map(([name, type]) => `${name} ${type}`)
    .join(', ')})[]`;

const columnsAs = (type: string, names: string) => Object.fromEntries(names.split(' ').map((name) => [name, type]));

/** Column → type of each stream, nested values as our own loader lands them. */
export const streamColumns = {
  calls: {
    ...columnsAs(
      'VARCHAR',
      'call_id workspace_id url title direction scope system recording language purpose owner_user_id owner_name owner_email crm_system account_id account_name opportunity_id opportunity_name opportunity_type stage_at_call stage_now currency transcript_status transcript_status_reason content_hash',
    ),
    ...columnsAs(
      'TIMESTAMPTZ',
      'started_at scheduled_at context_read_at closed_seen_at transcript_status_at gone_at extracted_at',
    ),
    ...columnsAs('BIGINT', 'duration_s opportunity_count'),
    ...columnsAs('DOUBLE', 'amount_at_call amount_now probability_at_call probability_now'),
    ...columnsAs('DATE', 'close_date_at_call close_date_now'),
    ...columnsAs('BOOLEAN', 'is_private is_closed_now is_won_now'),
    ...columnsAs('JSON', 'raw'),
    parties: struct({
      ...columnsAs('VARCHAR', 'party_id speaker_id user_id name email title phone affiliation role'),
      methods: 'VARCHAR[]',
      crm_ids: struct(idOnly),
    }),
    crm_objects: struct({ ...idOnly, timing: 'VARCHAR', fields: 'JSON' }),
  },
  transcripts: {
    ...columnsAs('VARCHAR', 'call_id text transcript_hash'),
    ...columnsAs('TIMESTAMPTZ', 'started_at extracted_at'),
    ...columnsAs('BIGINT', 'n_sentences n_turns n_speakers n_chars'),
    unattributed_share: 'DOUBLE',
    sentences: struct({
      ...columnsAs('BIGINT', 'idx turn start_ms end_ms'),
      ...columnsAs('VARCHAR', 'speaker_id speaker_name role topic text'),
    }),
  },
  semarize_runs: {
    ...columnsAs(
      'VARCHAR',
      'run_id call_id kit_code kit_version_requested kit_version_id status run_type origin transcript_hash idempotency_key error_code error_message error_user_message',
    ),
    ...columnsAs('TIMESTAMPTZ', 'started_at requested_at finished_at extracted_at'),
    ...columnsAs('BIGINT', 'input_chars attempt duration_ms'),
    is_sandbox: 'BOOLEAN',
    ...columnsAs('JSON', 'bricks raw'),
  },
} satisfies Record<string, Record<string, string>>;

/** What `createMarts` leaves out over these columns: the source stores no content of Gong yet. */
export const leftOut = [{ view: 'mart_gong_signals', missing: ['calls.gong_content', 'calls.interaction'] }];

export type StreamName = keyof typeof streamColumns;
export type Nested = 'struct' | 'json' | 'varchar';
type Row = Record<string, unknown>;

export interface Warehouse extends SqlConnection {
  /** Appends rows; columns that are not named are NULL. */
  insert(stream: StreamName, rows: readonly Row[]): Promise<void>;
  /** createMarts with analytics.yaml as parsed. */
  createMarts(settings?: unknown, options?: MartsOptions): Promise<CreatedMarts>;
  /** The only row of a SELECT. */
  row(sql: string): Promise<Row>;
  close(): void;
}

/** Removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gong-elt-analytics-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A connection on `path` (default: in memory) that has the streams named. */
export async function openWarehouse(
  options: { path?: string; nested?: Nested; streams?: readonly StreamName[]; schema?: string } = {},
): Promise<Warehouse> {
  const { path = ':memory:', nested = 'struct', streams = Object.keys(streamColumns) as StreamName[] } = options;
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  if (options.schema !== undefined) await connection.run(`CREATE SCHEMA ${options.schema}; USE ${options.schema}`);
  for (const stream of streams) await connection.run(`CREATE TABLE ${stream} (${columnList(stream, nested)})`);

  const warehouse: Warehouse = {
    run: (sql, values) => connection.run(sql, values === undefined ? undefined : [...values]),
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS() as Row[],
    insert: async (stream, rows) => {
      const file = join(temporaryFolder(), `${stream}.ndjson`);
      writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
      const types = Object.entries(streamColumns[stream]).map(
        ([name, type]) => `'${name}': '${readType(type, nested)}'`,
      );
      await connection.run(
        `INSERT INTO ${stream} BY NAME SELECT * FROM read_ndjson('${file}', columns = {${types.join(', ')}})`,
      );
    },
    createMarts: (settings, options) => createMarts(warehouse, parseAnalyticsSettings(settings), options),
    row: async (sql) => {
      const rows = await warehouse.rows(sql);
      if (rows.length !== 1) throw new Error(`${rows.length} rows instead of one: ${sql}`);
      return rows[0] as Row;
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
  return warehouse;
}

const isNested = (type: string) => type === 'JSON' || type.endsWith('[]');

function columnList(stream: StreamName, nested: Nested): string {
  const typeOf = (type: string) => (isNested(type) ? { struct: type, json: 'JSON', varchar: 'VARCHAR' }[nested] : type);
  return Object.entries(streamColumns[stream])
    .map(([name, type]) => `"${name}" ${typeOf(type)}`)
    .join(', ');
}

// The reader makes the STRUCT; a JSON value goes into a JSON or VARCHAR column as it is written.
const readType = (type: string, nested: Nested) => (isNested(type) && nested !== 'struct' ? 'JSON' : type);
