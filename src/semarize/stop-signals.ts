// The two ways to end: nothing new from now on, and, after a time of grace, not even answers that are on their way.
import { setMaxListeners } from 'node:events';
import { StoppedError } from '../core/errors.ts';

export interface StopSignals {
  /** Fired: nothing is begun any more. */
  readonly halt: AbortSignal;
  /** Fired a time of grace after `halt`: what is under way is given up. */
  readonly giveUp: AbortSignal;
  stop(): void;
}

/** Answers in flight are awaited this long; real time, whatever clock the sync runs on. */
const graceMs = 30_000;

/** @param onHalt called once, right after `halt` fired */
export function createStopSignals(outer: AbortSignal, onHalt: () => void): StopSignals {
  const halt = new AbortController();
  const giveUp = new AbortController();
  // Every run under way listens to them.
  setMaxListeners(0, halt.signal, giveUp.signal);
  const stop = () => {
    if (halt.signal.aborted) return;
    outer.removeEventListener('abort', stop);
    halt.abort(new StoppedError('stopped'));
    setTimeout(() => giveUp.abort(new StoppedError('stopped')), graceMs).unref();
    onHalt();
  };
  if (outer.aborted) stop();
  else outer.addEventListener('abort', stop, { once: true });
  return { halt: halt.signal, giveUp: giveUp.signal, stop };
}

/** `work`, or a StoppedError as soon as `halt` fires; what was begun goes on by itself then. */
export function unlessHalted(work: Promise<void>, halt: AbortSignal): Promise<void> {
  work.catch(() => {});
  return new Promise((resolve, reject) => {
    const onHalt = () => reject(new StoppedError('stopped'));
    if (halt.aborted) return onHalt();
    halt.addEventListener('abort', onHalt, { once: true });
    work.then(resolve, reject).finally(() => halt.removeEventListener('abort', onHalt));
  });
}
