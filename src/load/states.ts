// States between their arrival and the commit that covers them, with the counts that go back to the host.
import type { CommittedStream } from '../core/destination.ts';
import type { JsonObject } from '../core/json.ts';
import { type StreamRef, stateName } from '../core/state.ts';

/** Records of the state's stream (or of all) since its last state: taken in, and refused for want of a key. */
export interface StateCounts {
  readonly records: number;
  readonly rejected: number;
}

export type Acknowledge = (counts: StateCounts) => Promise<void> | void;

export interface PendingState {
  /** Undefined = it speaks for all streams. */
  readonly stream: StreamRef | undefined;
  /** Null asks to forget. */
  readonly state: JsonObject | null;
  readonly acknowledge: Acknowledge | undefined;
  /** Records since the stream's last state. */
  readonly records: number;
  /** The stream that it says is still being read. */
  readonly underWay?: StreamRef | undefined;
}

/** Counts the records of each stream between its states. */
export function createStateCounter() {
  const sinceState = new Map<string, number>();
  const rejectedBefore = new Map<string, number>();

  /** Takes and clears the numbers of `name`, or of all. */
  function take(counts: Map<string, number>, name: string): number {
    let sum = 0;
    for (const [key, count] of counts)
      if (name === '*' || key === name) {
        sum += count;
        counts.delete(key);
      }
    return sum;
  }

  return {
    addRecord(name: string) {
      sinceState.set(name, (sinceState.get(name) ?? 0) + 1);
    },
    /** Records since the last state that spoke for `stream`. */
    takeRecords(stream: StreamRef | undefined): number {
      return take(sinceState, stateName(stream));
    },
    /**
     * The counts for the states of a committed batch, in their order. A commit knows how many records of a stream were refused,
     * not which; they are told with the latest states that can have seen them, or with the stream's next one.
     */
    countsFor(states: readonly PendingState[], committed: readonly CommittedStream[]): StateCounts[] {
      for (const { stream, namespace, rejected } of committed) {
        const name = stateName({ name: stream, namespace });
        if (rejected > 0) rejectedBefore.set(name, (rejectedBefore.get(name) ?? 0) + rejected);
      }
      const counts: StateCounts[] = [];
      for (const [index, { stream, records }] of [...states.entries()].reverse()) {
        const name = stateName(stream);
        const known = take(rejectedBefore, name);
        const rejected = Math.min(known, records);
        if (known > rejected) rejectedBefore.set(name, known - rejected);
        counts[index] = { records: records - rejected, rejected };
      }
      return counts;
    },
  };
}
