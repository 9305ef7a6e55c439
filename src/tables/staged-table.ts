// Staging files into a typed temporary table: by the fast reader, or line by line anew where that one refuses.
import { createReadStream, createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { StagedStream } from '../core/destination.ts';
import { stagedMembers } from '../core/destination.ts';
import { ConnectorError } from '../core/errors.ts';
import { isJsonReadError } from '../duckdb/errors.ts';
import { countRows } from '../duckdb/relations.ts';
import type { Session } from '../duckdb/session.ts';
import { quoteIdent } from '../duckdb/sql.ts';
import { parseExactly, writeExactly } from '../jsonl/full-parse.ts';
import { splitLines } from '../jsonl/lines.ts';
import type { Column } from './columns.ts';
import { digitsOf, typeFor } from './decimal.ts';
import type { ReadMode, StagedFiles } from './staged-sql.ts';
import { selectDigits, selectStaged, stagedColumns } from './staged-sql.ts';
import { placeOf } from './strict.ts';

/** What the rows of a batch are typed into. */
export interface BatchTarget {
  readonly columns: readonly Column[];
  /** `objects` when fields of the stream differ by case only. */
  readonly mode: ReadMode;
}

/** Types by property. */
export type Needs = ReadonlyMap<string, string>;

export interface StagedTable {
  /** Values that did not fit, by column. */
  readonly nulled: ReadonlyMap<string, number>;
  /** Values that were stored without their last digits, by column. */
  readonly rounded: ReadonlyMap<string, number>;
  /** Types that hold the numbers of the batch, by property, where the column's does not: widen these and stage again. */
  readonly needs: Needs;
}

/**
 * Reads the files of `staged` into the temporary table `table`, replacing it.
 * @throws ConnectorError (destination) that names the number of a record no reader takes; DuckDB's own errors else
 */
export async function createStagedTable(
  session: Session,
  table: string,
  staged: StagedStream,
  { columns, mode }: BatchTarget,
): Promise<StagedTable> {
  const used = await fillTable(session, table, staged, columns, mode);
  const rows = await countRows(session, quoteIdent(table));
  if (rows !== staged.rows)
    throw new ConnectorError(
      `stream ${staged.configured.stream.name}: ${staged.rows} records were staged, but ${rows} were read back`,
      { area: 'bug' },
    );
  const nulled = await countNamed(session, table, stagedColumns.nulled);
  const rounded = await countNamed(session, table, stagedColumns.rounded);
  const misfits = columns.filter(({ name, grows }) => grows !== undefined && nulled.has(name));
  return { nulled, rounded, needs: misfits.length === 0 ? new Map() : await findNeeds(session, used, misfits) };
}

/** @returns what was read in the end, and how. */
async function fillTable(
  session: Session,
  table: string,
  staged: StagedStream,
  columns: readonly Column[],
  mode: ReadMode,
): Promise<{ files: StagedFiles; mode: ReadMode }> {
  const fill = (files: StagedFiles, as: ReadMode) =>
    session.run(`CREATE OR REPLACE TEMP TABLE ${quoteIdent(table)} AS ${selectStaged(files, columns, as)}`);
  try {
    await fill(staged, mode);
    return { files: staged, mode };
  } catch (error) {
    if (!isJsonReadError(error)) throw error;
  }
  const clean = { files: staged.files, longestLine: await rewriteFiles(staged) };
  try {
    await fill(clean, 'objects');
    return { files: clean, mode: 'objects' };
  } catch (error) {
    if (!isJsonReadError(error)) throw error;
    // The text quotes the record; the number in it is all that may pass.
    const line = /in line (\d+)/.exec(String(error))?.[1] ?? 'unknown';
    throw unreadable(staged, `line ${line} of a staging file`);
  }
}

/** Writes every line anew through the full parse. @returns bytes of the longest line */
async function rewriteFiles(staged: StagedStream): Promise<number> {
  let longest = 0;
  for (const file of staged.files) {
    const clean = `${file}.clean`;
    async function* cleanLines() {
      for await (const lines of splitLines(createReadStream(file), staged.longestLine + 1))
        for (const line of lines) {
          const text = `${cleanLine(staged, line.bytes.toString('utf8'))}\n`;
          longest = Math.max(longest, Buffer.byteLength(text));
          yield text;
        }
    }
    await pipeline(cleanLines, createWriteStream(clean, { mode: 0o600 }));
    await rename(clean, file);
  }
  return longest;
}

function cleanLine(staged: StagedStream, line: string): string {
  try {
    return writeExactly(parseExactly(line));
  } catch {
    const seq = new RegExp(`^\\{"${stagedMembers.seq}":(\\d+)`).exec(line)?.[1];
    throw unreadable(staged, seq === undefined ? 'a record' : placeOf(Number(seq), staged));
  }
}

function unreadable(staged: StagedStream, which: string): ConnectorError {
  return new ConnectorError(`stream ${staged.configured.stream.name}: ${which} cannot be read as JSON`, {
    area: 'destination',
    hint: 'leave that record out and run again; if it is valid JSON, please report it',
    fields: { stream: staged.configured.stream.name },
  });
}

async function countNamed(session: Session, table: string, list: string): Promise<Map<string, number>> {
  const rows = await session.rows(
    `SELECT name, count(*) AS number FROM (SELECT unnest(${list}) AS name FROM ${quoteIdent(table)}` +
      ` WHERE ${list} IS NOT NULL) GROUP BY name ORDER BY name`,
  );
  return new Map(rows.map(({ name, number }) => [String(name), Number(number)]));
}

async function findNeeds(
  session: Session,
  used: { files: StagedFiles; mode: ReadMode },
  columns: readonly Column[],
): Promise<Needs> {
  const [row = {}] = await session.rows(selectDigits(used.files, columns, used.mode));
  const needs = new Map<string, string>();
  for (const [index, { property, type }] of columns.entries()) {
    if (row[`n${index}`] !== true) continue;
    const whole = Number(row[`w${index}`]);
    const scale = Math.max(Number(row[`s${index}`]), digitsOf(type)?.scale ?? 0);
    needs.set(property, typeFor({ whole, scale }));
  }
  return needs;
}
