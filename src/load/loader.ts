// The flush-and-acknowledge loop, the only one: records go to staging files, a full or old batch is committed together with
// the states behind its records, and only then is each state acknowledged.
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfiguredStream } from '../core/catalog.ts';
import type { TableAction } from '../core/destination.ts';
import { ConnectorError } from '../core/errors.ts';
import { stateName } from '../core/state.ts';
import { makeBatch } from './batch.ts';
import { encodeRow } from './encode-row.ts';
import { createEndings } from './endings.ts';
import type { Loader, LoaderOptions } from './loader-contract.ts';
import type { Envelope, Stage } from './stage.ts';
import { clearStagingFolder, createStage } from './stage.ts';
import type { PendingState } from './states.ts';
import { createStateCounter } from './states.ts';
import { createStreamRegister } from './stream-register.ts';
import { createTally } from './summary.ts';

const defaultBatchBytes = 24 * 1024 * 1024;
const defaultBatchMs = 30_000;
/** Readers of the destination get in at least this often, however busy the load. */
const longestHoldMs = 30_000;

interface OpenBatch {
  readonly stage: Stage;
  readonly states: PendingState[];
  readonly actions: TableAction[];
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
  const endings = createEndings({
    loadId: randomUUID(),
    onMissingCompletion: options.onMissingCompletion ?? 'keep_old',
    hasWholeStates: options.hasWholeStates ?? false,
  });
  for (const configured of catalog) endings.declare(configured);
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
      actions: [],
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
    endings.noteRecord(stream);
    if (batch.stage.bytes >= batchBytes || batch.stage.rows >= batchRows) return commitWhenFree();
  }

  function declare(configured: ConfiguredStream): Promise<void> | void {
    throwFailure();
    register.declare(configured);
    endings.declare(configured);
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

  async function commit({ stage, states, actions }: OpenBatch): Promise<void> {
    const { streams, digest } = stage.seal();
    const all = [...streams, ...register.unmadeBeside(streams)].map((staged) => ({
      ...staged,
      refresh: endings.refreshOf(staged.configured),
    }));
    const batch = makeBatch(digest, all, states, actions);
    crashPoint('loader:before-commit');
    heldSince ??= clock.monotonic();
    const committed = await destination.commit(batch);
    register.noteMade(batch.streams);
    crashPoint('loader:after-commit');
    stage.remove();
    tally.add(committed);
    endings.noteCommitted(committed);
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
    addState(stream, state, acknowledge, underWay) {
      const batch = batchInHand();
      const ref = typeof stream === 'string' ? { name: stream } : stream;
      const pending = { stream: ref, state, acknowledge, records: counter.takeRecords(ref), underWay };
      if (!endings.hold(pending)) batch.states.push(pending);
    },
    noteStatus: endings.noteStatus,
    activate({ stream }, version, isHard) {
      throwFailure();
      endings.noteActivation(stream, version, isHard);
    },
    flush,
    async finish(isDamaged = false) {
      await committing;
      if (register.hasUnmade || batches === 0) batchInHand();
      await flush();
      const end = endings.end(isDamaged);
      if (end.actions.length + end.states.length > 0) {
        const batch = batchInHand();
        batch.actions.push(...end.actions);
        batch.states.push(...end.states);
        await flush();
      }
      await release();
      removeStaging();
      for (const { isFailure, text } of end.kept) if (!isFailure) log('warn', text);
      return { ...tally.summary(), unfinished: end.kept.flatMap(({ isFailure, text }) => (isFailure ? [text] : [])) };
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
