// Rows for people: a table that fits the terminal, or a row at a time where it does not.
import { cutToWidth, toTerminalLine, toTerminalText, widthOf } from '../process/terminal-text.ts';
import type { AnswerChunk, Column } from './answer.ts';
import { cellText, isNumeric } from './cell-text.ts';
import { fitWidths, gap } from './column-widths.ts';
import { fieldLines } from './fields.ts';
import type { RowWriter } from './row-writer.ts';

export interface TableLayout {
  /** Columns of the terminal; undefined: nothing is cut or broken. */
  readonly room?: number | undefined;
  /** Whole cells with every digit, however wide. */
  readonly isWide?: boolean;
  /** A field a line. */
  readonly isVertical?: boolean;
}

/**
 * A table's widths are those of its first rows: a later row that is wider stands out off a terminal, and is cut on one, rather
 * than all rows being collected.
 */
export function createTableWriter(columns: readonly Column[], layout: TableLayout): RowWriter {
  const room = layout.isWide ? undefined : layout.room;
  const heads = columns.map(({ name }) => toTerminalLine(name));
  let grid: Grid | 'too narrow' | undefined;
  // EXPLAIN draws its answer itself.
  if (heads.join() === 'explain_key,explain_value')
    return {
      rows: (chunk) =>
        chunk
          .rows('text')
          .map(([, drawn]) => toTerminalText(String(drawn)))
          .join(''),
    };

  function measured(cells: readonly (readonly string[])[]): Grid | 'too narrow' {
    const needs = columns.map((column, index) => ({
      natural: Math.max(...[heads, ...cells].map((row) => widthOf(row[index] ?? ''))),
      mayShrink: !isNumeric(column) && !isId(column),
    }));
    const widths = fitWidths(needs, room);
    return widths === undefined ? 'too narrow' : createGrid(columns, heads, widths, room !== undefined);
  }

  return {
    rows(chunk: AnswerChunk, before: number) {
      const cells = chunk
        .rows('text')
        .map((row) => row.map((value, index) => cellText(value, columns[index] as Column, layout.isWide === true)));
      if (layout.isVertical) return verticalText(heads, cells, before, room);
      grid ??= measured(cells);
      if (grid === 'too narrow') return verticalText(heads, cells, before, room);
      return `${before === 0 ? grid.head() : ''}${cells.map(grid.line).join('')}`;
    },
    end(count) {
      if (count > 0 || layout.isVertical) return '';
      const empty = measured([]);
      return empty === 'too narrow' ? '' : empty.head();
    },
  };
}

interface Grid {
  head(): string;
  line(cells: readonly string[]): string;
}

function createGrid(
  columns: readonly Column[],
  heads: readonly string[],
  widths: readonly number[],
  cuts: boolean,
): Grid {
  const numeric = columns.map(isNumeric);
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, index) => {
      const width = widths[index] ?? 0;
      const text = cuts && !numeric[index] ? cutToWidth(cell, width) : cell;
      const fill = ' '.repeat(Math.max(0, width - widthOf(text)));
      return numeric[index] ? `${fill}${text}` : `${text}${fill}`;
    });
    return `${padded.join(' '.repeat(gap)).trimEnd()}\n`;
  };
  return { line, head: () => `${line(heads)}${line(widths.map((width) => '─'.repeat(width)))}` };
}

/** An id that is cut is no id: nobody can copy it. */
function isId({ name }: Column): boolean {
  return /(^|_)id$/i.test(name);
}

function verticalText(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  before: number,
  room: number | undefined,
): string {
  return rows
    .map((cells, index) => {
      const fields = cells.map((text, place) => ({ name: heads[place] ?? '', text }));
      const title = `─ row ${before + index + 1} `;
      return `${title}${'─'.repeat(Math.max(0, Math.min(room ?? 40, 40) - title.length))}\n${fieldLines(fields, { room })}`;
    })
    .join('');
}
