// An intent that an earlier sync left without an answer: may it be sent again? While Semarize remembers its key, the answer is
// the original run. Later only the list of newest runs can prove that there is none.
import type { Clock } from '../core/clock.ts';
import { toConnectorError } from '../core/errors.ts';
import type { Ledger, LedgerEntry } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { SemarizeClient } from './client.ts';
import { toFrozen } from './evaluation-entry.ts';
import type { EvaluatorCounts } from './evaluator-counts.ts';

export interface RenewalOptions {
  readonly client: SemarizeClient;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly record: (entry: LedgerEntry) => Promise<void>;
  readonly counts: EvaluatorCounts;
  readonly halt: AbortSignal;
}

/** How long Semarize is trusted to remember an idempotency key (not documented). */
const keyTtlMs = 12 * 3_600_000;
/** As many runs as the list ever shows. */
const mostListed = 100;

/** @returns the entry as it may be sent; undefined when it is frozen now, or when nothing could be found out yet. */
export function createRenewal(options: RenewalOptions): (entry: LedgerEntry) => Promise<LedgerEntry | undefined> {
  const { client, ledger, clock, log, record, counts, halt } = options;
  let proof: Promise<'free' | 'undecided' | 'unknown'> | undefined;

  /** Only a list that is not cut, and in which every run is ours, proves that an unanswered key has no run. */
  async function askList(): Promise<'free' | 'undecided' | 'unknown'> {
    try {
      const listed = await client.listRuns(mostListed, halt);
      const isWhole = listed !== undefined && listed.length < mostListed;
      return isWhole && listed.every(({ run_id }) => ledger.knowsRun(run_id)) ? 'free' : 'undecided';
    } catch (error) {
      if (!halt.aborted)
        log(
          'warn',
          `${toConnectorError(error).message} Runs that were sent long ago without an answer wait for the next sync`,
        );
      return 'unknown';
    }
  }

  return async (entry) => {
    if (clock.now() - entry.createdAt < keyTtlMs) return entry;
    proof ??= askList();
    const verdict = await proof;
    if (verdict === 'free') return { ...entry, createdAt: clock.now() };
    if (verdict === 'undecided') {
      counts.open -= 1;
      counts.frozen += 1;
      await record(toFrozen(entry, 'sent without an answer, too long ago to send it again'));
    }
    return undefined;
  };
}
