// The three streams as any loader may have left them, read in one form: every column of their schemas, times in UTC, whatever
// is missing NULL. All other views read these and never the tables themselves.
import { readFile } from 'node:fs/promises';
import { type ColumnType, columnSql } from '../duckdb/column-types.ts';
import { quoteIdent, quoteLiteral } from '../duckdb/sql.ts';
import type { ColumnTypes, ViewFile } from './view-files.ts';

export interface Stream {
  readonly name: string;
  /** The view that shows it whole. */
  readonly view: string;
  /** A table of ours whose rows stand beside those of the stream. */
  readonly imported: string | undefined;
  /** Without these columns nothing can be said of the stream. */
  readonly required: readonly string[];
  readonly columns: readonly StreamColumn[];
}

export interface StreamColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** What its schema says of it. */
  readonly description: string | undefined;
}

const forms = [
  { name: 'calls', view: 'stream_calls', imported: undefined, required: ['call_id'] },
  { name: 'transcripts', view: 'stream_transcripts', imported: 'ext_conversations', required: ['call_id'] },
  {
    name: 'semarize_runs',
    view: 'stream_runs',
    imported: 'ext_runs',
    required: ['run_id', 'call_id', 'kit_code', 'status', 'bricks'],
  },
];

interface RowSchema {
  readonly properties: Readonly<Record<string, PropertySchema>>;
}

interface PropertySchema {
  readonly type: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
}

/** The streams with the columns of their printed schemas (`schemas/*.json`). */
export async function readStreams(): Promise<Stream[]> {
  return Promise.all(
    forms.map(async (form) => {
      const text = await readFile(new URL(`../../schemas/${form.name}.json`, import.meta.url), 'utf8');
      const { properties } = JSON.parse(text) as RowSchema;
      const columns = Object.entries(properties).map(([name, property]) => ({
        name,
        type: columnType(property),
        description: property.description,
      }));
      return { ...form, columns };
    }),
  );
}

function columnType({ type, format }: PropertySchema): ColumnType {
  const types = typeof type === 'string' ? [type] : type;
  if (format === 'date-time') return 'TIMESTAMPTZ';
  if (format === 'date') return 'DATE';
  if (types.includes('integer')) return 'BIGINT';
  if (types.includes('number')) return 'DOUBLE';
  if (types.includes('boolean')) return 'BOOLEAN';
  return types.includes('array') || types.includes('object') ? 'NESTED' : 'VARCHAR';
}

/**
 * The view of a stream. Pure.
 * @param types of the relations that are there
 */
export function streamView({ name, view, imported, required, columns }: Stream, types: ColumnTypes): ViewFile {
  const from = types.get(name) ?? new Map<string, string>();
  const rows = `SELECT ${selectList(columns, from)} FROM ${quoteIdent(name)}`;
  const beside = imported === undefined ? undefined : types.get(imported);
  const [key = ''] = required;
  const more =
    imported === undefined || beside === undefined
      ? ''
      : `\nUNION ALL\nSELECT ${selectList(columns, beside)} FROM ${imported} WHERE ${key} NOT IN (SELECT ${key}::VARCHAR FROM ${quoteIdent(name)} WHERE ${key} IS NOT NULL)`;
  return {
    view,
    needs: [name, ...required.map((column) => `${name}.${column}`)],
    sql: [
      `CREATE OR REPLACE VIEW ${view} AS\n${rows}${more};`,
      `COMMENT ON VIEW ${view} IS 'The stream ${name} with every column, one row a ${key}; times in UTC, what is missing NULL${imported === undefined ? '' : `; with the rows of ${imported}`}. Made by gong-elt.';`,
      ...columns.map((column) => commentSql(view, column)),
    ].join('\n'),
  };
}

/** A column's comment: what its schema says. */
export function commentSql(
  relation: string,
  { name, description }: Pick<StreamColumn, 'name' | 'description'>,
): string {
  return `COMMENT ON COLUMN ${quoteIdent(relation)}.${quoteIdent(name)} IS ${quoteLiteral(description ?? '')};`;
}

function selectList(columns: readonly StreamColumn[], actual: ReadonlyMap<string, string>): string {
  return columns
    .map(({ name, type }) => `${columnSql(name, type, actual.get(name))} AS ${quoteIdent(name)}`)
    .join(', ');
}
