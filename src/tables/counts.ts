// What became of the records of a batch, per stream.
import type { CommittedStream, StagedStream } from '../core/destination.ts';

/** The counts of a stream of which a batch brought nothing. */
export function emptyCounts({ configured: { stream } }: StagedStream): CommittedStream {
  const { name, namespace } = stream;
  return { stream: name, namespace, staged: 0, written: 0, superseded: 0, rejected: 0, nulled: 0 };
}
