// The headline marts in Spark SQL, over the lake of the demo: the numbers are those of DuckDB.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, runGongElt } from '../support/run-node.ts';
import { programOf, versionOf } from './environment.ts';
import { run } from './run.ts';
import { prepareSpark, runSpark } from './spark.ts';
import { noteVerified } from './verified.ts';

type Row = Record<string, unknown>;

/** By their keys. */
const marts: Readonly<Record<string, readonly string[]>> = {
  mart_coverage: ['week', 'team'],
  mart_call_scores: ['call_id', 'kit_code'],
  mart_win_correlation: ['kit_code', 'brick_key', 'value_kind', 'level'],
  mart_framework_ab: ['kit_code_a', 'kit_code_b'],
};

let folder: string;
beforeAll(async () => {
  await prepareSpark();
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-spark-marts-'));
  const { code, stderr } = await runGongElt(['demo'], { cwd: folder });
  expect(code, stderr).toBe(0);
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

const query = (mart: string, ...args: string[]) =>
  runGongElt(['query', '--mart', mart, '--from', 'demo/lake', ...args], { cwd: folder });

describe('spark/', () => {
  test('holds what sqlglot makes of our marts', async () => {
    const made = join(folder, 'sql');
    const { code, stderr } = await run(programOf('spark', 'python'), [join(root, 'spark', 'transpile.py'), made]);
    expect(code, stderr).toBe(0);
    const textsOf = (path: string) =>
      readdirSync(path).map((name): [string, string] => [name, readFileSync(join(path, name), 'utf8')]);
    expect(textsOf(join(root, 'spark', 'sql')).sort()).toEqual(textsOf(made).sort());
    noteVerified('sqlglot', versionOf('spark', 'sqlglot'), 'spark/sql is what it makes of the marts');
  });

  test('gives the numbers of DuckDB', async () => {
    mkdirSync(join(folder, 'settings'));
    const tables = Object.keys(JSON.parse(readFileSync(join(root, 'spark', 'tables.json'), 'utf8')) as object);
    for (const table of tables.filter((name) => name.startsWith('cfg_')))
      expect((await query(table, '-o', `settings/${table}.jsonl`)).code).toBe(0);
    const answer = await runSpark('spark_marts.py', [
      join(folder, 'demo', 'lake'),
      join(folder, 'settings'),
      ...Object.keys(marts),
    ]);
    expect(answer.code, answer.stderr.slice(-3000)).toBe(0);
    const ofSpark = JSON.parse(answer.stdout) as Record<string, Row[]>;
    for (const [mart, keys] of Object.entries(marts)) {
      const ours = JSON.parse((await query(mart, '--json')).stdout) as Row[];
      expect(ours.length, mart).toBeGreaterThan(0);
      expect(sorted(ofSpark[mart] ?? [], keys), mart).toEqual(sorted(ours, keys));
    }
    noteVerified(
      'pyspark',
      versionOf('spark', 'pyspark'),
      `${Object.keys(marts).join(', ')} on the lake, equal to DuckDB's`,
    );
  }, 900_000);
});

/** Numbers to nine digits: Spark adds up in another order. Instants without what is zero behind the point. */
function sorted(rows: readonly Row[], keys: readonly string[]): Row[] {
  const plain = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)])),
  );
  const key = (row: Row) => JSON.stringify(keys.map((name) => row[name]));
  return plain.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(9));
  return typeof value === 'string' ? value.replace(/^(\d{4}-\d\d-\d\dT[\d:]{8}(?:\.\d*?[1-9])?)\.?0*Z$/, '$1Z') : value;
}
