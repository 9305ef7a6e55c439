// The columns of the stream `semarize_runs`: one row per ended run. A brick is never a column.
import { z } from 'zod';
import { flag, instant, integer, openObject, text } from '../core/row-fields.ts';

export const runRowSchema = z.object({
  run_id: z.string().describe('Key.'),
  call_id: text().describe('The call; null for a collected run that matches none.'),
  started_at: instant().describe('Start of the call.'),
  kit_code: text().describe('The kit.'),
  kit_version_requested: text().describe('The version the configuration pins.'),
  kit_version_id: text().describe('As answered; the requested one where the answer has none.'),
  status: text().describe('succeeded, failed or cancelled.'),
  run_type: text().describe('api or sandbox.'),
  is_sandbox: flag().describe('Made with a test key, or of type sandbox.'),
  origin: text().describe('connector, or collected: made elsewhere.'),
  transcript_hash: text().describe('What was evaluated.'),
  input_chars: integer().describe('Characters that were evaluated.'),
  attempt: integer().describe('Number of the attempt at this text, from 1.'),
  idempotency_key: text().describe('The key the run was asked for under.'),
  requested_at: instant().describe('Our clock.'),
  finished_at: instant().describe('Our clock: when the end was first seen.'),
  duration_ms: integer().describe('Milliseconds, as answered.'),
  error_code: text().describe('Of a run that failed.'),
  error_message: text().describe('Of a run that failed, for operators.'),
  error_user_message: text().describe('Of a run that failed, for people.'),
  bricks: openObject().describe('output.bricks as answered: brick key → {value, confidence, reason, evidence}.'),
  raw: openObject().describe('The whole run object.'),
  extracted_at: instant().describe('When the row was read from Semarize, UTC.'),
});

export type RunRow = z.infer<typeof runRowSchema>;
