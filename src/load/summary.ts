// What a load did, added up.

import { streamKey } from '../core/catalog.ts';
import type { CommittedStream } from '../core/destination.ts';

export interface LoadSummary {
  readonly commits: number;
  /** One entry per stream of the catalog, in the order in which they were first committed. */
  readonly streams: readonly CommittedStream[];
  /** What keeps the load from being complete: tables that were to be replaced and are not, and why, for people. */
  readonly unfinished: readonly string[];
}

export function createTally() {
  const streams = new Map<string, CommittedStream>();
  let commits = 0;
  return {
    add(committed: readonly CommittedStream[]) {
      commits += 1;
      for (const more of committed) {
        const key = streamKey({ name: more.stream, namespace: more.namespace });
        const known = streams.get(key);
        streams.set(key, known === undefined ? more : sum(known, more));
      }
    },
    summary: (): Omit<LoadSummary, 'unfinished'> => ({ commits, streams: [...streams.values()] }),
  };
}

function sum(a: CommittedStream, b: CommittedStream): CommittedStream {
  return {
    stream: a.stream,
    namespace: a.namespace,
    staged: a.staged + b.staged,
    written: a.written + b.written,
    superseded: a.superseded + b.superseded,
    rejected: a.rejected + b.rejected,
    nulled: a.nulled + b.nulled,
    rounded: a.rounded + b.rounded,
    deleted: a.deleted === undefined && b.deleted === undefined ? undefined : (a.deleted ?? 0) + (b.deleted ?? 0),
    removed: a.removed === undefined && b.removed === undefined ? undefined : (a.removed ?? 0) + (b.removed ?? 0),
  };
}
