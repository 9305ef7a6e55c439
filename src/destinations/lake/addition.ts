// What a commit says beside its number. Pure.
import type { Addition, Head } from './manifest.ts';
import { shapeOf } from './table.ts';
import type { WrittenStream } from './write-stream.ts';

/**
 * @param head before the commit
 * @param state of the connection that commits, after it
 * @param now milliseconds since the epoch
 */
export function additionOf(
  head: Head | undefined,
  written: readonly WrittenStream[],
  state: Head['connections'][number],
  now: number,
): Addition {
  return {
    files: written.flatMap(({ files }) => files),
    tables: tablesAfter(head, written),
    shapes: shapesAfter(head, written),
    connections: [...(head?.connections ?? []).filter(({ name }) => name !== state.name), state],
    committedAt: new Date(now).toISOString(),
  };
}

/** The tables of the lake, as the streams that are written leave them. */
export function tablesAfter(head: Head | undefined, written: readonly WrittenStream[]): Head['tables'] {
  const tables = new Map((head?.tables ?? []).map((table) => [table.stream, table]));
  for (const { table } of written) tables.set(table.stream, table);
  return [...tables.values()];
}

function shapesAfter(head: Head | undefined, written: readonly WrittenStream[]): Head['shapes'] {
  const shapes = new Map((head?.shapes ?? []).map((shape) => [shape.name, shape]));
  for (const { table, files } of written) {
    const shape = shapeOf(table);
    if (files.length > 0) shapes.set(shape.name, shape);
  }
  return [...shapes.values()];
}
