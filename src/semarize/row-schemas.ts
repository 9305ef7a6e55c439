// The columns of the stream `semarize_runs`: one row per ended run. A brick is never a column.
import { z } from 'zod';
import { flag, instant, integer, openObject, text } from '../core/row-fields.ts';

export const runRowSchema = z.object({
  run_id: z.string().describe('Key.'),
  call_id: text(),
  started_at: instant().describe('Start of the call.'),
  kit_code: text(),
  kit_version_requested: text().describe('The version the configuration pins.'),
  kit_version_id: text().describe('As answered; the requested one where the answer has none.'),
  status: text().describe('succeeded, failed or cancelled.'),
  run_type: text().describe('api or sandbox.'),
  is_sandbox: flag().describe('Made with a test key, or of type sandbox.'),
  origin: text().describe('connector, or collected: made elsewhere.'),
  transcript_hash: text().describe('What was evaluated.'),
  input_chars: integer(),
  attempt: integer(),
  idempotency_key: text(),
  requested_at: instant().describe('Our clock.'),
  finished_at: instant().describe('Our clock: when the end was first seen.'),
  duration_ms: integer().describe('Milliseconds, as answered.'),
  error_code: text(),
  error_message: text(),
  error_user_message: text(),
  bricks: openObject().describe('output.bricks as answered: brick key → {value, confidence, reason, evidence}.'),
  raw: openObject().describe('The whole run object.'),
  extracted_at: instant(),
});

export type RunRow = z.infer<typeof runRowSchema>;
