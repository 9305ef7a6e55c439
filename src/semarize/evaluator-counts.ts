// What one sync did with runs, in numbers.
import type { LedgerEntry } from '../core/ledger.ts';
import type { Run } from './schemas.ts';

export interface EvaluatorCounts {
  /** Distinct keys POSTed. */
  posted: number;
  /** Runs that ended in this sync: succeeded, and failed or cancelled. */
  succeeded: number;
  failed: number;
  /** Rows handed on that an earlier sync had paid for. */
  collected: number;
  skipped: number;
  frozen: number;
  lost: number;
  /** Accepted and not ended, or sent without an answer: the next sync goes on with them. */
  open: number;
  /** Versions that answered, by kit without a pinned version. */
  readonly answeredVersions: Map<string, string>;
  /** Counts a run that ended. */
  ended(run: Run, entry: LedgerEntry): void;
}

export function createEvaluatorCounts(): EvaluatorCounts {
  return {
    posted: 0,
    succeeded: 0,
    failed: 0,
    collected: 0,
    skipped: 0,
    frozen: 0,
    lost: 0,
    open: 0,
    answeredVersions: new Map(),
    ended(run, { kit, version }) {
      if (run.status === 'succeeded') this.succeeded += 1;
      else this.failed += 1;
      if (version === null && run.kit_version_id) this.answeredVersions.set(kit, run.kit_version_id);
    },
  };
}
