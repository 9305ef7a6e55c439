// Makes intents durable, several at once: those that come in the same turn are one write.
import type { LedgerEntry } from '../core/ledger.ts';

export interface Intents {
  /** Resolves when the intent is durable; rejects for all of a write when it fails. */
  write(entry: LedgerEntry): Promise<void>;
}

/** @param record writes them; what it throws nothing of the write is sent for */
export function createIntents(record: (entries: readonly LedgerEntry[]) => Promise<void>): Intents {
  let gathered: { readonly entries: LedgerEntry[]; readonly written: Promise<void> } | undefined;
  return {
    write(entry) {
      if (gathered === undefined) {
        const entries: LedgerEntry[] = [];
        const written = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
          gathered = undefined;
          return record(entries);
        });
        gathered = { entries, written };
      }
      gathered.entries.push(entry);
      return gathered.written;
    },
  };
}
