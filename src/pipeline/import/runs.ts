// Runs of Semarize that were made elsewhere (Zapier, n8n, Make, a script), from a file into ext_runs.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { ConnectorError } from '../../core/errors.ts';
import { sha256 } from '../../core/hash.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import { toWellFormedJson } from '../../core/well-formed.ts';
import { FieldProblem, toInstant, toText } from '../../import/field-values.ts';
import { importTables } from '../../import/merge.ts';
import type { ReadRow } from '../../import/read-row.ts';
import { type FoundRun, mostDocumentBytes, runOfLine, runsOfDocument } from '../../import/runs.ts';
import { isTerminal, runSchema } from '../../semarize/schemas.ts';
import type { Environment } from '../environment.ts';
import type { Place } from '../places/place.ts';
import { type ImportResult, importRows } from './import-rows.ts';

export interface RunsResult extends ImportResult {
  /** Runs that name no call. */
  readonly withoutCall: number;
}

/**
 * @param path absolute
 * @param shown how messages name the file
 * @throws ConnectorError `config` for a file that cannot be read, `busy`, `destination`
 */
export async function importRuns(
  place: Place,
  path: string,
  shown: string,
  environment: Environment,
): Promise<RunsResult> {
  let withoutCall = 0;
  async function* rows(): AsyncGenerator<ReadRow> {
    for await (const { line, run } of runsOf(path, shown)) {
      const read: ReadRow =
        run === undefined ? { line, problem: 'holds no run' } : toRow(line, run, environment.clock.now());
      if ('row' in read && read.row['call_id'] === undefined) withoutCall += 1;
      yield read;
    }
  }
  const result = await importRows(place, importTables.runs, rows(), environment);
  return { ...result, withoutCall };
}

async function* runsOf(path: string, shown: string): AsyncGenerator<FoundRun> {
  try {
    if (await hasLines(path)) {
      let line = 0;
      for await (const text of createInterface({
        input: createReadStream(path, 'utf8'),
        crlfDelay: Number.POSITIVE_INFINITY,
      })) {
        line += 1;
        const found = runOfLine(text, line);
        if (found !== undefined) yield found;
      }
      return;
    }
    if ((await stat(path)).size > mostDocumentBytes)
      throw new ConnectorError(`${shown} is one JSON document of more than 256 MiB.`, {
        area: 'config',
        hint: 'write one run a line: jq -c ".[]" runs.json > runs.jsonl',
      });
    yield* runsOfDocument(await readFile(path, 'utf8'), shown);
  } catch (cause) {
    if (cause instanceof ConnectorError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConnectorError(`${shown} cannot be read (${code}).`, {
      area: 'config',
      hint: 'correct the path, then run the same command again',
      cause,
    });
  }
}

/** Is the first line that is not empty a whole object? */
async function hasLines(path: string): Promise<boolean> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const text of lines) {
      if (text.replace(/^\uFEFF/, '').trim() === '') continue;
      const run = runOfLine(text, 1)?.run;
      return run !== undefined && !Array.isArray(run['runs']);
    }
    return false;
  } finally {
    lines.close();
  }
}

function toRow(line: number, given: JsonObject, now: number): ReadRow {
  const whole = toWellFormedJson(given) as JsonObject;
  const parsed = runSchema.safeParse(whole);
  if (!parsed.success) return { line, problem: 'has no run_id, or no status' };
  const run = parsed.data;
  if (!isTerminal(run)) return { line, problem: 'has not ended' };
  const { input, metadata } = whole;
  const transcript = isJsonObject(input) ? input['transcript'] : undefined;
  const bricks = (run.output?.bricks ?? whole['bricks'] ?? null) as JsonValue;
  const runType = run.run_type ?? 'api';
  try {
    return {
      line,
      row: {
        run_id: run.run_id,
        ...optional('call_id', toText(whole['call_id'] ?? (isJsonObject(metadata) ? metadata['call_id'] : undefined))),
        ...optional('kit_code', toText(run.output?.kit_code ?? whole['kit_code'])),
        ...optional('kit_version_id', run.kit_version_id ?? undefined),
        ...{ status: run.status, run_type: runType, is_sandbox: runType === 'sandbox', origin: 'collected' },
        ...optional('transcript_hash', typeof transcript === 'string' ? sha256(transcript) : undefined),
        ...optional('input_chars', typeof transcript === 'string' ? transcript.length : undefined),
        ...optional('requested_at', toInstant(whole['requested_at'] ?? whole['created_at'])),
        ...optional('finished_at', toInstant(whole['finished_at'] ?? whole['completed_at'])),
        ...optional('duration_ms', run.duration_ms == null ? undefined : Math.round(run.duration_ms)),
        ...optional('error_code', run.error_code ?? undefined),
        ...optional('error_message', run.error_message ?? undefined),
        ...optional('error_user_message', run.error_user_message ?? undefined),
        bricks,
        raw: withoutInput(whole),
        extracted_at: new Date(now).toISOString(),
      },
    };
  } catch (error) {
    if (error instanceof FieldProblem) return { line, problem: `a time ${error.message}` };
    throw error;
  }
}

/** The words of the call stay where they are: with its transcript. */
function withoutInput({ input: _, ...rest }: JsonObject): JsonObject {
  return rest;
}

function optional(name: string, value: JsonValue | undefined): JsonObject {
  return value === undefined || value === null ? {} : { [name]: value };
}
