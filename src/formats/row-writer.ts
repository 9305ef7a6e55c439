// What a format of text is: pieces of it for the beginning, for rows as they come, and for the end.
import type { AnswerChunk } from './answer.ts';

export interface RowWriter {
  begin?(): string;
  /** @param before rows that were written before these */
  rows(chunk: AnswerChunk, before: number): string;
  /** @param count rows that were written */
  end?(count: number): string;
}
