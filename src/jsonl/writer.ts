// Lines out, at the pace of whoever reads them. Made for stdout, where a dead reader and an early exit lose data in silence.
import type { Writable } from 'node:stream';
import { ConnectorError, StoppedError } from '../core/errors.ts';

export interface LineWriter {
  /**
   * Takes text that ends with `\n`. Text given in one turn of the event loop goes out together.
   * @returns undefined, or a promise to await before writing more, which resolves when the reader has caught up.
   * @throws StoppedError when the reader hung up; ConnectorError `destination` when the output cannot be written.
   */
  write(text: string | Buffer): Promise<void> | undefined;
  /** Resolves when all that was written has left the process, which may then end. Throws as `write` does. */
  finish(): Promise<void>;
  /** Aborted, with the error that `write` throws, as soon as the output is known to be gone: stop working, above all spending. */
  readonly signal: AbortSignal;
}

/** Enough to keep a pipe busy, little enough to lose and send again. */
const batchBytes = 64 * 1024;

export function createLineWriter(output: Writable): LineWriter {
  const gone = new AbortController();
  let waiting: (string | Buffer)[] = [];
  let waitingBytes = 0;
  let scheduled: NodeJS.Immediate | undefined;

  output.on('error', (error: NodeJS.ErrnoException) => gone.abort(toWriteError(error)));
  output.on('close', () => gone.abort(new StoppedError('the output was closed')));

  function send(onWritten?: (error?: Error | null) => void): boolean {
    clearImmediate(scheduled);
    scheduled = undefined;
    const batch = Buffer.concat(waiting.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
    waiting = [];
    waitingBytes = 0;
    return output.write(batch, onWritten);
  }

  return {
    signal: gone.signal,
    write(text) {
      gone.signal.throwIfAborted();
      waiting.push(text);
      waitingBytes += text.length;
      if (waitingBytes < batchBytes && !output.writableNeedDrain) {
        scheduled ??= setImmediate(() => {
          if (!gone.signal.aborted) send();
        });
        return undefined;
      }
      if (send()) return undefined;
      const caughtUp = until(gone.signal, (resolve) => output.once('drain', resolve));
      // Who does not wait hears of a dead reader by the signal.
      caughtUp.catch(() => {});
      return caughtUp;
    },
    async finish() {
      gone.signal.throwIfAborted();
      // Writes are done in order, so the last one answers for all.
      await until(gone.signal, (resolve) => {
        send((error) => {
          // A failed write calls back before the stream says so.
          if (error) gone.abort(toWriteError(error));
          resolve();
        });
      });
    },
  };
}

/** Resolves by `start`'s callback, unless the signal is aborted first: then it rejects with its reason. */
function until(signal: AbortSignal, start: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    start(() => {
      signal.removeEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
      else resolve();
    });
  });
}

function toWriteError(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
    return new StoppedError('the reader of our output hung up', { cause: error });
  return new ConnectorError(`Our output could not be written (${error.code ?? error.name}).`, {
    area: 'destination',
    hint: 'check the disk and the program that reads the output, then run the same command again',
    cause: error,
  });
}
