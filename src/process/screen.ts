// stderr as people see it: lines that stay, and below them, on a terminal, a few lines that are drawn again and again.
import type { Writable } from 'node:stream';

export interface Screen {
  readonly isTerminal: boolean;
  /** Text that stays, ended by a line feed of ours. */
  line(text: string): void;
  /** The lines at the bottom; replaces the ones before. Nothing happens off a terminal. */
  status(lines: readonly string[]): void;
}

export function createScreen(stream: Writable, isTerminal: boolean): Screen {
  let bottom: readonly string[] = [];
  const draw = (lines: readonly string[]) => {
    // Up over the old lines, and clear from there to the end of the screen.
    const clear = bottom.length === 0 ? '' : `\u001b[${bottom.length}A\u001b[0J`;
    bottom = lines;
    return clear;
  };
  return {
    isTerminal,
    line(text) {
      const lines = bottom;
      const clear = draw(lines);
      stream.write(`${clear}${text}\n${lines.map((line) => `${line}\n`).join('')}`);
    },
    status(lines) {
      if (!isTerminal || (lines.length === 0 && bottom.length === 0)) return;
      const clear = draw(lines);
      stream.write(`${clear}${lines.map((line) => `${line}\n`).join('')}`);
    },
  };
}
