// Which content was emitted last, per call: so that a look-back does not emit again what did not change. It only ever
// suppresses rows; money is guarded by the ledger.
import { createHash } from 'node:crypto';

export type Verdict = 'new' | 'changed' | 'same';

export interface Seen {
  compare(id: string, contentHash: string): Verdict;
  has(id: string): boolean;
  /**
   * @param isKept worth a place that another one has to leave; else it is remembered while there is room. Calls that are listed again
   * and again must not push each other out in turn.
   */
  put(id: string, contentHash: string, isKept?: boolean): void;
  /** Has nothing ever been left out for want of room? Then `new` means new; otherwise it may also mean forgotten. */
  isComplete(): boolean;
  readonly size: number;
  /** Base64 of 10 bytes an entry, oldest first. */
  pack(): string;
}

const idBytes = 6;
const contentBytes = 4;
/** Newest entries kept: 240 KiB in the state. */
const mostEntries = 18_000;

/** @param capacity Infinity where there is no state to fit into */
export function createSeen(packed = '', capacity = mostEntries): Seen {
  const entries = new Map<string, string>();
  const bytes = Buffer.from(packed, 'base64').toString('latin1');
  const entryBytes = idBytes + contentBytes;
  for (let at = 0; at + entryBytes <= bytes.length; at += entryBytes)
    entries.set(bytes.slice(at, at + idBytes), bytes.slice(at + idBytes, at + entryBytes));

  return {
    compare(id, contentHash) {
      const known = entries.get(digest(id, idBytes));
      if (known === undefined) return 'new';
      return known === digest(contentHash, contentBytes) ? 'same' : 'changed';
    },
    has: (id) => entries.has(digest(id, idBytes)),
    put(id, contentHash, isKept = true) {
      const key = digest(id, idBytes);
      if (!isKept && entries.size >= capacity && !entries.has(key)) return;
      entries.set(key, digest(contentHash, contentBytes));
      for (const oldest of entries.keys()) {
        if (entries.size <= capacity) break;
        entries.delete(oldest);
      }
    },
    isComplete: () => entries.size < capacity,
    get size() {
      return entries.size;
    },
    pack() {
      // What needs no state is asked of the destination the next time.
      if (capacity === Number.POSITIVE_INFINITY) return '';
      let all = '';
      for (const [key, value] of entries) all += key + value;
      return Buffer.from(all, 'latin1').toString('base64');
    },
  };
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text, 'utf8').digest().toString('latin1', 0, length);
}
