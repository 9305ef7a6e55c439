// Surroundings for what runs in the tests' own process.
import { systemClock } from '../../src/core/clock.ts';
import { noCrashPoint } from '../../src/core/crash-point.ts';
import { noLog } from '../../src/core/log.ts';
import type { Machine } from '../../src/core/machine.ts';
import type { Environment } from '../../src/pipeline/environment.ts';
import { thisMachine } from '../../src/process/machine.ts';

export const machine: Machine = { ...thisMachine({}), userAgent: 'gong-elt-test' };

export function environmentOf(given: Partial<Environment> = {}): Environment {
  return {
    clock: systemClock,
    log: noLog,
    crashPoint: noCrashPoint,
    signal: new AbortController().signal,
    machine,
    ...given,
  };
}
