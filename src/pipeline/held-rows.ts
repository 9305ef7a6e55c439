// What the destination holds of calls and transcripts, as far as a sync has to know it: with that it needs no memory of its own.
import { relationNames } from '../duckdb/relations.ts';
import type { HeldRow, HeldRows } from '../source/held-rows.ts';
import type { ReadingEnvironment } from './environment.ts';
import type { Place } from './places/place.ts';

const chunkRows = 10_000;

const queries: Readonly<Record<keyof HeldRows, string>> = {
  calls: `SELECT call_id, content_hash, transcript_status, transcript_status_reason FROM calls`,
  transcripts: `SELECT call_id, transcript_hash, text IS NULL AS is_withheld FROM transcripts`,
};

export function heldRows(place: Place, environment: ReadingEnvironment): HeldRows {
  return { calls: rowsOf('calls', place, environment), transcripts: rowsOf('transcripts', place, environment) };
}

async function* rowsOf(table: keyof HeldRows, place: Place, environment: ReadingEnvironment): AsyncGenerator<HeldRow> {
  if (!(await place.isPresent(environment))) return;
  const database = await place.openReader(environment, { streams: [table] });
  try {
    if (!(await database.exclusive(relationNames)).has(table)) return;
    for (let after = ''; ; ) {
      const rows = await database.exclusive((session) =>
        session.rows(`${queries[table]} WHERE call_id > $1 ORDER BY call_id LIMIT ${chunkRows}`, [after]),
      );
      for (const row of rows) {
        after = String(row['call_id']);
        yield row;
      }
      if (rows.length < chunkRows) return;
    }
  } finally {
    await database.close();
  }
}
