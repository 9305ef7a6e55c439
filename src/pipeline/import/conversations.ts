// A folder of WebVTT files and a CSV that says what each of them is, into ext_conversations.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { buildTranscript } from '../../gong/transcript-text.ts';
import { findColumns } from '../../import/columns.ts';
import { conversationColumns, toConversation } from '../../import/conversations.ts';
import { readCsv } from '../../import/csv.ts';
import { importTables } from '../../import/merge.ts';
import type { ReadRow } from '../../import/read-row.ts';
import { parseWebVtt, VttProblem, type VttSentence } from '../../import/web-vtt.ts';
import type { Environment } from '../environment.ts';
import type { Place } from '../places/place.ts';
import { type ImportResult, importRows } from './import-rows.ts';
import { utf8Chunks } from './outcomes.ts';

export interface ConversationsSource {
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly shown: string;
  readonly map: Readonly<Record<string, string>>;
  /** Names of people of the own company, in lower case: their words are a rep's. */
  readonly reps: ReadonlySet<string>;
}

export interface ConversationsResult extends ImportResult {
  /** WebVTT files that the CSV does not name. */
  readonly unnamed: readonly string[];
  readonly unread: readonly string[];
}

/** A day of talk has some 5 MB. */
const mostBytes = 64 * 1024 * 1024;

/** @throws ConnectorError `config` for a folder without its CSV, `busy`, `destination` */
export async function importConversations(
  place: Place,
  source: ConversationsSource,
  environment: Environment,
): Promise<ConversationsResult> {
  const { folder, shown } = source;
  const names = await listFolder(folder, shown);
  const [index, ...others] = names.filter((name) => /\.csv$/i.test(name));
  if (index === undefined || others.length > 0)
    throw new ConnectorError(
      index === undefined
        ? `${shown} has no CSV that says what its files are.`
        : `${shown} has several CSV files: ${[index, ...others].join(', ')}.`,
      {
        area: 'config',
        hint: `put one CSV there, with the columns ${conversationColumns.required.join(', ')} and, if known, opportunity_id, title, owner_email`,
      },
    );
  const unnamed = new Set(names.filter((name) => /\.vtt$/i.test(name)));
  let unread: readonly string[] = [];
  async function* rows(): AsyncGenerator<ReadRow & { where?: string }> {
    let places: ReadonlyMap<string, number> | undefined;
    let width = 0;
    for await (const { line, fields, isBroken } of readCsv(
      utf8Chunks(join(folder, String(index)), `${shown}/${index}`),
    )) {
      if (places === undefined) {
        const found = findColumns(fields, conversationColumns, source.map, `${shown}/${index}`);
        [places, unread, width] = [found.places, found.unread, fields.length];
        continue;
      }
      const where = `${index} line ${line}`;
      if (isBroken || fields.length !== width) {
        yield { line, where, problem: 'has another number of fields than the header' };
        continue;
      }
      const listed = toConversation(line, fields, places);
      if ('problem' in listed) {
        yield { ...listed, where };
        continue;
      }
      unnamed.delete(listed.file);
      yield {
        ...(await readConversation(listed.row, listed.file, line, source, environment.clock.now())),
        where: listed.file,
      };
    }
  }
  const result = await importRows(place, importTables.conversations, rows(), environment);
  return { ...result, unnamed: [...unnamed].sort(), unread };
}

async function listFolder(folder: string, shown: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    throw new ConnectorError(`There is no folder ${shown}.`, {
      area: 'config',
      hint: 'name a folder of WebVTT files and one CSV',
      cause,
    });
  }
}

async function readConversation(
  row: JsonObject,
  file: string,
  line: number,
  { folder, reps }: ConversationsSource,
  now: number,
): Promise<ReadRow> {
  try {
    const path = join(folder, file);
    if ((await stat(path)).size > mostBytes) return { line, problem: 'has more than 64 MiB' };
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(path));
    const said = parseWebVtt(text);
    const owner = String(row['owner_name'] ?? '').toLowerCase();
    const isRep = (name: string) => name.toLowerCase() === owner || reps.has(name.toLowerCase());
    const transcript = transcriptOf(said, isRep);
    const end = Math.round(Math.max(...said.map((sentence) => sentence.end)) / 1000);
    return {
      line,
      row: { duration_s: end, ...row, ...transcript, imported_at: new Date(now).toISOString() } as JsonObject,
    };
  } catch (error) {
    if (error instanceof VttProblem) return { line, problem: error.message };
    if (error instanceof TypeError) return { line, problem: 'is not written in UTF-8' };
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { line, problem: code === 'ENOENT' ? 'is not there' : `cannot be read (${code})` };
  }
}

/** The words in the form of every transcript: what is evaluated does not depend on who recorded it. */
function transcriptOf(said: readonly VttSentence[], isRep: (name: string) => boolean) {
  const names = [...new Set(said.flatMap(({ speaker }) => (speaker === null ? [] : [speaker])))];
  const parties = names.map((name) => ({
    ...{ party_id: null, speaker_id: name, user_id: null, name, email: null, title: null, phone: null },
    ...{ affiliation: null, role: isRep(name) ? 'rep' : 'unknown', methods: [], crm_ids: [] },
  }));
  const transcript = said.map(({ speaker, start, end, text }) => ({
    ...(speaker === null ? {} : { speakerId: speaker }),
    sentences: [{ start, end, text }],
  }));
  return buildTranscript({ callId: '', transcript }, parties);
}
