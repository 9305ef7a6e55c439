// The records of a stream in a batch as typed rows, ready to be stored: read, the table widened where they need it, refused where
// the stream is strict, warned of where values were lost.
import type { StagedStream } from '../core/destination.ts';
import type { Log } from '../core/log.ts';
import type { Session } from '../duckdb/session.ts';
import { type BatchTarget, createStagedTable } from './staged-table.ts';
import { refuseBrokenRecords } from './strict.ts';

export interface TypedBatch<Target> {
  readonly target: Target;
  /** Values that did not fit their column and are NULL. */
  readonly nulled: number;
}

/**
 * Leaves the temporary table `table` with a row per record; none when the stream brings no records.
 * @param targetFor makes the table of the stream ready; `wide` are properties declared integer whose values need DECIMAL(38,0).
 * Called once, and once more when the batch holds such values
 * @throws ConnectorError (destination) for records that no reader takes, or that break the schema of a strict stream; DuckDB's
 * own errors else
 */
export async function typeBatch<Target extends BatchTarget>(
  session: Session,
  table: string,
  staged: StagedStream,
  targetFor: (wide: ReadonlySet<string>) => Promise<Target>,
  log: Log,
): Promise<TypedBatch<Target>> {
  const { stream } = staged.configured;
  let target = await targetFor(new Set());
  if (staged.rows === 0) return { target, nulled: 0 };
  let content = await createStagedTable(session, table, staged, target);
  if (content.wide.size > 0) {
    target = await targetFor(content.wide);
    content = await createStagedTable(session, table, staged, target);
  }
  await refuseBrokenRecords(session, table, staged.configured, target.columns);
  let nulled = 0;
  for (const [column, count] of content.nulled) {
    nulled += count;
    log('warn', `stream ${stream.name}: ${count} values do not fit column ${column} and are NULL`, {
      stream: stream.name,
      column,
      count,
    });
  }
  return { target, nulled };
}
