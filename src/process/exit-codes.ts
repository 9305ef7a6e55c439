// What a shell or a scheduler is told. The area of the first fatal error decides; 1 and 5 come from a sync's own result.
import type { ConnectorError, ErrorArea } from '../core/errors.ts';

export const exitCodes = {
  complete: 0,
  /** A selected stream is incomplete, and nothing fatal happened. */
  incomplete: 1,
  config: 2,
  credentials: 3,
  quota: 4,
  /** A person's sync reached max_runs_per_sync with work left. */
  budget: 5,
  service: 6,
  destination: 7,
  busy: 8,
  bug: 70,
} as const satisfies Record<ErrorArea | 'complete' | 'incomplete' | 'budget', number>;

export function exitCodeOf(error: ConnectorError): number {
  return exitCodes[error.area];
}
