// Logs of the Singer faces, on stderr: `LEVEL message`, or one JSON object per line when the host says that it reads those.
import { readFileSync } from 'node:fs';
import { errorText } from '../../core/errors.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { isShown, type Log, logText, readLogLevel } from '../../core/log.ts';
import type { EndingWords } from '../../process/ending.ts';
import type { ProgramIo } from '../../process/program.ts';
import { toTerminalLine } from '../../process/terminal-text.ts';

/** A counter says what came since its last line, a timer how many seconds something took. */
export interface Metric {
  readonly type: 'counter' | 'timer';
  readonly metric: string;
  readonly value: number;
  readonly tags: JsonObject;
}

/** The last words of a failed run are one line. */
export interface SingerLog extends EndingWords {
  readonly log: Log;
  readonly metric: (metric: Metric) => void;
}

const levelNames = { error: 'ERROR', warn: 'WARNING', info: 'INFO', debug: 'DEBUG' } as const;

/** @param name of the program */
export function createSingerLog(io: ProgramIo, name: string): SingerLog {
  const least = readLogLevel(io.env[`${variablePrefix(name)}LOGLEVEL`] ?? io.env['LOGLEVEL']);
  const write = readsStructure(io.env['SINGER_SDK_LOG_CONFIG']) ? writeStructured : writePlain;

  function writePlain(level: string, message: string, metric: Metric | undefined) {
    const text = metric === undefined ? message : `METRIC: ${JSON.stringify(metric)}`;
    io.stderr.write(`${level} ${toTerminalLine(io.redactor.redact(text))}\n`);
  }

  function writeStructured(level: string, message: string, metric: Metric | undefined) {
    const line: JsonObject = {
      level: level.toLowerCase(),
      pid: io.pid,
      logger_name: name,
      ts: io.clock.now() / 1000,
      thread_name: null,
      app_name: name,
      stream_name: metric?.tags['stream'] ?? null,
      message: toTerminalLine(
        metric === undefined ? message : ['METRIC', metric.tags['stream'] ?? []].flat().join(' '),
      ),
      ...(metric === undefined ? {} : { metric_info: { ...metric } }),
    };
    io.stderr.write(`${io.redactor.redact(JSON.stringify(line))}\n`);
  }

  const log: Log = (level, message, fields) => {
    if (isShown(level, least)) write(levelNames[level], logText(message, fields), undefined);
  };
  return {
    log,
    metric(metric) {
      if (isShown('info', least)) write('INFO', '', metric);
    },
    incomplete: (reason) => log('error', reason),
    stopped: (reason) => log('warn', reason),
    failed: (error) => write('CRITICAL', errorText(error), undefined),
  };
}

/** `TAP_GONG_SEMARIZE_`: how a plugin's environment variables begin. */
export function variablePrefix(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_`;
}

/** Meltano hands plugins a file with Python's logging settings, which name this formatter when it will parse such lines. */
function readsStructure(path: string | undefined): boolean {
  if (path === undefined) return false;
  try {
    const { formatters } = JSON.parse(readFileSync(path, 'utf8')) as JsonObject;
    const list = isJsonObject(formatters) ? Object.values(formatters).filter(isJsonObject) : [];
    return list.some((formatter) =>
      [formatter['()'], formatter['class']].includes('singer_sdk.logging.StructuredFormatter'),
    );
  } catch {
    return false;
  }
}
