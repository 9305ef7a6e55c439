// The records of a stream in a batch as typed rows, ready to be stored: read, the table widened where they need it, refused where
// the stream is strict, warned of where values were lost.
import type { StagedStream } from '../core/destination.ts';
import type { Log } from '../core/log.ts';
import type { Session } from '../duckdb/session.ts';
import { type BatchTarget, createStagedTable, type Needs } from './staged-table.ts';
import { refuseBrokenRecords } from './strict.ts';

export interface TypedBatch<Target> {
  readonly target: Target;
  /** Values that did not fit their column and are NULL. */
  readonly nulled: number;
  /** Values that were stored without their last digits. */
  readonly rounded: number;
}

/**
 * Leaves the temporary table `table` with a row per record; none when the stream brings no records.
 * @param targetFor makes the table of the stream ready; `needs` are types that hold the numbers of the batch, by property, where
 * the schema's do not. Called again while the batch holds such numbers: beside what is stored, they may need still more
 * @throws ConnectorError (destination) for records that no reader takes, or that break the schema of a strict stream; DuckDB's
 * own errors else
 */
export async function typeBatch<Target extends BatchTarget>(
  session: Session,
  table: string,
  staged: StagedStream,
  targetFor: (needs: Needs) => Promise<Target>,
  log: Log,
): Promise<TypedBatch<Target>> {
  const { stream } = staged.configured;
  const needs = new Map<string, string>();
  let target = await targetFor(needs);
  if (staged.rows === 0) return { target, nulled: 0, rounded: 0 };
  let content = await createStagedTable(session, table, staged, target);
  while (content.needs.size > 0) {
    for (const [property, type] of content.needs) needs.set(property, type);
    target = await targetFor(needs);
    content = await createStagedTable(session, table, staged, target);
  }
  await refuseBrokenRecords(session, table, staged, target.columns);
  const warn = (counts: ReadonlyMap<string, number>, what: (column: string) => string): number => {
    for (const [column, count] of counts)
      log('warn', `stream ${stream.name}: ${count} values ${what(column)}`, { stream: stream.name, column, count });
    return [...counts.values()].reduce((sum, count) => sum + count, 0);
  };
  return {
    target,
    nulled: warn(content.nulled, (column) => `do not fit column ${column} and are NULL`),
    rounded: warn(content.rounded, (column) => `have more digits than column ${column} holds and are rounded`),
  };
}
