// What a file holds of our three streams, to compare the ways in which it got there.
import { openForReading } from '../../src/duckdb/connection.ts';

/** When we looked, and what depends on it; and the columns of hosts. */
const times =
  /^(extracted_at|closed_seen_at|context_read_at|transcript_status_at|requested_at|finished_at|_airbyte_.*)$/;

/** By table: columns with their types, and all rows. */
export async function contentOf(path: string) {
  const database = await openForReading(path);
  try {
    return await database.exclusive(async (session) => {
      const content: Record<string, { types: string[]; rows: unknown[] }> = {};
      for (const table of ['calls', 'transcripts', 'semarize_runs']) {
        const columns = (await session.rows(`DESCRIBE ${table}`)).filter(
          ({ column_name: name }) => !times.test(String(name)),
        );
        const names = columns.map(({ column_name: name }) => `"${String(name)}"`).join(', ');
        const types = columns
          .map(({ column_name: name, column_type: type }) => `${String(name)} ${String(type)}`)
          .sort();
        content[table] = { types, rows: await session.rows(`SELECT ${names} FROM ${table} ORDER BY ALL`) };
      }
      return content;
    });
  } finally {
    await database.close();
  }
}
