// Names with what is said of them, one below the other: a plan, a check, a state, a row that is too wide for a table.
import { toTerminalLine, widthOf } from '../process/terminal-text.ts';

export interface Field {
  readonly name: string;
  readonly text: string;
}

export interface FieldLayout {
  /** Columns of the terminal; undefined: lines are as long as they are. */
  readonly room?: number | undefined;
  /** Least width of the names; default: that of the longest. */
  readonly nameWidth?: number;
}

/** Words that do not fit go on below the text, never below the name. */
export function fieldLines(fields: readonly Field[], { room, nameWidth = 0 }: FieldLayout = {}): string {
  const names = fields.map(({ name }) => toTerminalLine(name));
  const width = Math.max(nameWidth, ...names.map(widthOf));
  return fields
    .map(({ text }, index) => {
      const name = names[index] ?? '';
      const [first = '', ...rest] = wrapped(toTerminalLine(text), room === undefined ? undefined : room - width - 1);
      const head = `${name}${' '.repeat(width - widthOf(name))} ${first}`.trimEnd();
      return [head, ...rest.map((line) => `${' '.repeat(width + 1)}${line}`)].map((line) => `${line}\n`).join('');
    })
    .join('');
}

/** Room for less than this is no room: such a terminal breaks lines itself. */
const leastRoom = 16;

function wrapped(text: string, room: number | undefined): string[] {
  if (room === undefined || room < leastRoom || widthOf(text) <= room) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(`${line} ${word}`) > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
    while (widthOf(line) > room) {
      const [head, rest] = splitAt(line, room);
      lines.push(head);
      line = rest;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** A word that is longer than a line. */
function splitAt(text: string, room: number): [string, string] {
  let head = '';
  for (const character of text) {
    if (widthOf(head + character) > room) break;
    head += character;
  }
  return [head, text.slice(head.length)];
}
