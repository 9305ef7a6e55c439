// The ledger of a destination of our own syncs, wherever it lies: entries that are there for good, and agree with the rows.
import type { Ledger, LedgerEntry } from '../core/ledger.ts';
import type { EntryIndex } from './entries.ts';

/** A run whose row is in the destination. */
export interface CommittedRun {
  readonly runId: string;
  readonly callId: string;
  /** ISO instant at which the call started. */
  readonly startedAt: string;
  readonly kit: string;
  readonly version: string | null;
  /** The version that answered. */
  readonly answered: string | undefined;
  readonly transcriptHash: string;
  readonly inputChars: number;
  readonly key: string;
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly requestedAt: number;
}

export interface StandaloneLedger extends Ledger {
  /** All entries, for `runs list`. */
  entries(): IterableIterator<LedgerEntry>;
  /**
   * Makes ledger and destination agree, durably when that changed anything. An entry whose row is committed shrinks to a stub
   * without body and result; a row that the ledger does not know becomes one; a stub whose row is gone becomes an accepted run
   * again, to be read once more.
   */
  reconcile(committed: AsyncIterable<CommittedRun>): Promise<void>;
  /** Makes these all that it holds, durably: those of a ledger that is copied. */
  takeOver(entries: Iterable<LedgerEntry>): Promise<void>;
  close(): Promise<void>;
}

/** What a standalone ledger answers from its entries in memory, wherever it lies. */
export function answersFrom(
  index: EntryIndex,
): Pick<StandaloneLedger, 'find' | 'remembersFrom' | 'knowsRun' | 'open' | 'rowEmitted' | 'entries'> {
  return {
    find: (question) => index.find(question),
    // It forgets nothing.
    remembersFrom: () => Number.NEGATIVE_INFINITY,
    knowsRun: (runId) => index.knowsRun(runId),
    *open() {
      for (const entry of index.values()) if (entry.status !== 'skipped' && !isStub(entry)) yield entry;
    },
    rowEmitted(entry) {
      // In memory only: what is stored keeps body and result until the row is seen in the destination.
      index.put(withoutContent(entry));
    },
    entries: () => index.values(),
  };
}

/** A terminal entry without its result: the row is in the destination. */
export function isStub(entry: LedgerEntry): boolean {
  return entry.status === 'terminal' && entry.result === undefined;
}

export function withoutContent(entry: LedgerEntry): LedgerEntry {
  const { body: _, result: __, ...stub } = entry;
  return stub;
}

/** Makes the entries in memory agree with the rows. @returns those that changed */
export async function reconcileEntries(
  index: EntryIndex,
  committed: AsyncIterable<CommittedRun>,
): Promise<LedgerEntry[]> {
  const keys = new Set<string>();
  const changed: LedgerEntry[] = [];
  const put = (entry: LedgerEntry) => {
    index.put(entry);
    changed.push(entry);
  };
  for await (const run of committed) {
    keys.add(run.key);
    const known = index.get(run.key);
    if (known === undefined || !isStub(known) || known.answered !== run.answered) put(toStub(run, known));
  }
  for (const entry of [...index.values()])
    if (isStub(entry) && !keys.has(entry.key)) put({ ...entry, status: 'accepted' });
  return changed;
}

function toStub(run: CommittedRun, known: LedgerEntry | undefined): LedgerEntry {
  const { requestedAt, ...facts } = run;
  const unknown = { input: 'text' as const, createdAt: requestedAt, bodySha256: '' };
  return { ...(known === undefined ? unknown : withoutContent(known)), ...facts, status: 'terminal' };
}
