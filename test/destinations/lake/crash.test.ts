// SIGKILL at every named point of a commit to a lake: what was acknowledged is there, batches are whole, the next load completes it.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'vitest';
import { sweepCrashPoint } from '../crash-sweep.ts';
import { createLake } from './lake.ts';

async function createPlace() {
  const lake = await createLake();
  /** A table that is not there yet has no rows. */
  const read = async (sql: string) => {
    const [, table = ''] = / FROM (\w+)/.exec(sql) ?? [];
    return (await isFolder(join(lake.root, table, '_delta_log'))) ? await lake.read(sql) : [];
  };
  const readState = () => lake.open().readState();
  return { kind: 'lake' as const, at: lake.root, read, readState, showsRowsBeforeState: true };
}

test.each([
  ['lake:after-write', 4],
  ['lake:after-fsync', 4],
  ['lake:after-rename', 4],
  ['lake:before-entry', 4],
  ['lake:after-entry', 4],
  ['lake:before-state', 2],
  ['lake:after-state', 2],
])(
  'a load killed at %s (each of %i times) loses nothing and repeats nothing',
  { timeout: 240_000 },
  async (point, times) => {
    await sweepCrashPoint(point, times, createPlace);
  },
);

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
