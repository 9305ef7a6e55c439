// A table of the report in HTML.
import { formatCell, isRightAligned } from '../format-cell.ts';
import type { Content } from '../markup.ts';
import { h } from '../markup.ts';
import { textOf } from '../mart-reader.ts';
import type { Column, Row, Table } from '../model.ts';
import { formatCount } from '../numbers.ts';
import { cutText } from '../text.ts';

const longestText = 400;
const longText = 32;

/** @param sql how to get all rows of a table that was cut */
export function tableMarkup(table: Table, sql: string | undefined): Content {
  const { caption, rows, total } = table;
  const columns = table.columns.filter((column, index) => index === 0 || rows.some((row) => !isEmpty(row, column)));
  // Wide tables scroll by themselves, also by the keyboard.
  return h(
    'div',
    { class: 'table', role: 'region', tabindex: '0', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', {}, caption, rows.length < total && cutNote(table, sql)),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map((column) => h('th', { scope: 'col', class: classOf(column, rows) }, column.label)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            columns.map((column, index) =>
              index === 0
                ? h('th', { scope: 'row', class: classOf(column, rows) }, cell(column, row))
                : h('td', { class: classOf(column, rows) }, cell(column, row)),
            ),
          ),
        ),
      ),
    ),
  );
}

/** A column without any value says nothing beside the others; JSON has it all the same. */
function isEmpty(row: Row, { key }: Column): boolean {
  const value = row[key] ?? null;
  return value === null || value === '';
}

function cutNote({ rows, total }: Table, sql: string | undefined): Content {
  return [
    `. Showing ${formatCount(rows.length)} of ${formatCount(total)}`,
    sql !== undefined && ': all of them by gong-elt query with the SQL below',
    '.',
  ];
}

/** A column with long texts gets room for them. */
function classOf(column: Column, rows: readonly Row[]): string | undefined {
  if (isRightAligned(column)) return 'number';
  return column.kind === 'text' && rows.some((row) => textOf(row[column.key]).length > longText) ? 'long' : undefined;
}

/** Only pages of Gong itself are linked; any other address is text. */
const gongHost = /(^|\.)gong\.io$/;

function cell(column: Column, row: Row): Content {
  const text = formatCell(column, row);
  if (column.kind !== 'link') return cutText(text, longestText);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isGong =
    url?.protocol === 'https:' && gongHost.test(url.hostname) && url.username === '' && url.password === '';
  return isGong ? h('a', { href: url.href, rel: 'noopener noreferrer' }, 'open in Gong') : cutText(text, longestText);
}
