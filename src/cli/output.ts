// Rows of a query as a table, CSV, JSON or JSON lines: as they come, with a bounded memory.
import type { JsonValue } from '../core/json.ts';
import { cutToWidth, toTerminalLine, widthOf } from '../process/terminal-text.ts';
import type { Flag, FlagValues } from './command.ts';
import { textFlag } from './command.ts';

const outputFormats = ['table', 'csv', 'json', 'jsonl'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export const formatFlag: Flag = {
  choices: outputFormats,
  group: 'Output:',
  describe: 'Form of the rows',
  otherwise: 'table; json with --json',
};

export function formatOf(flags: FlagValues, json: boolean): OutputFormat {
  const chosen = outputFormats.find((format) => format === textFlag(flags, 'format'));
  return chosen ?? (json ? 'json' : 'table');
}

export interface ResultTable {
  /** `type` as DuckDB prints it. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Whole numbers beyond 2^53, decimals, times and JSON columns are text. */
  readonly rows: AsyncIterable<readonly (readonly JsonValue[])[]>;
}

/** @returns the number of rows. */
export async function writeRows(
  format: OutputFormat,
  table: ResultTable,
  print: (text: string) => Promise<void>,
): Promise<number> {
  const writer = writers[format](table.columns);
  let count = 0;
  const begin = writer.begin?.() ?? '';
  if (begin !== '') await print(begin);
  for await (const rows of table.rows) {
    if (rows.length === 0) continue;
    await print(writer.rows(rows, count));
    count += rows.length;
  }
  const end = writer.end?.(count) ?? '';
  if (end !== '') await print(end);
  return count;
}

type Columns = ResultTable['columns'];

interface RowWriter {
  begin?(): string;
  /** `before`: rows written before these. */
  rows(rows: readonly (readonly JsonValue[])[], before: number): string;
  end?(count: number): string;
}

const writers: Readonly<Record<OutputFormat, (columns: Columns) => RowWriter>> = {
  table: createTableWriter,
  csv: (columns) => ({
    begin: () => csvLine(columns.map(({ name }) => csvText(name))),
    rows: (rows) =>
      rows.map((row) => csvLine(row.map((value, index) => csvCell(value, columns[index]?.type)))).join(''),
  }),
  json: (columns) => ({
    begin: () => '[',
    rows: (rows, before) =>
      rows.map((row, index) => `${before + index === 0 ? '' : ','}\n${jsonObject(row, columns)}`).join(''),
    end: () => '\n]\n',
  }),
  jsonl: (columns) => ({ rows: (rows) => rows.map((row) => `${jsonObject(row, columns)}\n`).join('') }),
};

// A table's widths are those of its first rows: a later row that is wider stands out rather than being collected or cut.
const widestColumn = 60;

function createTableWriter(columns: Columns): RowWriter {
  let widths: readonly number[] = [];
  const isNumber = columns.map(({ type }) => /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL)/.test(type));
  const heads = columns.map(({ name }) => toTerminalLine(name));
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, index) => {
      const text = cutToWidth(cell, widestColumn);
      const room = ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(text)));
      return isNumber[index] ? `${room}${text}` : `${text}${room}`;
    });
    return `${padded.join('  ').trimEnd()}\n`;
  };
  const start = () => `${line(heads)}${line(widths.map((width) => '─'.repeat(width)))}`;
  return {
    rows(rows, before) {
      const cells = rows.map((row) => row.map((value) => toTerminalLine(plainText(value))));
      const isFirst = before === 0;
      if (isFirst)
        widths = heads.map((head, index) =>
          Math.min(widestColumn, Math.max(widthOf(head), ...cells.map((row) => widthOf(row[index] ?? '')))),
        );
      return `${isFirst ? start() : ''}${cells.map(line).join('')}`;
    },
    end(count) {
      widths = count === 0 ? heads.map(widthOf) : widths;
      return `${count === 0 ? start() : ''}(${count} ${count === 1 ? 'row' : 'rows'})\n`;
    },
  };
}

/** A value as people read it; NULL is empty. */
function plainText(value: JsonValue): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function csvLine(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}

/** NULL is an empty cell, the empty text is `""`. */
function csvCell(value: JsonValue, type: string | undefined): string {
  if (value === null) return '';
  if (value === '') return '""';
  // Numbers may begin with a minus; texts may not, see below.
  return type === 'VARCHAR' || typeof value === 'object' ? csvText(plainText(value)) : csvQuoted(plainText(value));
}

/** A text that a spreadsheet would take for a formula gets an apostrophe in front (owasp.org/www-community/attacks/CSV_Injection). */
function csvText(text: string): string {
  return csvQuoted(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
}

function csvQuoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Written by hand, so that JSON columns keep their own text and equal column names are not lost in an object. */
function jsonObject(row: readonly JsonValue[], columns: Columns): string {
  const members = row.map((value, index) => {
    const { name = '', type = '' } = columns[index] ?? {};
    // A line feed in JSON text stands between its tokens.
    const text = type === 'JSON' && typeof value === 'string' ? value.replace(/[\r\n]+/g, ' ') : JSON.stringify(value);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${members.join(',')}}`;
}
