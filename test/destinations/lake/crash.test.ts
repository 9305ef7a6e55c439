// SIGKILL at every named point of a commit to a lake: what was acknowledged is there, batches are whole, the next load completes it.
import { test } from 'vitest';
import { sweepCrashPoint } from '../crash-sweep.ts';
import { createLake } from './lake.ts';

async function createPlace() {
  const lake = await createLake();
  return { kind: 'parquet' as const, at: lake.root, read: lake.read, readState: () => lake.open().readState() };
}

test.each([
  ['parquet:after-write', 4],
  ['parquet:after-fsync', 4],
  ['parquet:after-rename', 4],
  ['parquet:before-manifest', 2],
  ['parquet:after-manifest', 2],
])(
  'a load killed at %s (each of %i times) loses nothing and repeats nothing',
  { timeout: 240_000 },
  async (point, times) => {
    await sweepCrashPoint(point, times, createPlace);
  },
);
