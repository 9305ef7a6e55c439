// The entries of a ledger in memory: by key, and by call and kit.
import { isSameVersion, type LedgerEntry, type LedgerQuestion } from '../core/ledger.ts';

export interface EntryIndex {
  get(key: string): LedgerEntry | undefined;
  put(entry: LedgerEntry): void;
  /** Forgets the entry; its run is still known. */
  remove(key: string): void;
  /** Of the entries that answer the question the one that counts most. */
  find(question: LedgerQuestion): LedgerEntry | undefined;
  knowsRun(runId: string): boolean;
  values(): IterableIterator<LedgerEntry>;
}

export function createEntryIndex(): EntryIndex {
  const byKey = new Map<string, LedgerEntry>();
  const bySubject = new Map<string, Set<string>>();
  const runIds = new Set<string>();
  return {
    get: (key) => byKey.get(key),
    put(entry) {
      byKey.set(entry.key, entry);
      if (entry.runId !== undefined) runIds.add(entry.runId);
      const subject = subjectKey(entry);
      const keys = bySubject.get(subject);
      if (keys === undefined) bySubject.set(subject, new Set([entry.key]));
      else keys.add(entry.key);
    },
    remove(key) {
      const entry = byKey.get(key);
      if (entry === undefined) return;
      byKey.delete(key);
      bySubject.get(subjectKey(entry))?.delete(key);
    },
    find(question) {
      let best: LedgerEntry | undefined;
      for (const key of bySubject.get(subjectKey(question)) ?? []) {
        const entry = byKey.get(key);
        if (entry === undefined || !isSameVersion(entry, question)) continue;
        if (best === undefined || supersedes(entry, best)) best = entry;
      }
      return best;
    },
    knowsRun: (runId) => runIds.has(runId),
    values: () => byKey.values(),
  };
}

/** What was sent outweighs what was skipped; then the higher attempt, then the later one. */
function supersedes(entry: LedgerEntry, known: LedgerEntry): boolean {
  const isSkip = entry.status === 'skipped';
  if (isSkip !== (known.status === 'skipped')) return !isSkip;
  return entry.attempt > known.attempt || (entry.attempt === known.attempt && entry.createdAt >= known.createdAt);
}

function subjectKey({ callId, kit }: { callId: string; kit: string }): string {
  return JSON.stringify([callId, kit]);
}
