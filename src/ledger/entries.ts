// The entries of a ledger in memory: by key, and by what was evaluated.
import type { LedgerEntry } from '../core/ledger.ts';

export interface EntryIndex {
  get(key: string): LedgerEntry | undefined;
  put(entry: LedgerEntry): void;
  /** Forgets the entry; its run is still known. */
  remove(key: string): void;
  /** The newest attempt for this call, kit and pinned version. */
  find(subject: { callId: string; kit: string; version: string | null }): LedgerEntry | undefined;
  knowsRun(runId: string): boolean;
  values(): IterableIterator<LedgerEntry>;
}

export function createEntryIndex(): EntryIndex {
  const byKey = new Map<string, LedgerEntry>();
  const bySubject = new Map<string, LedgerEntry>();
  const runIds = new Set<string>();
  return {
    get: (key) => byKey.get(key),
    put(entry) {
      byKey.set(entry.key, entry);
      if (entry.runId !== undefined) runIds.add(entry.runId);
      const subject = subjectKey(entry);
      const known = bySubject.get(subject);
      if (known === undefined || known.key === entry.key || supersedes(entry, known)) bySubject.set(subject, entry);
    },
    remove(key) {
      const entry = byKey.get(key);
      if (entry === undefined) return;
      byKey.delete(key);
      const subject = subjectKey(entry);
      if (bySubject.get(subject)?.key === key) bySubject.delete(subject);
    },
    find: (subject) => bySubject.get(subjectKey(subject)),
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

export function subjectKey(subject: { callId: string; kit: string; version: string | null }): string {
  return JSON.stringify([subject.callId, subject.kit, subject.version ?? '']);
}
