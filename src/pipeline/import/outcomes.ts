// Outcomes of deals from a CSV or Parquet file, or from a query over the place itself, into ext_outcomes.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ConnectorError } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import { quoteLiteral } from '../../duckdb/sql.ts';
import { findColumns } from '../../import/columns.ts';
import { readCsv } from '../../import/csv.ts';
import { importTables } from '../../import/merge.ts';
import { outcomeColumns, toOutcome } from '../../import/outcomes.ts';
import type { ReadRow } from '../../import/read-row.ts';
import type { Environment } from '../environment.ts';
import type { Place } from '../places/place.ts';
import { type ImportResult, importRows } from './import-rows.ts';

export interface OutcomesSource {
  /** Absolute path of a CSV or Parquet file. */
  readonly file?: string | undefined;
  /** One SELECT over the place. */
  readonly sql?: string | undefined;
  /** Our column → the source's, where the names differ. */
  readonly map: Readonly<Record<string, string>>;
  /** How messages name the source. */
  readonly shown: string;
}

export interface OutcomesResult extends ImportResult {
  /** Columns of the source that nobody reads. */
  readonly unread: readonly string[];
  /** When the outcomes were so, where the source does not say: ISO 8601. */
  readonly asOf: string;
}

/** @throws ConnectorError `config` for a source that cannot be read, `busy`, `destination` */
export async function importOutcomes(
  place: Place,
  source: OutcomesSource,
  environment: Environment,
): Promise<OutcomesResult> {
  const told: { unread: readonly string[]; asOf: string } = { unread: [], asOf: await asOfSource(source, environment) };
  async function* rows(): AsyncGenerator<ReadRow> {
    let places: ReadonlyMap<string, number> | undefined;
    for await (const { line, fields, problem } of recordsOf(source, place, environment)) {
      if (places === undefined) {
        const found = findColumns(fields.map(String), outcomeColumns, source.map, source.shown);
        places = found.places;
        told.unread = found.unread;
      } else yield problem === undefined ? toOutcome(line, fields, places, told.asOf) : { line, problem };
    }
    if (places === undefined)
      throw new ConnectorError(`${source.shown} is empty.`, {
        area: 'config',
        hint: 'its first line names the columns',
      });
  }
  const result = await importRows(place, importTables.outcomes, rows(), environment);
  return { ...result, ...told };
}

/** A file says what was so when it was written, a query what is so now. */
async function asOfSource({ file, shown }: OutcomesSource, { clock }: Environment): Promise<string> {
  if (file === undefined) return new Date(clock.now()).toISOString();
  try {
    return (await stat(file)).mtime.toISOString();
  } catch (cause) {
    throw new ConnectorError(`There is no file ${shown}.`, {
      area: 'config',
      hint: 'correct the path, then run the same command again',
      cause,
    });
  }
}

interface SourceRecord {
  readonly line: number;
  readonly fields: readonly JsonValue[];
  readonly problem?: string;
}

/** The names of the columns, then the records. */
async function* recordsOf(
  { file, sql, shown }: OutcomesSource,
  place: Place,
  environment: Environment,
): AsyncGenerator<SourceRecord> {
  if (file !== undefined && !/\.parquet$/i.test(file)) {
    yield* csvRecords(file, shown);
    return;
  }
  const { openInMemory } = await import('../../duckdb/connection.ts');
  const database = file === undefined ? await place.openReader(environment, {}) : await openInMemory({ files: [file] });
  try {
    const query = file === undefined ? String(sql) : `SELECT * FROM read_parquet(${quoteLiteral(file)})`;
    const records = await database.exclusive(async (session) => {
      const { columns, rows } = await session.stream(query);
      return { names: columns.map(({ name }) => name), rows };
    });
    yield { line: 0, fields: records.names };
    let line = 0;
    for await (const chunk of records.rows)
      for (const fields of chunk) {
        line += 1;
        yield { line, fields };
      }
  } catch (cause) {
    if (cause instanceof ConnectorError) throw cause;
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new ConnectorError(`${shown} cannot be read: ${reason}`, {
      area: 'config',
      hint: file === undefined ? 'write one SELECT over tables of the same database' : 'is it a Parquet file?',
      cause,
    });
  } finally {
    await database.close();
  }
}

async function* csvRecords(file: string, shown: string): AsyncGenerator<SourceRecord> {
  let width: number | undefined;
  for await (const { line, fields, isBroken } of readCsv(utf8Chunks(file, shown))) {
    width ??= fields.length;
    if (isBroken) yield { line, fields, problem: 'a quote is never closed, or text follows one' };
    else if (fields.length !== width)
      yield { line, fields, problem: `has ${fields.length} fields, the header has ${width}` };
    else yield { line, fields };
  }
}

/** @throws ConnectorError of area `config` for a file that is not UTF-8 */
export async function* utf8Chunks(file: string, shown: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for await (const chunk of createReadStream(file)) yield decoder.decode(chunk as Buffer, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isEncoding = cause instanceof TypeError;
    throw new ConnectorError(isEncoding ? `${shown} is not written in UTF-8.` : `${shown} cannot be read (${code}).`, {
      area: 'config',
      hint: isEncoding
        ? 'save it as UTF-8: in Excel, "CSV UTF-8"'
        : 'correct the path, then run the same command again',
      cause,
    });
  }
}
