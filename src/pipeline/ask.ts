// One question to a place in SQL, by a reader that cannot change it.
import type { AnalyticsSettings } from '../analytics/settings.ts';
import { ConnectorError } from '../core/errors.ts';
import type { Database } from '../duckdb/connection.ts';
import type { NamedBindings, Session, TypedResult } from '../duckdb/session.ts';
import { type AttachedFile, attachFile } from './attach-file.ts';
import type { Environment } from './environment.ts';
import type { Place } from './places/place.ts';
import { toQueryError } from './query-error.ts';

export interface Question {
  /** One statement. */
  readonly sql: string;
  readonly parameters?: NamedBindings;
  /** Files that the SQL may name as tables. */
  readonly attached?: readonly AttachedFile[];
  /** May the SQL read any file of this machine? */
  readonly readsFiles?: boolean;
  /** With the macros of analytics/macros.sql. */
  readonly hasMacros?: boolean;
  /** Milliseconds to wait for a file that somebody writes; default: the place's own. */
  readonly waitMs?: number | undefined;
  /** Milliseconds that DuckDB may work on it; default: as long as it takes. */
  readonly timeoutMs?: number | undefined;
  /** The asker's settings of marts, where they have to be made. */
  readonly marts?: () => Promise<AnalyticsSettings | undefined>;
}

/**
 * @param use gets the answer as it is computed; what it leaves of it is not computed
 * @throws ConnectorError: `config` for SQL that is wrong, changes something, or takes too long; as `openReader`. StoppedError.
 */
export async function ask<T>(
  place: Place,
  question: Question,
  environment: Environment,
  use: (answer: TypedResult) => Promise<T>,
): Promise<T> {
  const database = await openReader(place, question, environment);
  const patience = createPatience(environment, question.timeoutMs);
  try {
    return await database.exclusive(async (session) => {
      try {
        await prepare(session, question);
        await patience.wait(() => checkStatement(session, place, question), session);
        const { columns, chunks } = await patience.wait(
          () => session.streamTyped(question.sql, question.parameters),
          session,
        );
        return await use({ columns, chunks: patiently(chunks, patience, session) });
      } finally {
        // What was not asked for is not computed, and closing needs the connection at rest.
        session.interrupt();
      }
    });
  } finally {
    // Closing under a running query would crash the process; nothing is lost when it ends without it.
    if (!patience.isWaiting()) await database.close();
  }
}

async function openReader(place: Place, question: Question, environment: Environment): Promise<Database> {
  const { marts, waitMs, attached = [], readsFiles = false } = question;
  try {
    return await place.openReader(environment, {
      marts: marts ?? (async () => undefined),
      waitMs,
      files: attached.map(({ path }) => path),
      ...(readsFiles && { folders: ['/'] }),
    });
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.area !== 'busy') throw error;
    throw new ConnectorError(error.message, {
      area: 'busy',
      hint: 'wait longer (--wait 60), close it there, or ask a lake, which has no lock',
      fields: error.fields,
      cause: error,
    });
  }
}

async function prepare(session: Session, { hasMacros = false, attached = [] }: Question): Promise<void> {
  if (hasMacros) {
    const { readMacros } = await import('../analytics/macros.ts');
    await session.run(await readMacros());
  }
  for (const file of attached) await attachFile(session, file);
}

async function checkStatement(session: Session, place: Place, question: Question): Promise<void> {
  const { kinds, parameters, onlyReads } = await session.inspect(question.sql);
  const given = Object.keys(question.parameters ?? {});
  if (kinds.length === 0)
    throw new ConnectorError('The query is empty.', { area: 'config', hint: 'gong-elt query --help' });
  if (kinds.length > 1)
    throw new ConnectorError(`The query holds ${kinds.length} statements (${kinds.join(', ')}); one is answered.`, {
      area: 'config',
      hint: kinds.includes('PIVOT') ? 'give PIVOT its IN list' : 'ask one at a time, or join them: WITH … SELECT',
    });
  if (!onlyReads && (place.takesOnlySelects || question.readsFiles || question.attached?.length))
    throw new ConnectorError(`${kinds[0]} is not answered here, only a SELECT and the EXPLAIN of one.`, {
      area: 'config',
      hint: 'write it as one SELECT: what may read files, as a lake must, may not write them',
    });
  const missing = parameters.filter((name) => !given.includes(name));
  const unused = given.filter((name) => !parameters.includes(name));
  if (missing.length > 0)
    throw new ConnectorError(`The query has $${missing.join(', $')}, and no value for it is given.`, {
      area: 'config',
      hint: `--param ${missing[0]}=VALUE`,
    });
  if (unused.length > 0)
    throw new ConnectorError(`The query has no $${unused.join(', $')}.`, {
      area: 'config',
      hint: parameters.length === 0 ? 'write $name where its value belongs' : `it has $${parameters.join(', $')}`,
    });
}

interface Patience {
  /** DuckDB's answer, or what its error means. A signal does not wait for it, and neither does a time-out. */
  wait<T>(question: () => Promise<T>, session: Session): Promise<T>;
  isWaiting(): boolean;
}

function createPatience({ clock, signal }: Environment, timeoutMs = Number.POSITIVE_INFINITY): Patience {
  let waiting = 0;
  let left = timeoutMs;
  return {
    async wait<T>(question: () => Promise<T>, session: Session): Promise<T> {
      signal.throwIfAborted();
      waiting += 1;
      const began = clock.monotonic();
      const answer = question().finally(() => {
        waiting -= 1;
        left -= clock.monotonic() - began;
      });
      const over = new AbortController();
      // Promises that are made for this question alone: what races with one that stays is kept as long as that.
      const ends: Promise<T>[] = [answer, untilAborted(signal, over.signal)];
      if (left !== Number.POSITIVE_INFINITY) ends.push(clock.sleep(left, over.signal).then(() => tooLong(timeoutMs)));
      for (const end of ends) end.catch(() => {});
      try {
        return await Promise.race(ends);
      } catch (error) {
        if (waiting > 0) session.interrupt();
        if (error instanceof ConnectorError) await answer.catch(() => {});
        throw signal.aborted ? signal.reason : toQueryError(error);
      } finally {
        over.abort();
      }
    },
    isWaiting: () => waiting > 0,
  };
}

function tooLong(timeoutMs: number): never {
  throw new ConnectorError(`The query took longer than ${timeoutMs / 1000} s.`, {
    area: 'config',
    hint: 'ask for less, give it more time (--timeout), or keep the bricks as a table: gong-elt marts --materialize',
  });
}

/** Rejects when `signal` is aborted; forgotten with `over`. */
function untilAborted(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over });
  });
}

async function* patiently<T>(chunks: AsyncIterable<T>, patience: Patience, session: Session): AsyncGenerator<T> {
  const iterator = chunks[Symbol.asyncIterator]();
  for (;;) {
    const next = await patience.wait(() => iterator.next(), session);
    if (next.done) return;
    yield next.value;
  }
}
