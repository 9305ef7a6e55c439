// Programs of others read the stream that `query --format arrow` writes.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openForWriting } from '../../src/duckdb/connection.ts';
import { gongElt } from '../support/run-node.ts';
import { programOf, versionOf } from './environment.ts';
import { run } from './run.ts';
import { noteVerified } from './verified.ts';

const sql = `SELECT range::BIGINT AS n, 'call ' || range AS title, range % 2 = 0 AS flag, range / 8.0e0 AS x,
  (range || '.25')::DECIMAL(18,2) AS amount, (range::HUGEINT * 100000000000000000000)::HUGEINT AS wide,
  TIMESTAMPTZ '2026-01-01 00:00:00.000001Z' + to_seconds(range) AS seen, TIMESTAMP '2026-01-01' AS plain, DATE '2026-01-01' AS day,
  CASE WHEN range % 3 > 0 THEN [{'who': 'ä' || range, 'tags': ['t', NULL]}, NULL] END AS parts,
  MAP {'k': range} AS pairs, '\\xAA'::BLOB AS bytes
FROM range(5000) ORDER BY range`;

/** Reads the stream with pyarrow and hands it to DuckDB, and prints what both see. */
const reader = `
import json, sys
import pyarrow as pa, duckdb
rows = pa.ipc.open_stream(sys.stdin.buffer).read_all()
rows.validate(full=True)
con = duckdb.connect()
con.execute("SET TimeZone = 'UTC'")
of_duckdb = con.execute("""SELECT count(*), sum(n)::BIGINT, sum(amount)::VARCHAR, sum(wide)::VARCHAR, count(parts), max(seen)::VARCHAR,
  count(*) FILTER (flag), min(title), sum(x), any_value(day)::VARCHAR FROM rows""").fetchone()
row = rows.slice(4999, 1).to_pylist()[0]
print(json.dumps({
  "types": {f.name: str(f.type) for f in rows.schema},
  "row": {k: str(v) for k, v in row.items()},
  "nulls": rows["parts"].null_count,
  "of_duckdb": list(of_duckdb),
}))
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-arrow-'));
  await (await openForWriting(join(folder, 'w.duckdb'), { spillFolder: join(folder, 'spill') })).close();
  await writeFile(join(folder, 'read.py'), reader);
});
afterAll(() => rm(folder, { recursive: true }));

test('pyarrow and DuckDB read every type, and NULL at every depth', async () => {
  const { stdout, status } = spawnSync(
    process.execPath,
    [gongElt, 'query', sql, '--from', 'w.duckdb', '--format', 'arrow'],
    {
      cwd: folder,
      maxBuffer: 1e9,
      env: { PATH: process.env['PATH'] },
    },
  );
  expect(status).toBe(0);
  await writeFile(join(folder, 'rows.arrow'), stdout);
  const python = programOf('lake-readers', 'python');
  const read = await run('sh', ['-c', `"${python}" read.py < rows.arrow`], { cwd: folder });
  expect(read.stderr).toBe('');
  expect(JSON.parse(read.stdout)).toEqual({
    types: {
      n: 'int64',
      title: 'string',
      flag: 'bool',
      x: 'double',
      amount: 'decimal128(18, 2)',
      wide: 'decimal128(38, 0)',
      seen: 'timestamp[us, tz=UTC]',
      plain: 'timestamp[us]',
      day: 'date32[day]',
      parts: 'list<item: struct<who: string, tags: list<item: string>>>',
      pairs: 'map<string, int64>',
      bytes: 'binary',
    },
    row: {
      n: '4999',
      title: 'call 4999',
      flag: 'False',
      x: '624.875',
      amount: '4999.25',
      wide: '499900000000000000000000',
      // 4,999 s after midnight.
      seen: '2026-01-01 01:23:19.000001+00:00',
      plain: '2026-01-01 00:00:00',
      day: '2026-01-01',
      parts: "[{'who': 'ä4999', 'tags': ['t', None]}, None]",
      pairs: "[('k', 4999)]",
      bytes: "b'\\xaa'",
    },
    nulls: 1667,
    of_duckdb: [
      5000,
      12497500,
      '12498750.00',
      '1249750000000000000000000000',
      3333,
      '2026-01-01 01:23:19.000001+00',
      2500,
      'call 0',
      1562187.5,
      '2026-01-01',
    ],
  });
  noteVerified('pyarrow', versionOf('lake-readers', 'pyarrow'), 'the Arrow stream of `query`');
  noteVerified('duckdb', versionOf('lake-readers', 'duckdb'), 'the Arrow stream of `query`, through pyarrow');
});
