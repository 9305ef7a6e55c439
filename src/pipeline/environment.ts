// What every function of the pipeline is handed: time, talk, an end, and the machine.
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import type { Log } from '../core/log.ts';
import type { Machine } from '../core/machine.ts';

/** What reading needs of it. */
export type ReadingEnvironment = Pick<Environment, 'clock' | 'log' | 'machine'>;

export interface Environment {
  readonly clock: Clock;
  readonly log: Log;
  readonly crashPoint: CrashPoint;
  /** Aborted: start nothing new, commit what came, return. */
  readonly signal: AbortSignal;
  readonly machine: Machine;
}
