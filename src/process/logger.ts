// Logs for people and for machines, on stderr. The sink: everything that is said passes redaction and loses its control characters.
import { styleText } from 'node:util';
import type { ConnectorError, ErrorFields } from '../core/errors.ts';
import { StoppedError, toConnectorError } from '../core/errors.ts';
import { isShown, type Log, type LogLevel } from '../core/log.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import type { Redactor } from './redaction.ts';
import type { Screen } from './screen.ts';
import { toTerminalLine, toTerminalText } from './terminal-text.ts';

export interface LoggerOptions {
  readonly screen: Screen;
  readonly redactor: Redactor;
  readonly format: 'human' | 'json';
  /** The least important level that is shown. */
  readonly level: LogLevel;
  /** Shows fields to people, and stacks of errors. */
  readonly details: boolean;
  readonly color: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Logger {
  readonly log: Log;
  /** What happened, where, why likely, and the next step. */
  error(error: ConnectorError): void;
}

export function createLogger(options: LoggerOptions): Logger {
  const { screen, redactor, color } = options;

  function writeJson(level: LogLevel, msg: string, fields: ErrorFields) {
    const text = JSON.stringify({ ts: new Date(options.now()).toISOString(), level, msg, ...fields });
    screen.line(toTerminalText(redactor.redact(text)));
  }

  function writeHuman(level: LogLevel, msg: string, fields: ErrorFields) {
    const details = options.details ? fieldsText(fields) : '';
    screen.line(`${levelText(level, color)}${toTerminalText(redactor.redact(`${msg}${details}`))}`);
  }

  const write = options.format === 'json' ? writeJson : writeHuman;
  return {
    log(level, message, fields = {}) {
      if (isShown(level, options.level)) write(level, message, fields);
    },
    error(error) {
      if (options.format === 'json') return writeJson('error', error.message, errorFields(error));
      const hint = error.hint === undefined ? '' : ` → ${error.hint}`;
      writeHuman(
        'error',
        `${error.message}${error.message.includes('\n') ? hint.replace(' ', '\n  ') : hint}`,
        error.fields,
      );
      if (options.details) for (const line of causeLines(error)) writeHuman('debug', line, {});
    },
  };
}

/** What went wrong as part of a `--json` answer. */
export function errorAnswer(thrown: unknown): { error: ErrorFields } {
  if (thrown instanceof StoppedError) return { error: { message: thrown.message, exit_code: exitCodes.incomplete } };
  const error = toConnectorError(thrown);
  return { error: { message: error.message, ...errorFields(error) } };
}

function errorFields(error: ConnectorError): ErrorFields {
  return {
    ...error.fields,
    area: error.area,
    exit_code: exitCodeOf(error),
    next_step: error.hint,
    resume_at: error.resumeAt === undefined ? undefined : new Date(error.resumeAt).toISOString(),
  };
}

function levelText(level: LogLevel, color: boolean): string {
  if (level === 'info') return '';
  const styles = { error: 'red', warn: 'yellow', debug: 'gray' } as const;
  return `${color ? styleText(styles[level], level, { validateStream: false }) : level}: `;
}

function fieldsText(fields: ErrorFields): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined);
  return pairs.map(([name, value]) => ` ${name}=${toTerminalLine(String(value))}`).join('');
}

/**
 * Where the error came from and what caused it: names, codes and stack frames. Not the messages of others: parsers and
 * databases quote what they could not read, and that may be somebody's sentence.
 */
function causeLines(error: unknown): string[] {
  const lines: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    const { code } = at as { code?: unknown };
    const frames = (at.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
    lines.push(
      [`${depth === 0 ? '' : 'caused by '}${at.name}${code === undefined ? '' : ` ${String(code)}`}`, ...frames].join(
        '\n',
      ),
    );
  }
  return lines;
}
