// The ledger of a standalone destination: one append-only file of JSON lines beside it. It holds transcripts until the run's
// row is committed, so only its owner may read it.
import { ConnectorError, StoppedError } from '../core/errors.ts';
import { openLog, replaceDurably } from '../store/folder.ts';
import { createEntryIndex, type EntryIndex } from './entries.ts';
import { readLines, toLine } from './entry-lines.ts';
import { answersFrom, reconcileEntries, type StandaloneLedger } from './standalone.ts';

/**
 * @throws ConnectorError area `config` when a line before the last is broken; `destination` when the file cannot be opened.
 */
export async function openFileLedger(path: string, options: { readOnly?: boolean } = {}): Promise<StandaloneLedger> {
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

  async function rewriteAll(): Promise<void> {
    await last;
    await log.close();
    const size = await rewrite(path, index);
    log = openLog(path, { whole: size, size });
  }

  return {
    // A file is appended to at each write: intents are written when there is room to send them.
    intentsAhead: 0,
    ...answersFrom(index),
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
      const changed = await reconcileEntries(index, committed);
      if (changed.length === 0 || options.readOnly) return;
      await rewriteAll();
    },
    async takeOver(entries) {
      for (const entry of entries) index.put(entry);
      await rewriteAll();
    },
    async close() {
      isClosed = true;
      await last;
      await log.close();
    },
  };
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
