// CSV of RFC 4180, safe for spreadsheets.
import type { JsonValue } from '../core/json.ts';
import type { Column } from './answer.ts';
import { isNumeric } from './cell-text.ts';
import type { RowWriter } from './row-writer.ts';

/** @param isRaw texts are left as they are, though a spreadsheet may take them for formulas */
export function createCsvWriter(columns: readonly Column[], isRaw: boolean): RowWriter {
  const cell = (value: JsonValue, column: Column | undefined): string => {
    // NULL is an empty cell, the empty text is `""`.
    if (value === null) return '';
    if (value === '') return '""';
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    const isText = column === undefined || (column.valueType.kind === 'text' && column.type !== 'JSON');
    return quoted(isText && !isRaw ? guarded(text) : text);
  };
  return {
    begin: () => line(columns.map(({ name }) => quoted(isRaw ? name : guarded(name)))),
    rows: (chunk) => {
      const plain = chunk.rows('text');
      // Inside lists and structs stands JSON, with the values that JSON has.
      const nested = columns.some(isNested) ? chunk.rows('iso') : plain;
      return plain
        .map((row, at) =>
          line(
            row.map((value, index) =>
              cell(isNested(columns[index]) ? (nested[at]?.[index] ?? null) : value, columns[index]),
            ),
          ),
        )
        .join('');
    },
  };
}

function isNested(column: Column | undefined): boolean {
  return column !== undefined && ['list', 'struct', 'map'].includes(column.valueType.kind) && !isNumeric(column);
}

/** A text that a spreadsheet would take for a formula gets an apostrophe in front (owasp.org/www-community/attacks/CSV_Injection). */
function guarded(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function line(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}
