// How rooms talk to people: through a function that is handed in. Text never holds a name, an e-mail, a title or a sentence.
import type { ErrorFields } from './errors.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export type Log = (level: LogLevel, message: string, fields?: ErrorFields) => void;

export const noLog: Log = () => {};

const levels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** Is `level` as important as `least`, or more? */
export function isShown(level: LogLevel, least: LogLevel): boolean {
  return levels.indexOf(level) <= levels.indexOf(least);
}

const otherNames: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  warning: 'warn',
  critical: 'error',
  fatal: 'error',
};

/** The level that an environment variable of a host names, in any case; `info` for none and for what is no level. */
export function readLogLevel(name: string | undefined): LogLevel {
  const level = name?.toLowerCase() ?? '';
  return (
    levels.find((known) => known === level) ??
    (Object.hasOwn(otherNames, level) ? otherNames[level] : undefined) ??
    'info'
  );
}

/** For places with room for one text: `message key=value …`. */
export function logText(message: string, fields: ErrorFields = {}): string {
  const details = Object.entries(fields).filter(([, value]) => value !== undefined);
  return message + details.map(([key, value]) => ` ${key}=${value}`).join('');
}
