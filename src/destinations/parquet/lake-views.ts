// The lake for readers: a view per stream over the live files of the manifest, one row per key.
import { join } from 'node:path';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent, quoteList } from '../../duckdb/sql.ts';
import { type Head, type LakeTable, readHead } from './manifest.ts';

/** Columns of the data files beside the stream's own: what decides between two versions of a key. */
export const versionColumns = {
  emittedAt: '__gong_elt_emitted_at',
  batch: '__gong_elt_batch',
  seq: '__gong_elt_seq',
} as const;

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
  return head.tables.map(({ name }) => name);
}

function nameOf({ namespace, name }: LakeTable): string {
  return namespace === null ? quoteIdent(name) : `${quoteIdent(namespace)}.${quoteIdent(name)}`;
}

/** The stream's rows, newest version of each key. */
export function selectRows(head: Head, table: LakeTable, root: string): string {
  const columns = table.columns.map(({ name }) => quoteIdent(name));
  return `SELECT ${columns.join(', ')} FROM (${selectVersions(head, table, root)})`;
}

/** A column of a file as the table's type; a text becomes a JSON text, not JSON to be parsed. */
function toType(name: string, from: string | undefined, to: string): string {
  const column = quoteIdent(name);
  if (from === undefined) return `NULL::${to}`;
  if (to === 'JSON' && from !== 'JSON') return `to_json(${column})`;
  return `CAST(${column} AS ${to})`;
}

/** The same with `versionColumns`. */
export function selectVersions(head: Head, table: LakeTable, root: string): string {
  const version = Object.values(versionColumns);
  const byShape = new Map<string, string[]>();
  for (const file of head.live)
    if (file.stream === table.stream)
      byShape.set(file.shape, [...(byShape.get(file.shape) ?? []), join(root, file.path)]);
  if (byShape.size === 0) {
    const nothing = [
      ...table.columns.map(({ name, type }) => `NULL::${type} AS ${quoteIdent(name)}`),
      ...version.map((name) => `NULL::BIGINT AS ${name}`),
    ];
    return `SELECT ${nothing.join(', ')} WHERE false`;
  }
  // Files of one shape are read together; each shape is brought to the types that the table has now.
  const selects = [...byShape].map(([shape, files]) => {
    const types = new Map(Object.entries(head.shapes[shape] ?? {}));
    const typed = table.columns.map(
      ({ name, type }) => `${toType(name, types.get(name), type)} AS ${quoteIdent(name)}`,
    );
    return `SELECT ${[...typed, ...version].join(', ')} FROM read_parquet(${quoteList(files)}, hive_partitioning = false)`;
  });
  const rows = selects.join(' UNION ALL ');
  if (table.keys.length === 0) return rows;
  const order = [
    ...(table.cursor === null ? [] : [`${table.cursor} DESC NULLS LAST`]),
    `${versionColumns.emittedAt} DESC`,
    `${versionColumns.batch} DESC`,
    `${versionColumns.seq} DESC`,
  ];
  return `SELECT * FROM (${rows}) QUALIFY row_number() OVER (PARTITION BY ${table.keys.join(', ')} ORDER BY ${order.join(', ')}) = 1`;
}
