// A table that is replaced by another loses what people added to it: columns, indexes, constraints. So it is not replaced then.
import { ConnectorError } from '../../core/errors.ts';
import type { Session } from '../../duckdb/session.ts';
import { foldCase } from '../../tables/columns.ts';
import type { OwnedTable } from './bookkeeping.ts';

/** Columns that hosts ask us for: they are ours, whatever the settings are today. */
const hostColumns = /^_(airbyte|sdc)_/;

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
      .filter((name) => !ours.has(foldCase(name)) && !hostColumns.test(name))
      .map((name) => `column ${name}`),
    ...(await find('index_name', 'duckdb_indexes()')).map((name) => `index ${name}`),
    ...(await find('constraint_type', 'duckdb_constraints()')).map((type) => `constraint ${type}`),
  ];
  if (foreign.length === 0) return;
  throw new ConnectorError(
    `The table ${table} in ${shown} is to be replaced and has what was not made by gong-elt: ${foreign.join(', ')}.`,
    {
      area: 'destination',
      hint: 'drop that, or put it into a table or view of its own; or choose a mode that keeps the table',
      fields: { path: shown, table },
    },
  );
}
