// Which line of the input a record came in, for whoever has to look at it there. Most lines are records, so runs are kept, not lines.

export interface LineNumbers {
  /** @param seq arrival number of the record, growing @param line of the input, counted from 1 */
  note(seq: number, line: number): void;
  /** Undefined for a record that came in no line. */
  of(seq: number): number | undefined;
}

export function createLineNumbers(): LineNumbers {
  const starts: { readonly seq: number; readonly line: number }[] = [];
  let next = { seq: -1, line: -1 };
  return {
    note(seq, line) {
      if (seq !== next.seq || line !== next.line) starts.push({ seq, line });
      next = { seq: seq + 1, line: line + 1 };
    },
    of(seq) {
      const start = starts.findLast((run) => run.seq <= seq);
      return start === undefined || seq >= next.seq ? undefined : start.line + seq - start.seq;
    },
  };
}
