// The stream of Arrow's IPC format, read back. Foreign readers of it: test/interop/query-arrow.test.ts.
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openInMemory } from '../../src/duckdb/connection.ts';
import { writeArrow } from '../../src/formats/arrow.ts';

let database: Database;
beforeAll(async () => {
  database = await openInMemory();
});
afterAll(() => database.close());

async function pieces(sql: string): Promise<Buffer[]> {
  const written: Buffer[] = [];
  await database.exclusive(async (session) => {
    await writeArrow(await session.streamTyped(sql), async (piece) => {
      written.push(piece);
    });
  });
  return written;
}

const read = async (sql: string) => tableFromIPC(Buffer.concat(await pieces(sql)));

describe('an Arrow stream', () => {
  it.each([
    ['true', 'Bool', true],
    [`'Grüße 😀'`, 'Utf8', 'Grüße 😀'],
    [`''`, 'Utf8', ''],
    ['(-128)::TINYINT', 'Int8', -128],
    ['4294967295::UINTEGER', 'Uint32', 4294967295],
    ['9223372036854775807', 'Int64', 9223372036854775807n],
    ['18446744073709551615::UBIGINT', 'Uint64', 18446744073709551615n],
    ['0.1::DOUBLE', 'Float64', 0.1],
    [`'nan'::DOUBLE`, 'Float64', Number.NaN],
    [`'a'::ENUM('a', 'b')`, 'Utf8', 'a'],
    [`'{"a":1}'::JSON`, 'Utf8', '{"a":1}'],
    [`INTERVAL 1 DAY`, 'Utf8', '1 day'],
  ])('keeps %s as %s', async (sql, type, value) => {
    const column = (await read(`SELECT ${sql} AS x UNION ALL SELECT NULL`)).getChild('x');
    expect(String(column?.type)).toBe(type);
    expect([column?.get(0), column?.get(1)]).toEqual([value, null]);
  });

  it('keeps instants as whole microseconds of their zone', async () => {
    const table = await read(
      `SELECT TIMESTAMPTZ '2026-01-01 02:00:00.123456+02' AS tz, TIMESTAMP_NS '1969-12-31 23:59:59.999999999' AS ns, DATE '1969-12-31' AS d, TIME '10:00:00.000001' AS t`,
    );
    expect(table.schema.fields.map(({ type }) => String(type))).toEqual([
      'Timestamp<MICROSECOND, UTC>',
      'Timestamp<NANOSECOND>',
      'Date32<DAY>',
      'Time64<MICROSECOND>',
    ]);
    const raw = (name: string) => table.getChild(name)?.data[0]?.values[0] as unknown;
    // 2026-01-01T00:00:00Z is day 20,454 since 1970.
    expect([raw('tz'), raw('ns'), raw('d'), raw('t')]).toEqual([
      20_454n * 86_400_000_000n + 123_456n,
      -1n,
      -1,
      36_000_000_001n,
    ]);
  });

  it('keeps decimals and wide whole numbers to the last digit', async () => {
    const table = await read(`SELECT -1.50::DECIMAL(9,2) AS d, (-170141183460469231731687303715884)::HUGEINT AS h`);
    expect(table.schema.fields.map(({ type }) => String(type))).toEqual(['Decimal[9e+2]', 'Decimal[38e0]']);
    const words = (name: string) => Array.from<number>(table.getChild(name)?.get(0) ?? []);
    const signed = (parts: number[]) =>
      BigInt.asIntN(
        128,
        parts.reduceRight((sum, part) => (sum << 32n) | BigInt(part), 0n),
      );
    expect([signed(words('d')), signed(words('h'))]).toEqual([-150n, -170141183460469231731687303715884n]);
    await expect(read(`SELECT 170141183460469231731687303715884105727 AS h`)).rejects.toThrow('more than 38 digits');
  });

  it('keeps lists and structs at every depth, NULL apart from empty', async () => {
    const rows = (
      await read(`SELECT * FROM (VALUES
        (1, [{'a': 1::BIGINT, 'tags': ['x', NULL]}, NULL]), (2, []), (3, NULL), (4, [{'a': NULL, 'tags': NULL}])) t(n, parts) ORDER BY n`)
    )
      .toArray()
      .map((row) =>
        JSON.parse(JSON.stringify(row?.toJSON(), (_, value) => (typeof value === 'bigint' ? Number(value) : value))),
      );
    expect(rows).toEqual([
      { n: 1, parts: [{ a: 1, tags: ['x', null] }, null] },
      { n: 2, parts: [] },
      { n: 3, parts: null },
      { n: 4, parts: [{ a: null, tags: null }] },
    ]);
  });

  it('has its schema for an empty answer, and a batch a chunk for a long one', async () => {
    const empty = await read('SELECT 1 AS a WHERE false');
    expect([empty.numRows, empty.schema.names]).toEqual([0, ['a']]);
    const long = await pieces('SELECT range AS n, range % 3 = 0 AS third FROM range(5000)');
    expect(long).toHaveLength(1 + 3 + 1);
    const table = tableFromIPC(Buffer.concat(long));
    expect(table.numRows).toBe(5000);
    for (let n = 0; n < 5000; n += 1)
      expect([table.getChild('n')?.get(n), table.getChild('third')?.get(n)]).toEqual([BigInt(n), n % 3 === 0]);
  });
});
