// Lines of a host or a pipe into a place: open, take the lines, store, acknowledge. Every face that loads does it through here.
import type { ConfiguredCatalog } from '../core/catalog.ts';
import type { Log } from '../core/log.ts';
import type { OnMissingCompletion } from '../load/finish.ts';
import type { LoadSummary } from '../load/summary.ts';
import type { Environment } from './environment.ts';
import type { Lines, LoadResult } from './load-lines.ts';
import type { DestinationOptions, Place } from './places/place.ts';

export interface LoadOptions extends DestinationOptions, Lines {
  readonly place: Place;
  /** The streams that are known before the first message. */
  readonly catalog: ConfiguredCatalog;
  /** Bytes of records after which a batch is committed. */
  readonly batchBytes?: number | undefined;
  /** Records after which a batch is committed, however small they are. */
  readonly batchRows?: number | undefined;
  /** Does a state stand for every one before it? */
  readonly hasWholeStates?: boolean | undefined;
  /** What becomes of a table that is to be replaced when nobody says whether all came; default `keep_old`. */
  readonly onMissingCompletion?: OnMissingCompletion | undefined;
}

/**
 * @throws ConnectorError: of the destination, `busy` included, or of a line that ends the load; StoppedError when the signal was
 * aborted, after the commit of what came
 */
export async function runLoad(options: LoadOptions, environment: Environment): Promise<LoadResult> {
  const { clock, crashPoint, log, signal } = environment;
  const { createLoader } = await import('../load/loader.ts');
  const { loadLines } = await import('./load-lines.ts');
  const destination = await options.place.openDestination(options, environment);
  try {
    const loader = createLoader({ ...options, destination, clock, crashPoint, log });
    await destination.preflight(options.catalog);
    const result = await loadLines({ ...options, loader, clock, log, signal });
    logSummary(result.summary, log);
    return result;
  } finally {
    await destination.close();
  }
}

/** Why a load is not complete, for people; undefined when it is. */
export function incompleteLoad({ incomplete }: LoadResult): string | undefined {
  if (incomplete.length === 0) return undefined;
  const sentences = incomplete.map((reason) => `${reason[0]?.toUpperCase()}${reason.slice(1)}.`);
  return `${sentences.join(' ')} → look at the program that wrote the input, then run again`;
}

/** What a load did, as one line of a log per stream. */
function logSummary({ commits, streams }: LoadSummary, log: Log): void {
  for (const { stream, namespace, written, superseded, rejected, nulled, rounded, deleted, removed } of streams)
    log(rejected > 0 ? 'warn' : 'info', 'loaded', {
      stream: namespace === undefined ? stream : `${namespace}.${stream}`,
      written,
      superseded,
      without_key: rejected,
      values_nulled: nulled,
      values_rounded: rounded,
      deleted,
      rows_removed: removed,
    });
  log('debug', 'load ended', { commits });
}
