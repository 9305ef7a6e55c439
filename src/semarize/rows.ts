// An ended run → a row of `semarize_runs`.
import type { JsonObject } from '../core/json.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { RunRow } from './row-schemas.ts';
import type { KeyClass } from './run-body.ts';
import { runSchema } from './schemas.ts';

/**
 * @param entry a terminal entry: it holds the run as answered.
 * @param extractedAt milliseconds since the epoch
 */
export function toRunRow(entry: LedgerEntry & { result: JsonObject }, keyClass: KeyClass, extractedAt: number): RunRow {
  const run = runSchema.parse(entry.result);
  const runType = run.run_type ?? 'api';
  return {
    run_id: run.run_id,
    call_id: entry.callId,
    started_at: entry.startedAt,
    kit_code: entry.kit,
    kit_version_requested: entry.version,
    kit_version_id: run.kit_version_id ?? entry.version,
    status: run.status,
    run_type: runType,
    is_sandbox: keyClass === 'test' || runType === 'sandbox',
    origin: 'connector',
    transcript_hash: entry.transcriptHash,
    input_chars: entry.inputChars,
    attempt: entry.attempt,
    idempotency_key: entry.key,
    requested_at: new Date(entry.createdAt).toISOString(),
    finished_at: new Date(entry.finishedAt ?? extractedAt).toISOString(),
    duration_ms: run.duration_ms === undefined || run.duration_ms === null ? null : Math.round(run.duration_ms),
    error_code: run.error_code ?? null,
    error_message: run.error_message ?? null,
    error_user_message: run.error_user_message ?? null,
    bricks: (run.output?.bricks as JsonObject | null | undefined) ?? null,
    raw: entry.result,
    extracted_at: new Date(extractedAt).toISOString(),
  };
}
