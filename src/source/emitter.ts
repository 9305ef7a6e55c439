// The messages of one read in their right order: statuses around a stream's records, and a state whenever it moved.
import type { JsonObject } from '../core/json.ts';
import type { Message } from '../core/message.ts';
import type { StreamName } from './streams.ts';

export interface Emitter {
  start(): Iterable<Message>;
  /** The record, behind "running" if it is the stream's first. */
  record(stream: StreamName, row: JsonObject, emittedAt: number): Iterable<Message>;
  /** The states that differ from what was emitted last. */
  states(): Iterable<Message>;
  /** Is it time for a state in the middle of a window? */
  isStateDue(): boolean;
  /** The last states and each stream's end; a stream named here is incomplete. */
  finish(incomplete: ReadonlySet<StreamName>): Iterable<Message>;
}

/** A state at the latest after this many records, or this long. */
const mostRecords = 5000;
const longestMs = 60_000;

/**
 * @param buildState the state of a stream as of now
 * @param monotonic  milliseconds that only grow
 * @param onEmitted  a state of the stream has left, with all that was in it
 */
export function createEmitter(
  selected: ReadonlySet<StreamName>,
  buildState: (stream: StreamName) => JsonObject,
  monotonic: () => number,
  onEmitted: (stream: StreamName) => void,
): Emitter {
  const running = new Set<StreamName>();
  const emitted = new Map<StreamName, string>();
  let records = 0;
  let stateAt = monotonic();

  function* states(): Iterable<Message> {
    records = 0;
    stateAt = monotonic();
    for (const stream of selected) {
      const state = buildState(stream);
      const text = JSON.stringify(state);
      if (emitted.get(stream) === text) continue;
      emitted.set(stream, text);
      yield { type: 'state', stream, state };
      onEmitted(stream);
    }
  }

  return {
    *start() {
      for (const stream of selected) yield { type: 'status', stream, status: 'started' };
    },
    *record(stream, row, emittedAt) {
      if (!running.has(stream)) {
        running.add(stream);
        yield { type: 'status', stream, status: 'running' };
      }
      records += 1;
      yield { type: 'record', stream, row, emittedAt };
    },
    states,
    isStateDue: () => records >= mostRecords || monotonic() - stateAt >= longestMs,
    *finish(incomplete) {
      yield* states();
      for (const stream of selected) {
        if (!running.has(stream)) yield { type: 'status', stream, status: 'running' };
        yield { type: 'status', stream, status: incomplete.has(stream) ? 'incomplete' : 'complete' };
      }
    },
  };
}
