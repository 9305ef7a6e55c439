// Which runs the destination holds: with the ledger, the answer to "is it already paid?".
import { access } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';
import type { CommittedRun } from '../ledger/file-ledger.ts';
import type { Place } from './places.ts';

const chunkRows = 10_000;

export async function* committedRuns(place: Place, clock: Clock): AsyncGenerator<CommittedRun> {
  if (!(await exists(place))) return;
  const { openPlace } = await import('./open-place.ts');
  const database = await openPlace(place, clock);
  try {
    const [table] = await database.exclusive((session) =>
      session.rows(
        `SELECT 1 AS one FROM information_schema.tables WHERE table_name = 'semarize_runs' AND table_schema = current_schema()`,
      ),
    );
    if (table === undefined) return;
    for (let after = ''; ; ) {
      const rows = await database.exclusive((session) =>
        session.rows(
          `SELECT run_id, call_id, epoch_ms(started_at) AS started, kit_code, kit_version_requested, transcript_hash,
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

async function exists({ kind, path }: Place): Promise<boolean> {
  if (kind === 'lake') {
    const { listManifests } = await import('../destinations/lake/manifest.ts');
    return (await listManifests(path)).length > 0;
  }
  return await access(path).then(
    () => true,
    () => false,
  );
}
