// Runs of Semarize that were made elsewhere, from a file: one run a line, or one JSON document with a list.

import { ConnectorError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';

export interface FoundRun {
  /** Of a document: the number of the run in the list. */
  readonly line: number;
  /** Undefined: no JSON object stands there. */
  readonly run: JsonObject | undefined;
}

/** Bytes of a document that is read whole; a file with one run a line may have any size. */
export const mostDocumentBytes = 256 * 1024 * 1024;

/**
 * Pure.
 * @param text a whole document: a list of runs, `{"runs": […]}`, or one run
 * @throws ConnectorError of area `config` when it is none of these
 */
export function runsOfDocument(text: string, shown: string): FoundRun[] {
  const document = parse(text.replace(/^\uFEFF/, ''));
  const list = Array.isArray(document)
    ? document
    : isJsonObject(document)
      ? (document['runs'] ?? [document])
      : undefined;
  if (!Array.isArray(list))
    throw new ConnectorError(`${shown} holds no runs.`, {
      area: 'config',
      hint: 'write one run a line, or a JSON list of runs, as GET /v1/runs/{id} answers them',
    });
  return list.map((run, index) => ({ line: index + 1, run: isJsonObject(run) ? run : undefined }));
}

/** Pure. Undefined for an empty line. */
export function runOfLine(text: string, line: number): FoundRun | undefined {
  if (text.trim() === '') return undefined;
  const run = parse(line === 1 ? text.replace(/^\uFEFF/, '') : text);
  return { line, run: isJsonObject(run) ? run : undefined };
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
