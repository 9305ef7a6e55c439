// What an Airbyte host is told beside the data: messages on stdout, and on stderr only when nobody reads those any more.
import { ConnectorError, errorText } from '../../core/errors.ts';
import { isShown, type Log, logText, readLogLevel } from '../../core/log.ts';
import type { LineWriter } from '../../jsonl/writer.ts';
import type { EndingWords } from '../../process/ending.ts';
import type { ProgramIo } from '../../process/program.ts';
import { encodeError, encodeFailure, encodeLog } from '../../protocol/airbyte/encode.ts';

export interface AirbyteLog extends EndingWords {
  readonly log: Log;
  /** @param stream the one that failed, when it is one */
  failed(error: ConnectorError, stream?: string): void;
}

/**
 * @param name of the program
 * @param isDebug shows everything, whatever level the host sets
 */
export function createAirbyteLog(io: ProgramIo, output: LineWriter, name: string, isDebug: boolean): AirbyteLog {
  const least = isDebug ? 'debug' : readLogLevel(io.env['LOG_LEVEL']);
  const { redact } = io.redactor;

  /** @param line made only when somebody reads it @param text for the other case */
  function say(line: () => string, text: string) {
    if (!output.signal.aborted) output.write(line());
    else io.stderr.write(`${name}: ${redact(text)}\n`);
  }

  return {
    log(level, message, fields) {
      if (!isShown(level, least) || output.signal.aborted) return;
      output.write(encodeLog(level, redact(logText(message, fields))));
    },
    incomplete(reason) {
      const message = redact(reason);
      say(() => encodeFailure({ message, failureType: 'system_error' }, io.clock), reason);
    },
    stopped(reason) {
      // Shown whatever the level is: it is how the run ended.
      say(() => encodeLog('warn', redact(reason)), reason);
    },
    failed(error, stream) {
      say(() => encodeError(withoutSecrets(error, redact), io.clock, stream), errorText(error));
    },
  };
}

/** The error with the secrets taken out of its texts. */
function withoutSecrets(error: ConnectorError, redact: (text: string) => string): ConnectorError {
  const { hint } = error;
  return new ConnectorError(redact(error.message), {
    ...error,
    cause: error.cause,
    ...(hint === undefined ? {} : { hint: redact(hint) }),
  });
}
