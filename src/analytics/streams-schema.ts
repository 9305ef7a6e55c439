// The schema of a file that holds the streams: the marts stand beside them, since a view finds unqualified names in its own schema.
import { ConnectorError } from '../core/errors.ts';
import { quoteIdent } from '../duckdb/sql.ts';
import type { SqlConnection } from './sql-connection.ts';

export interface StreamsSchemaOptions {
  /** The one that a person names; default: the current one, else the only one that holds a stream. */
  readonly schema?: string | undefined;
  /** Is a file without any stream an error? */
  readonly isRequired?: boolean | undefined;
}

/**
 * Makes it the current schema of the connection.
 * @returns its name
 * @throws ConnectorError of area `config` when several hold streams, or none does that has to
 */
export async function useStreamsSchema(
  connection: SqlConnection,
  { schema, isRequired = false }: StreamsSchemaOptions = {},
): Promise<string> {
  const rows = await connection.rows(`
    SELECT schema_name AS name, schema_name = current_schema() AS is_current FROM duckdb_columns()
    WHERE database_name = current_database() AND NOT internal AND lower(table_name) IN ('calls', 'transcripts', 'semarize_runs')
    GROUP BY ALL ORDER BY name`);
  const names = rows.map(({ name }) => String(name));
  const [current] = await connection.rows('SELECT current_schema() AS name');
  const chosen =
    schema ??
    rows.find(({ is_current: isCurrent }) => isCurrent)?.['name'] ??
    (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined && names.length > 1)
    throw new ConnectorError(`several schemas hold streams: ${names.join(', ')}`, {
      area: 'config',
      hint: `say which: --schema ${names[0]}`,
    });
  if (isRequired && !names.includes(String(chosen)))
    throw new ConnectorError(
      `there is no table calls, transcripts or semarize_runs${schema === undefined ? '' : ` in the schema ${schema}`}`,
      {
        area: 'config',
        hint: `let gong-elt sync, a host or a loader fill them first${names.length === 0 ? '' : `; streams stand in ${names.join(', ')}`}`,
      },
    );
  const name = String(chosen ?? current?.['name']);
  if (name !== current?.['name']) await connection.run(`USE ${quoteIdent(name)}`);
  return name;
}
