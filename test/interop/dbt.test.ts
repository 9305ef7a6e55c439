// The dbt package on the file of the demo: dbt parses and builds it, its tests hold, and its marts are those of gong-elt.
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openForReading } from '../../src/duckdb/connection.ts';
import { root, runGongElt } from '../support/run-node.ts';
import { programOf, versionOf } from './environment.ts';
import { run } from './run.ts';
import { noteVerified } from './verified.ts';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-dbt-'));
  file = join(folder, 'demo', 'warehouse.duckdb');
  const { code, stderr } = await runGongElt(['demo'], { cwd: folder });
  expect(code, stderr).toBe(0);
  cpSync(join(root, 'dbt'), join(folder, 'dbt'), { recursive: true });
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

const dbt = (...args: string[]) =>
  run(programOf('dbt', 'dbt'), ['--no-use-colors', ...args, '--project-dir', 'dbt', '--profiles-dir', 'dbt'], {
    cwd: folder,
    env: { WAREHOUSE: file, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' },
  });

describe('dbt', () => {
  test('parses the package, its semantic models and metrics, without a warning', async () => {
    const { code, stdout } = await dbt('parse', '--warn-error');
    expect(code, stdout).toBe(0);
    noteVerified('dbt-core', versionOf('dbt', 'dbt-core'), 'the package, its semantic models and metrics');
  }, 300_000);

  test('builds every model and passes every test', async () => {
    const { code, stdout } = await dbt('build');
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/Completed successfully/);
    const database = await openForReading(file);
    try {
      const marts = await database.exclusive((session) =>
        session.rows(
          `SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND view_name LIKE 'mart_%' ORDER BY 1`,
        ),
      );
      expect(marts.length).toBeGreaterThan(2);
      for (const { view_name: mart } of marts) {
        // Floats may differ in the last bits: sums are of rows in another order.
        const rows = (schema: string) =>
          database.exclusive((session) => session.rows(`SELECT * FROM ${schema}.${mart} ORDER BY ALL`));
        const [ours, theirs] = [await rows('main'), await rows('dbt')];
        expect(theirs.length, `rows of ${mart}`).toBe(ours.length);
        expect(theirs.map(rounded), String(mart)).toEqual(ours.map(rounded));
      }
    } finally {
      await database.close();
    }
    noteVerified('dbt-duckdb', versionOf('dbt', 'dbt-duckdb'), `dbt build on the demo's file, marts equal to ours`);
  }, 900_000);
});

function rounded(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' ? Number(value.toPrecision(9)) : value,
    ]),
  );
}
