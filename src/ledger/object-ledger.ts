// The ledger of a destination in an object store: one object per entry, given its name once, so that of two who mean to buy the same
// run only one may. What is settled moves into one object, so that a start reads few.
import { ConnectorError, StoppedError } from '../core/errors.ts';
import { inParallel } from '../core/in-parallel.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { Store } from '../core/store.ts';
import { createEntryIndex } from './entries.ts';
import { parseLine, toLine } from './entry-lines.ts';
import { answersFrom, isStub, reconcileEntries, type StandaloneLedger } from './standalone.ts';

export const ledgerNames = { settled: '_gong_elt/runs.jsonl', entries: '_gong_elt/runs/' } as const;

const requestsAtOnce = 16;

/**
 * @param shown how messages name the store
 * @throws ConnectorError area `config` when an entry is broken; what the store refuses
 */
export async function openObjectLedger(
  store: Store,
  shown: string,
  options: { readOnly?: boolean } = {},
): Promise<StandaloneLedger> {
  const index = createEntryIndex();
  const settled = await readSettled();
  /** Keys of entries that have an object. */
  const written = new Set<string>();
  await inParallel(await store.list(ledgerNames.entries), requestsAtOnce, async (name) => {
    const content = await store.read(name);
    // It was settled meanwhile.
    if (content === undefined) return;
    const entry = parseLine(content.toString('utf8'), index);
    if (entry === undefined) throw broken(`${shown}: ${name}`);
    index.put(entry);
    written.add(entry.key);
  });
  /** By key: writes of one entry go one after the other. */
  const turns = new Map<string, Promise<void>>();
  let isClosed = false;

  /** @returns keys */
  async function readSettled(): Promise<Set<string>> {
    const keys = new Set<string>();
    const content = await store.read(ledgerNames.settled);
    for (const [at, line] of (content?.toString('utf8').split('\n') ?? []).entries()) {
      if (line === '') continue;
      const entry = parseLine(line, index);
      if (entry === undefined) throw broken(`${shown}: ${ledgerNames.settled}, line ${at + 1}`);
      index.put(entry);
      keys.add(entry.key);
    }
    return keys;
  }

  async function writeEntry(entry: LedgerEntry): Promise<void> {
    const before = turns.get(entry.key) ?? Promise.resolve();
    const turn = before.then(async () => {
      const content = toLine(undefined, entry);
      const isFirst = !written.has(entry.key) && !settled.has(entry.key);
      if (!isFirst) await store.put(nameOf(entry), content);
      else if (!(await store.create(nameOf(entry), content))) throw takenBy(shown, nameOf(entry));
      written.add(entry.key);
      index.put(entry);
    });
    const quiet = turn.catch(() => {});
    turns.set(entry.key, quiet);
    await turn.finally(() => turns.get(entry.key) === quiet && turns.delete(entry.key));
  }

  async function settle(entries: readonly LedgerEntry[]): Promise<void> {
    await store.put(ledgerNames.settled, entries.map((entry) => toLine(undefined, entry)).join(''));
    settled.clear();
    for (const { key } of entries) settled.add(key);
    await inParallel(
      entries.filter(({ key }) => written.has(key)),
      requestsAtOnce,
      async (entry) => {
        await store.remove(nameOf(entry));
        written.delete(entry.key);
      },
    );
  }

  return {
    intentsAhead: 0,
    ...answersFrom(index),
    async write(entries) {
      if (isClosed) throw new StoppedError('the ledger is closed');
      await inParallel(
        entries.filter((entry) => toLine(index.get(entry.key), entry) !== ''),
        requestsAtOnce,
        writeEntry,
      );
    },
    async reconcile(committed) {
      const changed = await reconcileEntries(index, committed);
      if (options.readOnly) return;
      const isWritten = ({ key }: LedgerEntry) => written.has(key);
      if (changed.length === 0 && ![...index.values()].some((entry) => isStub(entry) && isWritten(entry))) return;
      // Those that are open again first: between the two steps they stand in both places, and never in none.
      await inParallel(
        changed.filter((entry) => !isStub(entry)),
        requestsAtOnce,
        writeEntry,
      );
      // A ledger that was copied has open entries in there, too.
      await settle([...index.values()].filter((entry) => isStub(entry) || !isWritten(entry)));
    },
    async takeOver(entries) {
      for (const entry of entries) index.put(entry);
      await settle([...index.values()]);
    },
    async close() {
      isClosed = true;
      await Promise.all(turns.values());
    },
  };
}

function nameOf({ key }: LedgerEntry): string {
  return `${ledgerNames.entries}${key.replace(/[^\w.-]/g, '-')}.json`;
}

function takenBy(shown: string, name: string): ConnectorError {
  return new ConnectorError(`another sync has written ${name} to ${shown} meanwhile; this one buys nothing more`, {
    area: 'busy',
    hint: 'let only one sync at a time write here, then run the same command again: nothing is paid for twice',
    fields: { path: shown },
  });
}

function broken(where: string): ConnectorError {
  return new ConnectorError(`The ledger is damaged (${where}).`, {
    area: 'config',
    hint: 'restore the object from a version of the bucket; it holds what was paid for, so do not delete it',
  });
}
