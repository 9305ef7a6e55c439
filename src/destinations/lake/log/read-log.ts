// From the files of a Delta log to the table's snapshot: the newest checkpoint, then the entries behind it, one number after the other.
import { join } from 'node:path';
import { z } from 'zod';
import { ConnectorError } from '../../../core/errors.ts';
import type { FileStore } from '../../../core/store.ts';
import type { Session } from '../../../duckdb/session.ts';
import { quoteList } from '../../../duckdb/sql.ts';
import { type Action, decodeEntry, decodeRow } from './actions.ts';
import { checkpointNames, entryName, lastCheckpoint, logFolder, parseLogName } from './names.ts';
import { checkReadable } from './protocol.ts';
import { completed, type Draft, type Entry, emptyDraft, replay, type Snapshot } from './snapshot.ts';

/** Where a table lies. */
export interface TablePlace {
  /** Of the lake. */
  readonly store: FileStore;
  /** Of the table, in the lake; no slash at its end. */
  readonly folder: string;
}

export const inTable = ({ folder }: TablePlace, name: string): string => `${folder}/${name}`;

/**
 * The newest version of a table; undefined when there is none in that folder.
 * @param session may read the lake
 * @param known an earlier answer: only what came after it is read
 * @param isWhole Are the tombstones wanted? For a reader they are most of a checkpoint, and nothing to it; who commits or cleans up
 * needs them.
 * @throws ConnectorError (destination) for a log that is damaged, incomplete, or has rules that we do not know
 */
export async function readSnapshot(
  session: Session,
  table: TablePlace,
  known?: Snapshot,
  isWhole = true,
): Promise<Snapshot | undefined> {
  const base = known ?? (await readCheckpoint(session, table, isWhole));
  const entries: Entry[] = [];
  for (let version = base.version + 1; ; version++) {
    const entry = await readEntry(table, version);
    if (entry === undefined) break;
    entries.push(entry);
  }
  if (entries.length === 0 && known !== undefined) return known;
  const draft = replay(base, entries);
  if (draft.version < 0) {
    if ((await logFiles(table)).length === 0) return undefined;
    throw unreadable(table, entryName(0));
  }
  const snapshot = completed(draft);
  if (snapshot === undefined) throw unreadable(table, entryName(draft.version));
  checkReadable(snapshot.protocol, snapshot.metaData, table.folder);
  return snapshot;
}

/** @returns undefined when that number is not taken yet */
export async function readEntry(table: TablePlace, version: number): Promise<Entry | undefined> {
  const name = entryName(version);
  const content = await table.store.read(inTable(table, name));
  if (content === undefined) return undefined;
  try {
    return { version, actions: decodeEntry(content.toString('utf8')) };
  } catch (cause) {
    throw unreadable(table, name, cause);
  }
}

/** What is in the folder of the log. */
export async function logFiles(table: TablePlace) {
  const names = await table.store.list(inTable(table, logFolder));
  return names.flatMap((path) => {
    const name = path.slice(table.folder.length + 1);
    const file = parseLogName(name);
    return file === undefined ? [] : [{ ...file, name }];
  });
}

const hintSchema = z.object({ version: z.number(), parts: z.number().nullish() });

async function readCheckpoint(session: Session, table: TablePlace, isWhole: boolean): Promise<Draft> {
  const found = (await hinted(table)) ?? (await listed(table));
  if (found === undefined) return emptyDraft;
  const names = checkpointNames(found.version, found.parts).map((name) => inTable(table, name));
  await table.store.bring(names);
  const files = names.map((name) => join(table.store.root, name));
  const actions: Action[] = [];
  try {
    const wanted = isWhole ? 'SELECT *' : 'SELECT * EXCLUDE (remove)';
    const filter = isWhole ? '' : 'WHERE remove.path IS NULL';
    const { rows } = await session.stream(
      `SELECT to_json(t)::VARCHAR FROM (${wanted} FROM read_parquet(${quoteList(files)}) ${filter}) t`,
    );
    for await (const chunk of rows) for (const [row] of chunk) actions.push(decodeRow(String(row)));
  } catch (cause) {
    throw unreadable(table, checkpointNames(found.version, found.parts)[0] ?? '', cause);
  }
  return { ...replay(emptyDraft, [{ version: found.version, actions }]), checkpoint: found.version };
}

interface Checkpoint {
  readonly version: number;
  readonly parts: number;
}

/** The checkpoint that the log says is the newest, when it is there. */
async function hinted(table: TablePlace): Promise<Checkpoint | undefined> {
  const content = await table.store.read(inTable(table, lastCheckpoint));
  if (content === undefined) return undefined;
  try {
    const { version, parts } = hintSchema.parse(JSON.parse(content.toString('utf8')));
    const present = new Set((await logFiles(table)).map(({ name }) => name));
    const checkpoint = { version, parts: parts ?? 1 };
    return checkpointNames(version, checkpoint.parts).every((name) => present.has(name)) ? checkpoint : undefined;
  } catch {
    // It is a hint: who wrote it may have died on the way.
    return undefined;
  }
}

/** The newest checkpoint of which every part is there. */
export async function listed(table: TablePlace): Promise<Checkpoint | undefined> {
  const files = (await logFiles(table)).filter(({ kind }) => kind === 'checkpoint');
  const present = new Set(files.map(({ name }) => name));
  return files
    .filter(({ version, parts }) => checkpointNames(version, parts).every((name) => present.has(name)))
    .sort((a, b) => b.version - a.version)[0];
}

function unreadable({ folder }: TablePlace, name: string, cause?: unknown): ConnectorError {
  return new ConnectorError(`${folder}/${name} cannot be read: it is missing, damaged, or of a newer Delta Lake`, {
    area: 'destination',
    hint: 'restore the folder of the table from a backup; nothing was changed',
    fields: { table: folder, name },
    cause,
  });
}
