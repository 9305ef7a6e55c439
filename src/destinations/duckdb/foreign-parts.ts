// What people can add to a table of ours: columns, indexes, constraints.
import type { Session } from '../../duckdb/session.ts';
import { foldCase } from '../../tables/columns.ts';
import { isHostColumn, refuseParts } from '../../tables/foreign-parts.ts';
import type { OwnedTable } from './bookkeeping.ts';

/** @throws ConnectorError (destination) that names what is not ours */
export async function refuseForeignParts(session: Session, live: OwnedTable, shown: string): Promise<void> {
  const { schema, table, columns } = live;
  const find = async (what: string, from: string) =>
    (
      await session.rows(
        `SELECT ${what} AS part FROM ${from} WHERE database_name = current_database() AND lower(schema_name) = lower($1) AND lower(table_name) = lower($2)`,
        [schema, table],
      )
    ).map(({ part }) => String(part));
  const ours = new Set([...columns.values()].map(foldCase));
  const foreign = [
    ...(await find('column_name', 'duckdb_columns()'))
      .filter((name) => !ours.has(foldCase(name)) && !isHostColumn(name))
      .map((name) => `column ${name}`),
    ...(await find('index_name', 'duckdb_indexes()')).map((name) => `index ${name}`),
    ...(await find('constraint_type', 'duckdb_constraints()')).map((type) => `constraint ${type}`),
  ];
  refuseParts(foreign, table, shown);
}
