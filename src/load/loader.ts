// The flush-and-acknowledge loop, the only one: records go to staging files, a full or old batch is committed together with
// the states behind its records, and only then is each state acknowledged.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfiguredCatalog, ConfiguredStream } from '../core/catalog.ts';
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import type { Batch, Destination } from '../core/destination.ts';
import { ConnectorError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import { type StreamRef, stateName } from '../core/state.ts';
import { toWellFormedJson } from '../core/well-formed.ts';
import type { Envelope, Stage } from './stage.ts';
import { clearStagingFolder, createStage } from './stage.ts';
import type { Acknowledge, PendingState } from './states.ts';
import { createStateCounter } from './states.ts';
import { createStreamRegister } from './stream-register.ts';
import type { LoadSummary } from './summary.ts';
import { createTally } from './summary.ts';

export interface LoaderOptions {
  readonly destination: Destination;
  /** The streams that are known before the first message. */
  readonly catalog: ConfiguredCatalog;
  /** Bytes of staged records after which a batch is committed. */
  readonly batchBytes?: number | undefined;
  /** Records after which a batch is committed, however small they are. */
  readonly batchRows?: number | undefined;
  /** Milliseconds after which a batch is committed however small it is. */
  readonly batchMs?: number | undefined;
  readonly clock: Clock;
  readonly crashPoint: CrashPoint;
  readonly log: Log;
}

/**
 * Order is meaning: a state covers the records of its stream that came before it. One batch may be committed while the next
 * one is staged, never more; whoever adds waits then. An error of a commit is thrown by the next call, and by every one after
 * it; a failed commit acknowledges nothing.
 */
export interface Loader {
  /**
   * A stream comes, or comes with another schema, key or mode from here on: records that are waiting are stored as they were
   * declared.
   * @throws ConnectorError (config) for a mode that cannot be kept
   */
  declare(stream: ConfiguredStream): Promise<void> | void;
  /** The door for records made in this process. */
  addRow(stream: string, row: JsonObject, emittedAt: number): Promise<void>;
  /**
   * The door for records that arrive as lines. Returns a promise only when there is something to wait for.
   * @param data bytes of one JSON object on one line, in a form that DuckDB's JSON reader takes; copied
   */
  addLine(stream: ConfiguredStream, data: Uint8Array, envelope: Envelope): Promise<void> | void;
  /**
   * @param stream undefined = the state speaks for all streams
   * @param state null = forget the state
   * @param acknowledge called once, after the commit that covers the state, in the order of arrival
   */
  addState(
    stream: StreamRef | string | undefined,
    state: JsonObject | null,
    acknowledge?: Acknowledge,
  ): Promise<void> | void;
  /** Commits what is staged and waits for it. */
  flush(): Promise<void>;
  /** Commits the rest; the tables of all known streams exist afterwards. Nothing may be added after it. */
  finish(): Promise<LoadSummary>;
  /** Drops what is not committed; waits for a commit that is under way. Never throws. */
  abort(): Promise<void>;
}

const defaultBatchBytes = 24 * 1024 * 1024;
const defaultBatchMs = 30_000;
/** Readers of the destination get in at least this often, however busy the load. */
const longestHoldMs = 30_000;

interface OpenBatch {
  readonly stage: Stage;
  readonly states: PendingState[];
  readonly timer: AbortController;
  isDue: boolean;
}

/** @throws ConnectorError (config) for modes that cannot be kept */
export function createLoader(options: LoaderOptions): Loader {
  const { destination, catalog, clock, crashPoint, log } = options;
  const batchBytes = options.batchBytes ?? defaultBatchBytes;
  const batchMs = options.batchMs ?? defaultBatchMs;
  const batchRows = options.batchRows ?? Number.POSITIVE_INFINITY;
  const register = createStreamRegister(catalog);
  const counter = createStateCounter();
  const tally = createTally();
  let current: OpenBatch | undefined;
  let committing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let batches = 0;
  let seq = 0;
  let heldSince: number | undefined;

  function throwFailure(): void {
    if (failure !== undefined) throw failure.error;
  }

  function batchInHand(): OpenBatch {
    throwFailure();
    if (current !== undefined) return current;
    if (batches === 0) clearStagingFolder(destination.stagingFolder);
    const batch: OpenBatch = {
      stage: createStage(join(destination.stagingFolder, String(batches))),
      states: [],
      timer: new AbortController(),
      isDue: false,
    };
    batches += 1;
    current = batch;
    clock.sleep(batchMs, batch.timer.signal).then(
      () => {
        batch.isDue = true;
        if (current === batch && committing === undefined) startCommit();
      },
      () => {},
    );
    return batch;
  }

  function addLine(stream: ConfiguredStream, data: Uint8Array, envelope: Envelope): Promise<void> | void {
    const batch = batchInHand();
    batch.stage.append(stream, data, envelope, seq);
    seq += 1;
    counter.addRecord(stateName(stream.stream));
    if (batch.stage.bytes >= batchBytes || batch.stage.rows >= batchRows) return commitWhenFree();
  }

  function declare(configured: ConfiguredStream): Promise<void> | void {
    throwFailure();
    register.declare(configured);
    if (current?.stage.has(configured)) return commitWhenFree();
  }

  /** Starts the commit of the batch in hand at once, or when the one before it is done. */
  function commitWhenFree(): Promise<void> | void {
    if (committing === undefined) return startCommit();
    return committing.then(() => {
      throwFailure();
      startCommit();
    });
  }

  function startCommit(): void {
    const batch = current;
    if (batch === undefined || committing !== undefined) return;
    current = undefined;
    batch.timer.abort();
    committing = commit(batch)
      .catch((error: unknown) => {
        failure = { error };
      })
      .then(() => {
        committing = undefined;
        if (current?.isDue && failure === undefined) startCommit();
      });
  }

  async function commit({ stage, states }: OpenBatch): Promise<void> {
    const { streams, digest } = stage.seal();
    const values = Object.fromEntries(states.map(({ stream, state }) => [stateName(stream), state]));
    const empty = register.unmadeBeside(streams);
    const batch: Batch = {
      id: createHash('sha256')
        .update(digest)
        .update(JSON.stringify([values, empty.map(({ configured }) => configured.stream)]))
        .digest('hex'),
      streams: [...streams, ...empty],
      states: values,
    };
    crashPoint('loader:before-commit');
    heldSince ??= clock.monotonic();
    const committed = await destination.commit(batch);
    register.noteMade(batch.streams);
    crashPoint('loader:after-commit');
    stage.remove();
    tally.add(committed);
    log('debug', 'batch committed', { rows: stage.rows, bytes: stage.bytes, states: states.length });
    for (const [index, counts] of counter.countsFor(states, committed).entries())
      await states[index]?.acknowledge?.(counts);
    crashPoint('loader:after-acknowledge');
    if (mayRelease()) await release();
  }

  /** Others get in unless the next commit is near, and then at the latest when the file was held for long. */
  function mayRelease(): boolean {
    if (heldSince === undefined) return false;
    return (current?.stage.bytes ?? 0) < batchBytes / 4 || clock.monotonic() - heldSince >= longestHoldMs;
  }

  async function release(): Promise<void> {
    heldSince = undefined;
    await destination.release();
  }

  async function flush(): Promise<void> {
    await committing;
    throwFailure();
    startCommit();
    await committing;
    throwFailure();
  }

  function removeStaging(): void {
    current?.timer.abort();
    current?.stage.remove();
    current = undefined;
    if (batches > 0) rmSync(destination.stagingFolder, { recursive: true, force: true });
  }

  return {
    declare,
    addLine,
    async addRow(stream, row, emittedAt) {
      const configured = register.find(stream);
      if (configured === undefined)
        throw new ConnectorError(`a record came for stream ${stream}, which was not chosen`, { area: 'bug' });
      await addLine(configured, encodeRow(row), { emittedAt });
    },
    addState(stream, state, acknowledge) {
      const batch = batchInHand();
      const ref = typeof stream === 'string' ? { name: stream } : stream;
      batch.states.push({ stream: ref, state, acknowledge, records: counter.takeRecords(ref) });
    },
    flush,
    async finish() {
      await committing;
      if (register.hasUnmade || batches === 0) batchInHand();
      await flush();
      await release();
      removeStaging();
      return tally.summary();
    },
    async abort() {
      current?.timer.abort();
      await committing;
      removeStaging();
      await release().catch((error: unknown) => {
        log('debug', 'the destination could not be released', { error: String(error) });
      });
    },
  };
}

/** JSON.stringify writes half a surrogate pair as an escape that DuckDB's reader refuses. */
function encodeRow(row: JsonObject): Buffer {
  const text = JSON.stringify(row);
  return Buffer.from(text.includes('\\ud') ? JSON.stringify(toWellFormedJson(row)) : text);
}
