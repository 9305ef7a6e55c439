// The answer to a query as the formats take it: columns, and rows a few thousand at a time.
import type { JsonValue } from '../core/json.ts';
import type { ResultChunk, TypedColumn, TypedResult } from '../duckdb/session.ts';

export type Answer = TypedResult;
export type Column = TypedColumn;
export type AnswerChunk = ResultChunk;

/** Rows of texts that we made ourselves, as an answer. */
export function answerOf(names: readonly string[], rows: AsyncIterable<readonly (string | null)[][]>): Answer {
  async function* chunks(): AsyncGenerator<AnswerChunk> {
    for await (const part of rows)
      if (part.length > 0)
        yield {
          rowCount: part.length,
          rows: (): JsonValue[][] => part.map((row) => [...row]),
          values: (column) => part.map((row) => row[column] ?? null),
        };
  }
  return { columns: names.map((name) => ({ name, type: 'VARCHAR', valueType: { kind: 'text' } })), chunks: chunks() };
}

/** The first `limit` rows of an answer; `wasCut` says, at the end, whether there were more. */
export function firstRows({ columns, chunks }: Answer, limit: number): Answer & { wasCut(): boolean } {
  let left = limit;
  let isCut = false;
  async function* first(): AsyncGenerator<AnswerChunk> {
    for await (const chunk of chunks) {
      isCut = chunk.rowCount > left;
      if (!isCut) yield chunk;
      else if (left > 0) yield shortened(chunk, left);
      left -= chunk.rowCount;
      if (isCut) return;
    }
  }
  return { columns, chunks: first(), wasCut: () => isCut };
}

function shortened(chunk: AnswerChunk, rowCount: number): AnswerChunk {
  return {
    rowCount,
    rows: (form) => chunk.rows(form).slice(0, rowCount),
    values: (column) => chunk.values(column).slice(0, rowCount),
  };
}
