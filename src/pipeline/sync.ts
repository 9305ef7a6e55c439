// source → loader → destination in one process: lock, preflight, ledger, rows and states in one commit, then the marts.
import { setFlagsFromString } from 'node:v8';
import type { AnalyticsSettings } from '../analytics/settings.ts';
import type { ConfiguredCatalog, ConfiguredStream, Stream } from '../core/catalog.ts';
import type { Destination } from '../core/destination.ts';
import type { Message } from '../core/message.ts';
import type { LoadSummary } from '../load/summary.ts';
import type { Completeness } from '../source/completeness.ts';
import type { ReadRequest } from '../source/read-request.ts';
import type { GongSemarizeSource } from '../source/source.ts';
import { committedRuns } from './committed-runs.ts';
import type { Environment } from './environment.ts';
import { heldRows } from './held-rows.ts';
import { refreshMarts } from './marts.ts';
import type { Place } from './places/place.ts';

export interface SyncOptions {
  readonly source: GongSemarizeSource;
  readonly place: Place;
  readonly request: Omit<ReadRequest, 'states' | 'ledger' | 'held' | 'beforePosts' | 'signal'>;
  /** Milliseconds to wait for a file that somebody holds; default: not at all. */
  readonly waitMs?: number | undefined;
  /** Makes the marts after the last commit; undefined = none. */
  readonly analytics?: AnalyticsSettings | undefined;
  /** Every message on its way, for a progress display. */
  readonly onMessage?: (message: Message) => void;
}

export interface SyncResult {
  readonly report: Completeness | undefined;
  readonly load: LoadSummary | undefined;
  /** Why the sync is not complete: an error, or a wish to stop. What was read before it is committed. */
  readonly failure: unknown;
}

/**
 * @throws ConnectorError when nothing was started: destination busy, full or not writable, another sync running, a broken
 * state or ledger. Nothing was spent then.
 */
export async function runSync(options: SyncOptions, environment: Environment): Promise<SyncResult> {
  const { place, source, waitMs, analytics } = options;
  // Records live for one batch. With room to grow, V8 keeps a hundred megabytes of what is dead beside DuckDB's memory.
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=60');
  const lock = await place.acquireLock(environment);
  try {
    const destination = await place.openDestination({ waitMs }, environment);
    try {
      const catalog = source
        .discover()
        .filter(({ name }) => options.request.streams?.includes(name) ?? true)
        .map(configure);
      await destination.preflight(catalog);
      const saved = await destination.readState();
      const ledger = await place.openLedger(environment);
      try {
        await ledger.reconcile(committedRuns(place, environment));
        const states = new Map(Object.entries(saved?.streams ?? {}));
        const held = heldRows(place, environment);
        const result = await transfer(
          options,
          environment,
          destination,
          { catalog, states, ledger, held },
          lock.verify,
        );
        await destination.release();
        const problem = analytics === undefined ? undefined : await refreshMarts(place, analytics, environment);
        if (problem !== undefined) environment.log('warn', `Marts: ${problem.message}`, { next_step: problem.hint });
        return result;
      } finally {
        await ledger.close();
      }
    } finally {
      await destination.close();
    }
  } finally {
    await lock.release();
  }
}

async function transfer(
  options: SyncOptions,
  { clock, log, crashPoint, signal }: Environment,
  destination: Destination,
  {
    catalog,
    states,
    ledger,
    held,
  }: Pick<ReadRequest, 'states' | 'ledger' | 'held'> & { readonly catalog: ConfiguredCatalog },
  verifyLock: () => Promise<void>,
): Promise<SyncResult> {
  const { source, request } = options;
  const { createLoader } = await import('../load/loader.ts');
  const loader = createLoader({
    destination: whileHeld(destination, verifyLock),
    catalog,
    batchBytes,
    clock,
    crashPoint,
    log,
  });
  let report: Completeness | undefined;
  let failure: unknown;
  const messages = source.read({ ...request, states, ledger, held, beforePosts: verifyLock, signal });
  try {
    for (;;) {
      let next: IteratorResult<Message>;
      try {
        next = await messages.next();
      } catch (error) {
        // The source has handed on everything it had, states included: that much is kept.
        failure = error;
        break;
      }
      if (next.done) break;
      const message = next.value;
      options.onMessage?.(message);
      if (message.type === 'record') await loader.addRow(message.stream, message.row, message.emittedAt);
      else if (message.type === 'state') await loader.addState(message.stream, message.state);
      else if (message.type === 'report') report = message.report as unknown as Completeness;
    }
    return { report, load: await loader.finish(), failure };
  } catch (error) {
    // The destination failed: the source stops spending before we report.
    await messages.return(undefined);
    await loader.abort();
    // Who lost the lock finds its files and its state changed: that is the reason then, whatever failed first.
    await verifyLock();
    throw error;
  }
}

/** `destination` for as long as the lock is held: one more commit of who has lost it would make the new holder's fail. */
function whileHeld(destination: Destination, verifyLock: () => Promise<void>): Destination {
  return {
    ...destination,
    async commit(batch) {
      await verifyLock();
      return await destination.commit(batch);
    },
  };
}

/**
 * Smaller than a loader's own default: the source has pages in memory as well. Not smaller still: each batch becomes row groups
 * of its own, and what DuckDB notes of them stays in memory.
 */
const batchBytes = 12 * 1024 * 1024;

/** How our own streams are loaded: one row per key. */
export function configure(stream: Stream): ConfiguredStream {
  return {
    stream,
    syncMode: 'incremental',
    destinationSyncMode: 'append_dedup',
    primaryKey: stream.primaryKey,
    cursorField: stream.cursorField,
  };
}
