// Streams, rows and commits that the tests of the lake share.
import { expect } from 'vitest';
import type { CommittedStream } from '../../../src/core/destination.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { createBatchMaker, instant, integer, type StagedRow, streamOf, text } from '../../contracts/batches.ts';
import type { Lake } from './lake.ts';

export const dayMs = 24 * 3_600_000;
export const calls = streamOf('calls', { id: text, updated: integer, started_at: instant });
export const users = streamOf('users', { id: text });
/** One that only appends. */
export const events = streamOf('events', { id: text }, { mode: 'append' });

export const call = (id: string, startedAt: string | null, updated = 1): StagedRow => ({
  stream: calls,
  row: { id, updated, started_at: startedAt },
});
export const user = (id: string): StagedRow => ({ stream: users, row: { id } });
export const event = (id: string): StagedRow => ({ stream: events, row: { id } });

export async function commit(
  lake: Lake,
  id: string,
  rows: readonly StagedRow[],
  n = 1,
  connection = 'sync',
): Promise<readonly CommittedStream[]> {
  const destination = lake.open({ connection });
  const counts = await destination.commit(createBatchMaker(destination).make(id, rows, { calls: { n } }));
  await destination.close();
  return counts;
}

/** A commit that fails at `point`. */
export async function failAt(lake: Lake, point: string, id: string, rows: readonly StagedRow[]): Promise<void> {
  const destination = lake.open({
    crashPoint: (reached) => {
      if (reached === point) throw new Error('a planned failure');
    },
  });
  const attempt = destination.commit(createBatchMaker(destination).make(id, rows, { calls: { n: 99 } }));
  await expect(attempt).rejects.toThrow();
}

/** Values of one column, sorted. */
export async function idsIn(lake: Lake, table = 'calls'): Promise<unknown[]> {
  return (await lake.read(`SELECT id FROM ${table} ORDER BY id`)).map(({ id }: JsonObject) => id);
}
