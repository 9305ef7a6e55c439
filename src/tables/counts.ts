// What became of the records of a batch, per stream. Pure.
import type { CommittedStream, StagedStream } from '../core/destination.ts';
import { ConnectorError } from '../core/errors.ts';

/** The counts of a stream of which a batch brought nothing. */
export function emptyCounts({ configured: { stream } }: Pick<StagedStream, 'configured'>): CommittedStream {
  const { name, namespace } = stream;
  return { stream: name, namespace, staged: 0, written: 0, superseded: 0, rejected: 0, nulled: 0, rounded: 0 };
}

/** The counts of a batch that is stored already. */
export function replayedCounts(staged: StagedStream): CommittedStream {
  return { ...emptyCounts(staged), staged: staged.rows, superseded: staged.rows };
}

/** @throws ConnectorError (bug) when records would be neither stored, superseded nor rejected */
export function countsOf(
  staged: StagedStream,
  became: Pick<CommittedStream, 'written' | 'superseded' | 'rejected' | 'deleted'>,
  changed: Pick<CommittedStream, 'nulled' | 'rounded'>,
): CommittedStream {
  const { written, superseded, rejected, deleted = 0 } = became;
  const { name } = staged.configured.stream;
  if (written + superseded + rejected + deleted !== staged.rows || Math.min(written, superseded, rejected, deleted) < 0)
    throw new ConnectorError(
      `stream ${name}: ${staged.rows} records came, but ${written} + ${superseded} + ${rejected} + ${deleted} are accounted for; nothing was stored`,
      { area: 'bug', fields: { stream: name, written, superseded, rejected, deleted } },
    );
  return { ...emptyCounts(staged), staged: staged.rows, ...became, nulled: changed.nulled, rounded: changed.rounded };
}
