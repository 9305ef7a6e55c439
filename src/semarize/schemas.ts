// What Semarize's answers must look like for us: the run id and the status; everything else is optional and kept raw.
import { z } from 'zod';

const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined);

export const runSchema = z.looseObject({
  /** Opaque, and a part of paths and logs. */
  run_id: z.string().regex(/^[\w.:-]{1,128}$/),
  status: z.string().min(1).max(64),
  run_type: lenient(z.string()),
  kit_version_id: lenient(z.string().regex(/^[\w.:-]{1,128}$/)),
  /** A month at the most: what no run can last counts as unset. */
  duration_ms: lenient(z.number().min(0).max(2_678_400_000)),
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
  /** Up to nine digits, like `Retry-After` itself. */
  retry_after_seconds: lenient(z.number().min(0).max(999_999_999)),
});

const terminalStatuses = new Set(['succeeded', 'failed', 'cancelled']);

/** Unknown statuses count as "not ended yet", within the polling bound. */
export function isTerminal(run: Pick<Run, 'status'>): boolean {
  return terminalStatuses.has(run.status);
}
