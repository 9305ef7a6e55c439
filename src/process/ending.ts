// How a run for a host ends: by its result or by what it threw, told once, and as an exit code.
import { type ConnectorError, StoppedError, toConnectorError } from '../core/errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';

/** The words that a host has for an end that is not the good one. */
export interface EndingWords {
  /** It came to its end without being complete. */
  incomplete(reason: string): void;
  /** Somebody asked it to stop, so it is no failure. */
  stopped(reason: string): void;
  failed(error: ConnectorError): void;
}

/**
 * @param incomplete why a run that came to its end is not complete
 * @returns the exit code
 */
export function endOfRun(incomplete: string | undefined, words: EndingWords): number {
  if (incomplete === undefined) return exitCodes.complete;
  words.incomplete(incomplete);
  return exitCodes.incomplete;
}

/**
 * @param thrown what ended the run
 * @param signal what the run was to stop by: it knows why, where who was stopped by it may not
 * @returns the exit code
 */
export function endByError(thrown: unknown, signal: AbortSignal, words: EndingWords): number {
  if (thrown instanceof StoppedError) {
    words.stopped((signal.reason instanceof StoppedError ? signal.reason : thrown).message);
    return exitCodes.incomplete;
  }
  const error = toConnectorError(thrown);
  words.failed(error);
  return exitCodeOf(error);
}
