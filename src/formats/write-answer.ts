// An answer in the format that was asked for, as it comes, with a bounded memory.
import type { Answer, Column } from './answer.ts';
import { createCsvWriter } from './csv.ts';
import { createJsonLinesWriter, createJsonWriter } from './json.ts';
import type { RowWriter } from './row-writer.ts';
import { createTableWriter, type TableLayout } from './table.ts';

export const rowFormats = ['table', 'csv', 'json', 'jsonl'] as const;
export const answerFormats = [...rowFormats, 'arrow'] as const;
export type AnswerFormat = (typeof answerFormats)[number];

export interface FormatOptions extends TableLayout {
  /** CSV: without the guard against formulas. */
  readonly isRaw?: boolean;
}

/** Takes a piece of the output; resolves when there is room for the next. */
export type Write = (piece: string | Buffer) => Promise<void>;

/** @returns the number of rows */
export async function writeAnswer(
  format: AnswerFormat,
  answer: Answer,
  write: Write,
  options: FormatOptions = {},
): Promise<number> {
  if (format === 'arrow') {
    const { writeArrow } = await import('./arrow.ts');
    return await writeArrow(answer, write);
  }
  const writer = createRowWriter(format, answer.columns, options);
  let count = 0;
  const writeText = async (text = '') => {
    if (text !== '') await write(text);
  };
  await writeText(writer.begin?.());
  for await (const chunk of answer.chunks) {
    await writeText(writer.rows(chunk, count));
    count += chunk.rowCount;
  }
  await writeText(writer.end?.(count));
  return count;
}

function createRowWriter(
  format: (typeof rowFormats)[number],
  columns: readonly Column[],
  options: FormatOptions,
): RowWriter {
  switch (format) {
    case 'table':
      return createTableWriter(columns, options);
    case 'csv':
      return createCsvWriter(columns, options.isRaw === true);
    case 'json':
      return createJsonWriter(columns);
    case 'jsonl':
      return createJsonLinesWriter(columns);
  }
}
