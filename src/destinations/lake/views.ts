// The lake for readers: a view per stream over the live files of the manifest, one row per key.
import { join } from 'node:path';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent, quoteList } from '../../duckdb/sql.ts';
import { type Head, type LakeTable, readHead } from './manifest.ts';

/** Columns of the data files beside the stream's own: what decides between two versions of a key. */
export const versionColumns = {
  /** Milliseconds since the epoch. */
  emittedAt: '__gong_elt_emitted_at',
  /** Number of the manifest that the writer meant to make. */
  batch: '__gong_elt_batch',
  /** Arrival in the load. */
  seq: '__gong_elt_seq',
} as const;

/** Columns that the views read of each row: where it stands. */
export const positionColumns = { file: '__gong_elt_file', row: 'file_row_number' } as const;

/**
 * Makes a view per stream in the database of `session`, which must be allowed to read `root`.
 * @returns names of the views; none when there is no lake.
 */
export async function createLakeViews(session: Session, root: string): Promise<string[]> {
  const head = await readHead(root);
  if (head === undefined) return [];
  for (const table of head.tables) {
    if (table.namespace !== null) await session.run(`CREATE SCHEMA IF NOT EXISTS ${quoteIdent(table.namespace)}`);
    await session.run(`CREATE OR REPLACE VIEW ${nameOf(table)} AS ${selectRows(head, table, root)}`);
  }
  return head.tables.map(({ view }) => view);
}

function nameOf({ namespace, view }: LakeTable): string {
  return namespace === null ? quoteIdent(view) : `${quoteIdent(namespace)}.${quoteIdent(view)}`;
}

/**
 * The stream's rows, newest version of each key. What is outdated is found by the few columns that decide it, and left out of
 * the wide rows by their position: only those positions are held in memory.
 */
function selectRows(head: Head, table: LakeTable, root: string): string {
  const columns = table.columns.map(({ name }) => quoteIdent(name));
  const versions = selectVersions(head, table, root);
  const all = `SELECT ${columns.join(', ')} FROM (${versions}) v`;
  if (table.keys.length === 0) return all;
  const { file, row } = positionColumns;
  const order = [
    ...(table.cursor === null ? [] : [`${table.cursor} DESC NULLS LAST`]),
    ...Object.values(versionColumns).map((name) => `${name} DESC`),
  ];
  const outdated =
    `SELECT ${file}, ${row} FROM (${versions})` +
    ` QUALIFY row_number() OVER (PARTITION BY ${table.keys.join(', ')} ORDER BY ${order.join(', ')}) > 1`;
  return `${all} ANTI JOIN (${outdated}) o ON v.${file} = o.${file} AND v.${row} = o.${row}`;
}

/** Every version of every row, in the types that the table has now, with `versionColumns` and `positionColumns`. */
export function selectVersions(head: Head, table: LakeTable, root: string): string {
  const extra = [...Object.values(versionColumns), ...Object.values(positionColumns)];
  const byShape = new Map<string, string[]>();
  for (const { stream, shape, path } of head.live)
    if (stream === table.stream) byShape.set(shape, [...(byShape.get(shape) ?? []), join(root, path)]);
  if (byShape.size === 0) {
    const nothing = [
      ...table.columns.map(({ name, type }) => `NULL::${type} AS ${quoteIdent(name)}`),
      ...extra.map((name) => `NULL AS ${name}`),
    ];
    return `SELECT ${nothing.join(', ')} WHERE false`;
  }
  const options = `hive_partitioning = false, filename = '${positionColumns.file}', file_row_number = true`;
  const selects = [...byShape].map(([shape, files]) => {
    const columns = head.shapes.find(({ name }) => name === shape)?.columns ?? [];
    const types = new Map(columns.map(({ name, type }) => [name, type]));
    const typed = table.columns.map(
      ({ name, type }) => `${toType(name, types.get(name), type)} AS ${quoteIdent(name)}`,
    );
    return `SELECT ${[...typed, ...extra].join(', ')} FROM read_parquet(${quoteList(files)}, ${options})`;
  });
  return selects.join(' UNION ALL ');
}

/** A column of a file as the table's type; a text becomes a JSON text, not JSON to be parsed. */
function toType(name: string, from: string | undefined, to: string): string {
  const column = quoteIdent(name);
  if (from === undefined) return `NULL::${to}`;
  if (from === to) return column;
  if (to === 'JSON') return `to_json(${column})`;
  return `CAST(${column} AS ${to})`;
}
