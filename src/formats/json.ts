// One JSON array, or a JSON object a line.
import type { JsonValue } from '../core/json.ts';
import type { Column } from './answer.ts';
import type { RowWriter } from './row-writer.ts';

export function createJsonWriter(columns: readonly Column[]): RowWriter {
  return {
    begin: () => '[',
    rows: (chunk, before) =>
      chunk
        .rows('iso')
        .map((row, index) => `${before + index === 0 ? '' : ','}\n${objectText(row, columns)}`)
        .join(''),
    end: () => '\n]\n',
  };
}

export function createJsonLinesWriter(columns: readonly Column[]): RowWriter {
  return {
    rows: (chunk) =>
      chunk
        .rows('iso')
        .map((row) => `${objectText(row, columns)}\n`)
        .join(''),
  };
}

/** Written by hand, so that JSON columns keep their own text and equal column names are not lost in an object. */
function objectText(row: readonly JsonValue[], columns: readonly Column[]): string {
  const members = row.map((value, index) => {
    const { name = '', type = '' } = columns[index] ?? {};
    // A line feed in JSON text stands between its tokens.
    const text = type === 'JSON' && typeof value === 'string' ? value.replace(/[\r\n]+/g, ' ') : JSON.stringify(value);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${members.join(',')}}`;
}
