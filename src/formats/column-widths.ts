// How wide the columns of a table are. Pure.

export interface ColumnNeed {
  /** Of its head and its cells, in columns of the terminal. */
  readonly natural: number;
  /** A number that is cut is another number. */
  readonly mayShrink: boolean;
}

/** Between two columns. */
export const gap = 2;
const least = 8;

/**
 * The widest columns give way first, down to eight characters.
 * @param room of the terminal; undefined: as much as there is need for
 * @returns undefined when there are too many columns for the room
 */
export function fitWidths(needs: readonly ColumnNeed[], room: number | undefined): number[] | undefined {
  const widths = needs.map(({ natural }) => natural);
  if (room === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width + gap, -gap) - room;
  while (excess > 0) {
    const shrinkable = widths.filter((width, index) => needs[index]?.mayShrink && width > least);
    if (shrinkable.length === 0) return undefined;
    const widest = Math.max(...shrinkable);
    const next = Math.max(least, ...shrinkable.filter((width) => width < widest));
    const sharing = shrinkable.filter((width) => width === widest).length;
    const step = Math.max(1, Math.min(widest - next, Math.floor(excess / sharing)));
    for (const [index, width] of widths.entries()) {
      if (excess <= 0 || width !== widest || !needs[index]?.mayShrink) continue;
      widths[index] = width - step;
      excess -= step;
    }
  }
  return widths;
}
