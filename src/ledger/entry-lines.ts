// The lines of a ledger file: a line holds the members of an entry that changed, and lines of one key add up.
import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import type { EntryIndex } from './entries.ts';

const entrySchema = z.looseObject({
  key: z.string(),
  status: z.enum(['intent', 'accepted', 'terminal', 'frozen', 'lost', 'skipped']),
  callId: z.string(),
  transcriptHash: z.string(),
  kit: z.string(),
  version: z.string().nullable(),
  attempt: z.number(),
  input: z.enum(['text', 'turns']),
  createdAt: z.number(),
  startedAt: z.string(),
  inputChars: z.number(),
  bodySha256: z.string(),
  body: z.string().optional(),
  runId: z.string().optional(),
  answered: z.string().optional(),
});

/** The members that differ from what is known, dropped ones as null; empty when nothing does. */
export function toLine(known: LedgerEntry | undefined, entry: LedgerEntry): string {
  if (known === undefined) return `${JSON.stringify(entry)}\n`;
  const before = known as unknown as Record<string, unknown>;
  const after = entry as unknown as Record<string, unknown>;
  const changes: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
    if (before[name] !== after[name]) changes[name] = after[name] ?? null;
  return Object.keys(changes).length === 0 ? '' : `${JSON.stringify({ key: entry.key, ...changes })}\n`;
}

/**
 * Reads a file's lines into the index.
 * @returns bytes of the whole lines, and of the file: they differ after a crash in the middle of a line. Undefined when there
 * is no file.
 * @throws ConnectorError area `config` when a whole line is broken; `destination` when the file cannot be read.
 */
export async function readLines(path: string, index: EntryIndex): Promise<{ whole: number; size: number } | undefined> {
  const file = await openToRead(path);
  if (file === undefined) return undefined;
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
  return { whole: size - rest.length, size };
}

async function openToRead(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ConnectorError(`The ledger ${path} cannot be read (${code}).`, {
      area: 'destination',
      hint: 'make the file readable for this user; it holds what was paid for, so do not delete it',
      cause: error,
    });
  }
}

/** @returns the entry after that line; undefined for a line that is broken */
export function parseLine(line: string, index: EntryIndex): LedgerEntry | undefined {
  let change: JsonObject;
  try {
    change = JSON.parse(line) as JsonObject;
  } catch {
    return undefined;
  }
  const known = typeof change?.['key'] === 'string' ? index.get(change['key']) : undefined;
  const merged: Record<string, unknown> = { ...known, ...change };
  for (const [name, value] of Object.entries(merged)) if (value === null && name !== 'version') delete merged[name];
  return entrySchema.safeParse(merged).success ? (merged as unknown as LedgerEntry) : undefined;
}

function broken(path: string, line: number): ConnectorError {
  return new ConnectorError(`The ledger ${path} is damaged at line ${line}.`, {
    area: 'config',
    fields: { line },
    hint: 'restore the file from a backup; without it, what was paid for is read from the destination: move it aside and run the same command again',
  });
}
