// What one sync did with runs, in numbers that add up:
//   before + bought + unanswered + conflicts = succeeded + failed + cancelled + open + frozen + lost
import type { LedgerEntry } from '../core/ledger.ts';
import type { Run } from './schemas.ts';

export interface EvaluatorCounts {
  /** Entries that earlier syncs left unsettled: under way, frozen, lost, or ended without a row. */
  before: number;
  /** Keys POSTed for the first time in this sync that Semarize accepted. */
  bought: number;
  /** Keys POSTed that it did not accept, whatever the reason: nothing was bought. */
  refused: number;
  /** Keys POSTed for the first time that it may or may not have accepted: they stay open. */
  unanswered: number;
  /** Keys POSTed that it says were used for other content. */
  conflicts: number;
  /** Runs that ended in this sync, each with a row. */
  succeeded: number;
  failed: number;
  cancelled: number;
  /** Of those, the ones that an earlier sync had paid for. */
  collected: number;
  /** As it is at the end: */
  open: number;
  frozen: number;
  lost: number;
  /** Versions that answered, by kit without a pinned version. */
  readonly answeredVersions: Map<string, string>;
  /** Counts a run that ended. */
  ended(run: Run, entry: LedgerEntry, isOurs: boolean): void;
}

export function createEvaluatorCounts(): EvaluatorCounts {
  return {
    before: 0,
    bought: 0,
    refused: 0,
    unanswered: 0,
    conflicts: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
    collected: 0,
    open: 0,
    frozen: 0,
    lost: 0,
    answeredVersions: new Map(),
    ended(run, { kit, version }, isOurs) {
      if (run.status === 'succeeded') this.succeeded += 1;
      else if (run.status === 'cancelled') this.cancelled += 1;
      else this.failed += 1;
      if (!isOurs) this.collected += 1;
      if (version === null && run.kit_version_id) this.answeredVersions.set(kit, run.kit_version_id);
    },
  };
}
