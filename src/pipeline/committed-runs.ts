// Which runs the destination holds: with the ledger, the answer to "is it already paid?".
import { relationNames } from '../duckdb/relations.ts';
import type { CommittedRun } from '../ledger/standalone.ts';
import type { ReadingEnvironment } from './environment.ts';
import type { Place } from './places/place.ts';

const chunkRows = 10_000;

export async function* committedRuns(place: Place, environment: ReadingEnvironment): AsyncGenerator<CommittedRun> {
  if (!(await place.isPresent(environment))) return;
  const database = await place.openReader(environment, { streams: ['semarize_runs'] });
  try {
    if (!(await database.exclusive(relationNames)).has('semarize_runs')) return;
    for (let after = ''; ; ) {
      const rows = await database.exclusive((session) =>
        session.rows(
          `SELECT run_id, call_id, epoch_ms(started_at) AS started, kit_code, kit_version_requested, kit_version_id, transcript_hash,
             input_chars, idempotency_key, attempt, epoch_ms(requested_at) AS requested
           FROM semarize_runs WHERE origin = 'connector' AND run_id > $1 ORDER BY run_id LIMIT ${chunkRows}`,
          [after],
        ),
      );
      for (const row of rows) {
        after = String(row['run_id']);
        yield {
          runId: after,
          callId: String(row['call_id']),
          startedAt: new Date(Number(row['started'])).toISOString(),
          kit: String(row['kit_code']),
          version: row['kit_version_requested'] === null ? null : String(row['kit_version_requested']),
          answered: row['kit_version_id'] === null ? undefined : String(row['kit_version_id']),
          transcriptHash: String(row['transcript_hash']),
          inputChars: Number(row['input_chars']),
          key: String(row['idempotency_key']),
          attempt: Number(row['attempt']),
          requestedAt: Number(row['requested']),
        };
      }
      if (rows.length < chunkRows) return;
    }
  } finally {
    await database.close();
  }
}
