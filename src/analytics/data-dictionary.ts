// The view data_dictionary: name, type and meaning of every column. Its rows stand in the view itself, because duckdb_columns() of a
// reader lists his own databases, too, and knows no difference between theirs and ours.
import { martsMark } from '../duckdb/relations.ts';
import { quoteLiteral } from '../duckdb/sql.ts';
import type { SqlConnection } from './sql-connection.ts';
import type { GeneratedView } from './wide-views.ts';

const columns: readonly (readonly [name: string, comment: string])[] = [
  ['relation', 'Key. Name of the table or view.'],
  ['kind', 'table or view.'],
  ['relation_comment', 'What it is; NULL for a table that a loader made.'],
  ['position', 'Place of the column, from 1.'],
  ['column_name', 'Key. Name of the column.'],
  ['data_type', 'Type in DuckDB.'],
  ['comment', 'What the column says.'],
];

/**
 * @param streams names of the streams' tables
 * @returns undefined while there is nothing to list
 */
export async function dictionaryView(
  connection: SqlConnection,
  streams: readonly string[],
): Promise<GeneratedView | undefined> {
  const rows = await connection.rows(`
    WITH relations AS (
      SELECT table_name AS name, 'table' AS kind, comment, database_name, schema_name FROM duckdb_tables() WHERE NOT temporary
      UNION ALL SELECT view_name, 'view', comment, database_name, schema_name FROM duckdb_views() WHERE NOT temporary)
    SELECT r.name AS relation, r.kind, r.comment AS relation_comment, c.column_index AS position, c.column_name, c.data_type, c.comment
    FROM relations r JOIN duckdb_columns() c
      ON c.table_name = r.name AND c.database_name = r.database_name AND c.schema_name = r.schema_name
    WHERE r.database_name = current_database() AND r.schema_name = current_schema() AND r.name <> 'data_dictionary'
      AND (contains(coalesce(r.comment, ''), '${martsMark}') OR lower(r.name) IN (${streams.map(quoteLiteral).join(', ')}))
    ORDER BY r.name, c.column_index`);
  if (rows.length === 0) return undefined;
  const names = columns.map(([name]) => name);
  const literal = (value: unknown) =>
    value === null || value === undefined ? 'NULL' : typeof value === 'string' ? quoteLiteral(value) : String(value);
  const values = rows.map((row) => `(${names.map((name) => literal(row[name])).join(', ')})`);
  return {
    view: 'data_dictionary',
    sql: [
      `CREATE OR REPLACE VIEW data_dictionary AS SELECT relation, kind, relation_comment::VARCHAR AS relation_comment, position::INTEGER AS "position", column_name, data_type, comment::VARCHAR AS comment FROM (VALUES ${values.join(',\n')}) d(${names.map((name) => `"${name}"`).join(', ')});`,
      `COMMENT ON VIEW data_dictionary IS 'Every column of the streams and of our tables and views, one row a column. ${martsMark}.';`,
      ...columns.map(([name, comment]) => `COMMENT ON COLUMN data_dictionary."${name}" IS ${quoteLiteral(comment)};`),
    ].join('\n'),
  };
}
