// SIGKILL at every named point of a commit to DuckDB: what was acknowledged is there, batches are whole, the next load completes it.
import { test } from 'vitest';
import { sweepCrashPoint } from '../crash-sweep.ts';
import { createWarehouse } from './warehouse.ts';

async function createPlace() {
  const warehouse = await createWarehouse();
  return {
    kind: 'duckdb' as const,
    at: warehouse.path,
    read: warehouse.read,
    readState: () => warehouse.open().readState(),
  };
}

test.each([
  ['loader:before-commit', 2],
  ['duckdb:before-ddl', 4],
  ['duckdb:after-ddl', 4],
  ['duckdb:before-begin', 2],
  ['duckdb:before-state', 2],
  ['duckdb:before-commit', 2],
  ['duckdb:after-commit', 2],
  ['loader:after-commit', 2],
  ['loader:after-acknowledge', 2],
])(
  'a load killed at %s (each of %i times) loses nothing and repeats nothing',
  { timeout: 240_000 },
  async (point, times) => {
    await sweepCrashPoint(point, times, createPlace);
  },
);
