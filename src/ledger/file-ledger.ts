// The ledger of a standalone destination: one append-only file of JSON lines beside it. A line holds the members of an entry
// that changed; lines of one key add up. It holds transcripts until the run's row is committed, so only its owner may read it.
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Ledger, LedgerEntry } from '../core/ledger.ts';
import { createEntryIndex, type EntryIndex } from './entries.ts';

/** A run whose row is in the destination. */
export interface CommittedRun {
  readonly runId: string;
  readonly callId: string;
  readonly kit: string;
  readonly version: string | null;
  readonly transcriptHash: string;
  readonly key: string;
  readonly attempt: number;
}

export interface FileLedger extends Ledger {
  /** All entries, for `runs list`. */
  entries(): IterableIterator<LedgerEntry>;
  /**
   * Makes ledger and destination agree: entries whose row is committed shrink to a stub without body and result, rows that
   * the ledger does not know become stubs. Rewrites the file when that changed anything.
   */
  reconcile(committed: AsyncIterable<CommittedRun>): Promise<void>;
  /** Did the file exist? */
  readonly existed: boolean;
  close(): Promise<void>;
}

const entryShape = z.looseObject({
  key: z.string(),
  status: z.enum(['intent', 'accepted', 'terminal', 'frozen', 'lost', 'skipped']),
  callId: z.string(),
  transcriptHash: z.string(),
  kit: z.string(),
  version: z.string().nullable(),
});

/** A terminal entry without its result is a stub: the row is in the destination. */
function isSettled(entry: LedgerEntry): boolean {
  return entry.status === 'skipped' || (entry.status === 'terminal' && entry.result === undefined);
}

/**
 * @throws ConnectorError area `config` when a line before the last is broken; `destination` when the file cannot be opened.
 */
export async function openFileLedger(path: string, options: { readOnly?: boolean } = {}): Promise<FileLedger> {
  const index = createEntryIndex();
  const { existed, whole, size } = await replay(path, index);
  /** The line that a crash left unfinished never happened; it must not swallow the next one. */
  let tornAt = whole < size ? whole : undefined;
  let file: FileHandle | undefined;
  /** Writes go one after the other: lines never mix, and one file is opened. */
  let last: Promise<unknown> = Promise.resolve();

  async function append(lines: string): Promise<void> {
    if (file === undefined) {
      file = await open(path, 'a', 0o600);
      if (!existed) await syncFolder(dirname(path));
      if (tornAt !== undefined) await file.truncate(tornAt);
      tornAt = undefined;
    }
    await file.appendFile(lines);
    await file.datasync();
  }

  return {
    existed,
    find: (subject) => index.find(subject),
    knowsRun: (runId) => index.knowsRun(runId),
    *open() {
      for (const entry of index.values()) if (!isSettled(entry)) yield entry;
    },
    rowEmitted(entry) {
      // In memory only: the file keeps body and result until the row is seen in the destination.
      index.put(withoutContent(entry));
    },
    entries: () => index.values(),
    async write(entries) {
      if (entries.length === 0) return;
      const lines = entries.map((entry) => `${JSON.stringify(changesOf(index.get(entry.key), entry))}\n`).join('');
      const written = last.then(() => append(lines));
      last = written.catch(() => {});
      await written;
      for (const entry of entries) index.put(entry);
    },
    async reconcile(committed) {
      let changed = 0;
      for await (const run of committed) {
        const known = index.get(run.key);
        if (known !== undefined && isSettled(known) && known.status === 'terminal') continue;
        index.put(toStub(run, known));
        changed += 1;
      }
      if (changed === 0 || options.readOnly) return;
      await rewrite(path, index);
      tornAt = undefined;
    },
    async close() {
      await last;
      await file?.close();
      file = undefined;
    },
  };
}

/**
 * Reads the lines into the index.
 * @returns the length of the whole lines in bytes, and of the file: they differ after a crash in the middle of a line.
 */
async function replay(path: string, index: EntryIndex): Promise<{ existed: boolean; whole: number; size: number }> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { existed: false, whole: 0, size: 0 };
    throw new ConnectorError(`The ledger ${path} cannot be read (${code}).`, {
      area: 'destination',
      hint: 'make the file readable for this user; it holds what was paid for, so do not delete it',
      cause: error,
    });
  }
  let rest: Buffer = Buffer.alloc(0);
  let size = 0;
  let line = 0;
  // The stream closes the file.
  for await (const chunk of file.createReadStream({ highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
      line += 1;
      const entry = parseLine(bytes.toString('utf8', 0, end), index);
      if (entry === undefined) throw broken(path, line);
      index.put(entry);
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
  }
  return { existed: true, whole: size - rest.length, size };
}

function parseLine(line: string, index: EntryIndex): LedgerEntry | undefined {
  let change: JsonObject;
  try {
    change = JSON.parse(line) as JsonObject;
  } catch {
    return undefined;
  }
  const known = typeof change['key'] === 'string' ? index.get(change['key']) : undefined;
  const merged: Record<string, unknown> = { ...known, ...change };
  for (const [name, value] of Object.entries(merged)) if (value === null && name !== 'version') delete merged[name];
  return entryShape.safeParse(merged).success ? (merged as unknown as LedgerEntry) : undefined;
}

function broken(path: string, line: number): ConnectorError {
  return new ConnectorError(`The ledger ${path} is damaged at line ${line}.`, {
    area: 'config',
    fields: { line },
    hint: 'restore the file from a backup; without it, what was paid for is read from the destination: move it aside and run the same command again',
  });
}

/** The members that differ from what is known; dropped ones as null. */
function changesOf(known: LedgerEntry | undefined, entry: LedgerEntry): Record<string, unknown> {
  if (known === undefined) return { ...entry };
  const before = known as unknown as Record<string, unknown>;
  const after = entry as unknown as Record<string, unknown>;
  const changes: Record<string, unknown> = { key: entry.key };
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
    if (before[name] !== after[name]) changes[name] = after[name] ?? null;
  return changes;
}

function withoutContent(entry: LedgerEntry): LedgerEntry {
  const { body: _, result: __, ...stub } = entry;
  return stub;
}

function toStub(run: CommittedRun, known: LedgerEntry | undefined): LedgerEntry {
  return {
    key: run.key,
    status: 'terminal',
    callId: run.callId,
    transcriptHash: run.transcriptHash,
    kit: run.kit,
    version: run.version,
    attempt: run.attempt,
    input: known?.input ?? 'text',
    createdAt: known?.createdAt ?? 0,
    startedAt: known?.startedAt ?? '',
    inputChars: known?.inputChars ?? 0,
    bodySha256: known?.bodySha256 ?? '',
    runId: run.runId,
  };
}

async function rewrite(path: string, index: EntryIndex): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    let lines: string[] = [];
    for (const entry of index.values()) {
      lines.push(`${JSON.stringify(entry)}\n`);
      if (lines.length === 1000) {
        await file.write(lines.join(''));
        lines = [];
      }
    }
    if (lines.length > 0) await file.write(lines.join(''));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
