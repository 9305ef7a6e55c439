// The ledger of a standalone destination: one append-only file of JSON lines beside it. It holds transcripts until the run's
// row is committed, so only its owner may read it.
import { ConnectorError, StoppedError } from '../core/errors.ts';
import type { Ledger, LedgerEntry } from '../core/ledger.ts';
import { openLog, replaceDurably } from '../store/folder.ts';
import { createEntryIndex, type EntryIndex } from './entries.ts';
import { readLines, toLine } from './entry-lines.ts';

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

export interface FileLedger extends Ledger {
  /** All entries, for `runs list`. */
  entries(): IterableIterator<LedgerEntry>;
  /**
   * Makes ledger and destination agree, and rewrites the file when that changed anything. An entry whose row is committed
   * shrinks to a stub without body and result; a row that the ledger does not know becomes one; a stub whose row is gone
   * becomes an accepted run again, to be read once more.
   */
  reconcile(committed: AsyncIterable<CommittedRun>): Promise<void>;
  close(): Promise<void>;
}

/** A terminal entry without its result: the row is in the destination. */
function isStub(entry: LedgerEntry): boolean {
  return entry.status === 'terminal' && entry.result === undefined;
}

/**
 * @throws ConnectorError area `config` when a line before the last is broken; `destination` when the file cannot be opened.
 */
export async function openFileLedger(path: string, options: { readOnly?: boolean } = {}): Promise<FileLedger> {
  const index = createEntryIndex();
  const found = await readLines(path, index);
  let log = openLog(path, found);
  /** Writes go one after the other: lines never mix, and one file is opened. */
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  async function append(lines: string): Promise<void> {
    try {
      await log.append(lines);
    } catch (error) {
      throw notWritable(path, error);
    }
  }

  return {
    // A file is appended to at each write: intents are written when there is room to send them.
    intentsAhead: 0,
    find: (question) => index.find(question),
    // It forgets nothing.
    remembersFrom: () => Number.NEGATIVE_INFINITY,
    knowsRun: (runId) => index.knowsRun(runId),
    *open() {
      for (const entry of index.values()) if (entry.status !== 'skipped' && !isStub(entry)) yield entry;
    },
    rowEmitted(entry) {
      // In memory only: the file keeps body and result until the row is seen in the destination.
      index.put(withoutContent(entry));
    },
    entries: () => index.values(),
    async write(entries) {
      const lines = entries.map((entry) => toLine(index.get(entry.key), entry)).join('');
      if (lines === '') return;
      if (isClosed) throw new StoppedError('the ledger is closed');
      const written = last.then(() => append(lines));
      last = written.catch(() => {});
      await written;
      for (const entry of entries) index.put(entry);
    },
    async reconcile(committed) {
      const keys = new Set<string>();
      let changed = 0;
      const put = (entry: LedgerEntry) => {
        index.put(entry);
        changed += 1;
      };
      for await (const run of committed) {
        keys.add(run.key);
        const known = index.get(run.key);
        if (known === undefined || !isStub(known) || known.answered !== run.answered) put(toStub(run, known));
      }
      for (const entry of [...index.values()])
        if (isStub(entry) && !keys.has(entry.key)) put({ ...entry, status: 'accepted' });
      if (changed === 0 || options.readOnly) return;
      await last;
      await log.close();
      const size = await rewrite(path, index);
      log = openLog(path, { whole: size, size });
    },
    async close() {
      isClosed = true;
      await last;
      await log.close();
    },
  };
}

function withoutContent(entry: LedgerEntry): LedgerEntry {
  const { body: _, result: __, ...stub } = entry;
  return stub;
}

function toStub(run: CommittedRun, known: LedgerEntry | undefined): LedgerEntry {
  const { requestedAt, ...facts } = run;
  const unknown = { input: 'text' as const, createdAt: requestedAt, bodySha256: '' };
  return { ...(known === undefined ? unknown : withoutContent(known)), ...facts, status: 'terminal' };
}

/** @returns bytes written. */
async function rewrite(path: string, index: EntryIndex): Promise<number> {
  try {
    return await replaceDurably(path, async (file) => {
      let bytes = 0;
      // Some hundred kilobytes at a time.
      let lines = '';
      const flush = async () => {
        bytes += Buffer.byteLength(lines);
        await file.appendFile(lines);
        lines = '';
      };
      for (const entry of index.values()) {
        lines += toLine(undefined, entry);
        if (lines.length > 2 ** 18) await flush();
      }
      await flush();
      return bytes;
    });
  } catch (error) {
    throw notWritable(path, error);
  }
}

function notWritable(path: string, error: unknown): ConnectorError {
  return new ConnectorError(
    `The ledger ${path} cannot be written (${String((error as NodeJS.ErrnoException).code)}). Nothing is bought without it.`,
    {
      area: 'destination',
      fields: { path },
      hint: 'look at the room on its disk and at its permissions, then run the same command again: nothing is paid for twice',
      cause: error,
    },
  );
}
