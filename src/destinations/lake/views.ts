// The lake for readers: a view per table over its live files.

import type { FileStore } from '../../core/store.ts';
import type { Session } from '../../duckdb/session.ts';
import { quoteIdent, quoteName } from '../../duckdb/sql.ts';
import { foldCase, freeName } from '../../tables/columns.ts';
import { findTables, refuseManifest } from './lake-folder.ts';
import { bringFiles, type LakeTable, readTable } from './lake-table.ts';
import { selectRows } from './rows.ts';

export interface NamedTable {
  readonly table: LakeTable;
  readonly schema: string;
  readonly view: string;
}

/**
 * Makes a view per table in the database of `session`, which must be allowed to read the root of `store`.
 * @param shown how messages name the lake
 * @param streams names of the views to be made in the main schema; default: all views
 * @returns names of the views; none when there is no lake
 * @throws ConnectorError (destination) for a table that we cannot read
 */
export async function createLakeViews(
  session: Session,
  store: FileStore,
  shown: string,
  streams?: readonly string[],
): Promise<string[]> {
  const isAsked = ({ view, schema }: NamedTable) =>
    streams === undefined || (schema === 'main' && streams.includes(view));
  const named = nameTables(await readTables(session, store, shown, false)).filter(isAsked);
  for (const { table, schema, view } of named) {
    await session.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(session.catalog, schema)}`);
    const columns = table.columns.map(({ name }) => quoteIdent(name)).join(', ');
    const paths = [...table.snapshot.files.keys()];
    await bringFiles(table.place, paths);
    const rows = selectRows(table.place, table.columns, paths);
    const name = quoteName(session.catalog, schema, view);
    await session.run(`CREATE OR REPLACE VIEW ${name} AS SELECT ${columns} FROM (${rows})`);
  }
  return named.map(({ view }) => view);
}

/** All tables of a lake. @param isWhole as for `readSnapshot` */
export async function readTables(
  session: Session,
  store: FileStore,
  shown: string,
  isWhole = true,
): Promise<LakeTable[]> {
  await refuseManifest(store, shown);
  const tables: LakeTable[] = [];
  for (const place of await findTables(store)) {
    const table = await readTable(session, place, undefined, isWhole);
    if (table !== undefined) tables.push(table);
  }
  return tables;
}

/**
 * Their names for SQL: the streams' own, unless two differ by case only; then the older one keeps it. Tables of others are called
 * like their folders. Pure.
 */
export function nameTables(tables: readonly LakeTable[]): NamedTable[] {
  const taken = new Map<string, Set<string>>();
  const age = ({ snapshot }: LakeTable) => snapshot.metaData.createdTime ?? 0;
  return [...tables]
    .sort((a, b) => age(a) - age(b) || (a.place.folder < b.place.folder ? -1 : 1))
    .map((table) => {
      const { name, namespace } = table.stream ?? { name: table.place.folder, namespace: undefined };
      const schema = freeName(namespace ?? 'main', reservedSchemas);
      const names = taken.get(foldCase(schema)) ?? new Set();
      const view = freeName(name, names);
      taken.set(foldCase(schema), names.add(foldCase(view)));
      return { table, schema, view };
    });
}

const reservedSchemas: ReadonlySet<string> = new Set(['information_schema', 'pg_catalog']);
