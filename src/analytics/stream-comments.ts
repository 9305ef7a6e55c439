// Comments on the columns of the tables that hold rows of the streams: what their schemas say.
import type { SqlConnection } from './sql-connection.ts';
import { commentSql, type Stream } from './streams.ts';

/** Comments the columns that have none yet; what somebody said of a column stays. */
export async function commentStreams(connection: SqlConnection, streams: readonly Stream[]): Promise<void> {
  const silent = await connection.rows(`
    SELECT table_name, lower(table_name) AS relation, column_name, lower(column_name) AS name FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = current_schema() AND NOT internal AND comment IS NULL`);
  for (const { name, imported, columns } of streams) {
    const described = new Map(columns.map((column) => [column.name, column]));
    for (const { table_name: table, relation, column_name: column, name: known } of silent) {
      if (relation !== name && relation !== imported) continue;
      const description = described.get(String(known))?.description;
      if (description !== undefined)
        await connection.run(commentSql(String(table), { name: String(column), description }));
    }
  }
}
