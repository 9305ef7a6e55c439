// SIGKILL at every named point of a load that replaces a table: readers find the old rows or the new ones, never a mixture and never
// none, the state is that of the rows, and the same load once more ends as if nothing had happened.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { endsWithUs } from '../../support/ends-with-us.ts';
import { createWarehouse, type Warehouse } from './warehouse.ts';

const points = [
  'loader:before-commit',
  'duckdb:before-ddl',
  'duckdb:after-ddl',
  'duckdb:before-begin',
  'duckdb:before-swap',
  'duckdb:after-swap',
  'duckdb:before-state',
  'duckdb:before-commit',
  'duckdb:after-commit',
  'loader:after-commit',
  'loader:after-acknowledge',
];

async function run({ path }: Warehouse, load: string, point = 'none', time = 0) {
  const args = [join(import.meta.dirname, 'swap-child.mjs'), path, load, point, String(time)];
  const child = endsWithUs(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the load ended with ${code ?? signal}`);
  return { isAcknowledged: said.includes('ACK'), wasKilled: signal === 'SIGKILL' };
}

const ids = async (warehouse: Warehouse) =>
  (await warehouse.read('SELECT id FROM calls ORDER BY id')).map(({ id }) => String(id));
const tables = async (warehouse: Warehouse) =>
  (await warehouse.read("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'")).length;
const stateOf = async (warehouse: Warehouse) =>
  (await warehouse.open({ connection: 'test' }).readState())?.streams['calls']?.['load'];

const old = ['old'];

/** Each time that the load reaches `point`, in a file of its own. */
async function sweep(point: string, before: readonly string[], load: string, check: (at: Killed) => Promise<void>) {
  for (let time = 1; ; time++) {
    const warehouse = await createWarehouse();
    for (const earlier of before) await run(warehouse, earlier);
    const { isAcknowledged, wasKilled } = await run(warehouse, load, point, time);
    if (!wasKilled) return time - 1;
    await check({ warehouse, isAcknowledged, where: `killed at ${point}, time ${time}` });
  }
}

interface Killed {
  readonly warehouse: Warehouse;
  readonly isAcknowledged: boolean;
  readonly where: string;
}

/** What happens only once, and differently, when the rows of an earlier attempt are found again. */
const refreshPoints = ['duckdb:before-ddl', 'duckdb:before-begin', 'duckdb:after-swap', 'duckdb:after-commit'];

test.each([
  ...points.map((point) => [point, 'overwrite'] as const),
  ...refreshPoints.map((point) => [point, 'refresh'] as const),
])('at %s, mode %s', { timeout: 240_000 }, async (point, load) => {
  const times = await sweep(point, ['old'], load, async ({ warehouse, isAcknowledged, where }) => {
    const found = await ids(warehouse);
    expect([old, ['new']], where).toContainEqual(found);
    const isNew = found[0] === 'new';
    if (load === 'overwrite') {
      // Rows and state in one.
      expect(await stateOf(warehouse), where).toBe(isNew ? 'overwrite' : 'old');
      if (isAcknowledged) expect(isNew, where).toBe(true);
    }
    await run(warehouse, load);
    // A generation that is appended to goes on; what was stored of it stays, and the load brings its rows again.
    const after = await ids(warehouse);
    expect([...new Set(after)], where).toEqual(['new']);
    if (load === 'overwrite') expect(after, where).toEqual(['new']);
    expect(await tables(warehouse), where).toBe(1);
    expect(await stateOf(warehouse), where).toBe(load);
  });
  expect(times).toBeGreaterThan(0);
});

test.each(refreshPoints.filter((point) => point !== 'duckdb:after-swap'))(
  'at %s, when a refresh was given up and its rows join the table',
  { timeout: 240_000 },
  async (point) => {
    const times = await sweep(point, ['old', 'part'], 'normal', async ({ warehouse, where }) => {
      const found = await ids(warehouse);
      expect(found, where).toEqual(expect.arrayContaining(old));
      await run(warehouse, 'normal');
      const after = await ids(warehouse);
      // Once: it was told as stored. The load itself brings its own row again.
      expect([...new Set(after)], where).toEqual(['new', ...old, 'part']);
      expect(
        after.filter((id) => id === 'part'),
        where,
      ).toHaveLength(1);
      expect(await tables(warehouse), where).toBe(1);
    });
    expect(times).toBeGreaterThan(0);
  },
);
