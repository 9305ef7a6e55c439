// Runs at Semarize that a host's state does not know.
import { StoppedError } from '../core/errors.ts';
import type { SemarizeClient } from '../semarize/client.ts';

/** As many runs as the list ever shows. */
const mostListed = 100;

export interface UnknownRuns {
  readonly unknown: number;
  /** None of the runs that are listed is known: there may be more. */
  readonly isAll: boolean;
}

/**
 * Counts the runs of these kits that are newer than the newest one that is known. The list is newest first.
 * @param kits codes; a run that does not say its kit (it has not ended) counts
 * @returns undefined when Semarize does not say
 */
export async function countUnknownRuns(
  client: SemarizeClient,
  kits: ReadonlySet<string>,
  ledger: { knowsRun(runId: string): boolean },
  signal: AbortSignal,
): Promise<UnknownRuns | undefined> {
  try {
    const runs = await client.listRuns(mostListed, signal);
    if (runs === undefined) return undefined;
    const end = runs.findIndex(({ run_id: id }) => ledger.knowsRun(id));
    const newer = end < 0 ? runs : runs.slice(0, end);
    const ours = newer.filter(({ output }) => output?.kit_code == null || kits.has(output.kit_code));
    return { unknown: ours.length, isAll: end < 0 };
  } catch (error) {
    // It is a word of warning, and no reason to end a read; what is wrong with Semarize will be told by whoever needs it.
    if (error instanceof StoppedError) throw error;
    return undefined;
  }
}
