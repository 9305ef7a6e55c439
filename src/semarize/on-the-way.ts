// Items that were begun and are not in the ledger yet, so that nobody begins them twice.
import { isSameVersion, type LedgerEntry, type LedgerQuestion } from '../core/ledger.ts';

export interface OnTheWay {
  add(entry: LedgerEntry): void;
  remove(entry: LedgerEntry): void;
  /** The first one that answers the question. */
  find(question: LedgerQuestion): LedgerEntry | undefined;
}

export function createOnTheWay(): OnTheWay {
  const bySubject = new Map<string, LedgerEntry[]>();
  const of = (subject: Subject) => bySubject.get(nameOf(subject)) ?? [];
  return {
    add(entry) {
      bySubject.set(nameOf(entry), [...of(entry), entry]);
    },
    remove(entry) {
      const others = of(entry).filter(({ key }) => key !== entry.key);
      if (others.length === 0) bySubject.delete(nameOf(entry));
      else bySubject.set(nameOf(entry), others);
    },
    find: (question) => of(question).find((entry) => isSameVersion(entry, question)),
  };
}

type Subject = Pick<LedgerQuestion, 'callId' | 'kit'>;

function nameOf({ callId, kit }: Subject): string {
  return JSON.stringify([callId, kit]);
}
