// What a log is told of streams that somebody else named.
import type { Log } from '../core/log.ts';

/** A name that somebody else chose, for a log. */
export function quoted(name: string): string {
  return JSON.stringify(name.replace(/\p{Cc}/gu, ' ').slice(0, 100));
}

/** A field of records that their schema does not have. */
export function warnOfUndeclared(log: Log, stream: string, property: string): void {
  log('warn', `stream ${quoted(stream)}: the field ${quoted(property)} is not in its schema and is not stored`);
}

/** A message that would take older versions away, of a stream whose records do not say which version they are of. */
export function warnOfUnversioned(log: Log, stream: string): void {
  log('warn', `stream ${quoted(stream)}: ACTIVATE_VERSION is left alone, since its records carry no version`);
}
