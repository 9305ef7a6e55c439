// What Semarize's answers must look like for us: the run id and the status; everything else is optional and kept raw.
import { z } from 'zod';

const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined);

export const runSchema = z.looseObject({
  run_id: z.string().min(1),
  status: z.string().min(1),
  run_type: lenient(z.string()),
  kit_version_id: lenient(z.string()),
  duration_ms: lenient(z.number()),
  output: lenient(z.looseObject({ kit_code: lenient(z.string()), bricks: lenient(z.record(z.string(), z.unknown())) })),
  error_code: lenient(z.string()),
  error_message: lenient(z.string()),
  error_user_message: lenient(z.string()),
});

export type Run = z.infer<typeof runSchema>;

/** The wrapper's key is not documented: `runs`, or the list itself. */
export const runListSchema = z.union([
  z.object({ runs: z.array(runSchema) }).transform((answer) => answer.runs),
  z.array(runSchema),
]);

export const errorSchema = z.object({
  error: lenient(z.string()),
  retry_after_seconds: lenient(z.number()),
});

const terminalStatuses = new Set(['succeeded', 'failed', 'cancelled']);

/** Unknown statuses count as "not ended yet", within the polling bound. */
export function isTerminal(run: Pick<Run, 'status'>): boolean {
  return terminalStatuses.has(run.status);
}
