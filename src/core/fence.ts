// Between two processes that write under one connection stands the number of its state: each commit moves it by one, and who
// finds another number than it knows has been overtaken and stores nothing more. No engine, no clock.
import type { Batch, CommittedStream, SavedState } from './destination.ts';
import { ConnectorError } from './errors.ts';
import { mergeStates } from './state.ts';

/** A state as a destination keeps it. */
export interface StoredState extends SavedState {
  /** The batch that moved it last. */
  readonly batchId: string;
}

/** What one process knows of the state of its connection. */
export interface Fence {
  /** Goes on from the stored state, whoever wrote it. @returns what the caller of `readState` is told */
  begin(stored: StoredState | undefined): SavedState | undefined;
  /**
   * To be asked before a commit. The first look takes the state as it is.
   * @throws ConnectorError (busy) unless it is the one that this process read at the start, or left by its own last commit
   */
  check(stored: StoredState | undefined): void;
  /** This process committed `state`, or found out that it had. */
  pass(state: StoredState, counts: readonly CommittedStream[]): void;
  /** What this process answered to its last commit, when that was this batch: it may be sent again after a lost answer. */
  answerTo(batchId: string): readonly CommittedStream[] | undefined;
}

/** @param shown how messages name the destination */
export function createFence(shown: string): Fence {
  /** Of the state; 0 = there is none, undefined = nobody looked. */
  let known: number | undefined;
  let last: { readonly batchId: string; readonly counts: readonly CommittedStream[] } | undefined;
  return {
    begin(stored) {
      known = stored?.seq ?? 0;
      return stored === undefined ? undefined : { seq: stored.seq, streams: stored.streams };
    },
    check(stored) {
      const seq = stored?.seq ?? 0;
      known ??= seq;
      if (seq !== known) throw overtaken(shown);
    },
    pass({ seq, batchId }, counts) {
      known = seq;
      last = { batchId, counts };
    },
    answerTo: (batchId) => (last?.batchId === batchId ? last.counts : undefined),
  };
}

/** The state after a batch. @param batchId as the destination keeps it */
export function nextState(before: StoredState | undefined, batch: Batch, batchId: string): StoredState {
  return { seq: (before?.seq ?? 0) + 1, batchId, streams: mergeStates(before?.streams ?? {}, batch.states) };
}

export function overtaken(shown: string): ConnectorError {
  return new ConnectorError(`another process has committed to ${shown} in the meantime; this one stores nothing more`, {
    area: 'busy',
    hint: 'let only one run at a time, then run again: it goes on from the newer state',
    fields: { path: shown },
  });
}
