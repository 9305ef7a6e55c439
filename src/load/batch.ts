// A batch as the destination is handed it. Pure.
import { createHash } from 'node:crypto';
import type { Batch, StagedStream, TableAction } from '../core/destination.ts';
import { stateName } from '../core/state.ts';
import type { PendingState } from './states.ts';

/**
 * @param digest of every staged byte
 * @returns the batch, with an id that is the same for the same content alone
 */
export function makeBatch(
  digest: string,
  streams: readonly StagedStream[],
  states: readonly PendingState[],
  actions: readonly TableAction[],
): Batch {
  const values = Object.fromEntries(states.map(({ stream, state }) => [stateName(stream), state]));
  const empty = streams.filter(({ rows }) => rows === 0).map(({ configured }) => configured.stream);
  const refreshes = streams.flatMap(({ refresh }) => (refresh === undefined ? [] : [refresh]));
  return {
    id: createHash('sha256')
      .update(digest)
      .update(JSON.stringify([values, empty, refreshes, actions]))
      .digest('hex'),
    streams,
    states: values,
    actions,
  };
}
