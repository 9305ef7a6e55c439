// How rooms talk to people: through a function that is handed in. Text never holds a name, an e-mail, a title or a sentence.
import type { ErrorFields } from './errors.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export type Log = (level: LogLevel, message: string, fields?: ErrorFields) => void;

export const noLog: Log = () => {};
