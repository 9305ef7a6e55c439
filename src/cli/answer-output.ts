// Where the rows of a command go, and in which form.
import { extname, resolve } from 'node:path';
import { ConnectorError } from '../core/errors.ts';
import { type Answer, firstRows } from '../formats/answer.ts';
import {
  type AnswerFormat,
  answerFormats,
  type FormatOptions,
  rowFormats,
  type Write,
  writeAnswer,
} from '../formats/write-answer.ts';
import type { CommandContext, Flag, FlagValues } from './command.ts';
import { numberFlag, textFlag } from './command.ts';

const group = 'Output:';

export const outputFlags: Readonly<Record<string, Flag>> = {
  format: {
    choices: answerFormats,
    group,
    describe: 'Form of the rows; arrow is a stream for pyarrow, pandas, Polars, R and DuckDB',
    otherwise: 'table on a terminal, csv in a pipe; with -o by the name of the file; json with --json',
  },
  output: { type: 'string', alias: 'o', group, describe: 'A file for the rows; it has its name when it is whole' },
  limit: { type: 'number', group, describe: 'At most so many rows', otherwise: '100 in a table, else all' },
  vertical: { type: 'boolean', group, describe: 'A table with a field a line' },
  wide: { type: 'boolean', group, describe: 'A table with whole cells and every digit, however wide' },
  raw: { type: 'boolean', group, describe: 'CSV without the apostrophe that keeps texts from being formulas' },
};

/** For commands whose rows are few. */
export const rowFormatFlag: Flag = {
  choices: rowFormats,
  group,
  describe: 'Form of the rows',
  otherwise: 'table; json with --json',
};

export function rowFormatOf(flags: FlagValues, json: boolean): (typeof rowFormats)[number] {
  return rowFormats.find((format) => format === textFlag(flags, 'format')) ?? (json ? 'json' : 'table');
}

const tableRows = 100;

/** Writes an answer as the flags say, and tells on stderr how many rows there were. */
export async function printAnswer(answer: Answer, flags: FlagValues, context: CommandContext): Promise<void> {
  const target = textFlag(flags, 'output');
  const format = formatOf(flags, target, context);
  if (format === 'arrow' && target === undefined && context.io.isTerminal.stdout)
    throw new ConnectorError('Arrow is no text for a terminal.', {
      area: 'config',
      hint: 'name a file (-o rows.arrow), or send it to a program: | python3 read.py',
    });
  const limit = limitOf(flags) ?? (format === 'table' ? tableRows : Number.POSITIVE_INFINITY);
  const rows = firstRows(answer, limit);
  const options: FormatOptions = {
    room: target === undefined ? context.io.terminalColumns : undefined,
    isVertical: flags['vertical'] === true,
    isWide: flags['wide'] === true,
    isRaw: flags['raw'] === true,
  };
  if (target === undefined || target === '-') {
    const count = await writeAnswer(format, rows, context.print, options);
    if (format === 'table') context.log('info', countText(count, rows.wasCut()));
    return;
  }
  const count = await writeFile(target, context, (write) => writeAnswer(format, rows, write, options));
  context.log('info', `${target}: ${countText(count, rows.wasCut())}`);
}

function limitOf(flags: FlagValues): number | undefined {
  const limit = numberFlag(flags, 'limit');
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 0)) return limit;
  throw new ConnectorError('--limit is no number of rows.', { area: 'config', hint: '--limit 1000' });
}

function countText(count: number, wasCut: boolean): string {
  const rows = `${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'}`;
  return wasCut ? `${rows}, and there are more (--limit)` : rows;
}

const formatOfName: Readonly<Record<string, AnswerFormat>> = {
  '.txt': 'table',
  '.csv': 'csv',
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.arrow': 'arrow',
  '.arrows': 'arrow',
};

function formatOf(flags: FlagValues, target: string | undefined, { json, io }: CommandContext): AnswerFormat {
  const chosen = answerFormats.find((format) => format === textFlag(flags, 'format'));
  if (chosen !== undefined) return chosen;
  if (json) return 'json';
  if (target !== undefined && target !== '-') return formatOfName[extname(target).toLowerCase()] ?? 'csv';
  if (flags['vertical'] === true || flags['wide'] === true) return 'table';
  return io.isTerminal.stdout ? 'table' : 'csv';
}

async function writeFile(
  target: string,
  { io }: CommandContext,
  use: (write: Write) => Promise<number>,
): Promise<number> {
  const { openOutputFile } = await import('../pipeline/output-file.ts');
  const file = await openOutputFile(resolve(io.cwd, target), target);
  try {
    const count = await use(file.write);
    await file.finish();
    return count;
  } catch (error) {
    await file.discard();
    throw error;
  }
}
