// Names and texts from outside stay names and texts.
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { openInMemory } from '../../src/duckdb/connection.ts';
import { quoteIdent, quoteList, quoteLiteral } from '../../src/duckdb/sql.ts';

const database = await openInMemory();
afterAll(() => database.close());

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.constantFrom('"', '""', `'; DROP TABLE t; --`, 'a\nb', 'select', '\\', `'`, '/*', '$1'),
);
const storable = hostile.filter((text) => !text.includes('\0'));

test('any name comes back as the name of a column', async () => {
  await fc.assert(
    fc.asyncProperty(storable, async (name) => {
      const described = `DESCRIBE SELECT 1 AS ${quoteIdent(name)}`;
      const rows = await database.exclusive((session) => session.rows(described));
      expect(rows.map((row) => row['column_name'])).toEqual([name]);
    }),
  );
});

test('any text comes back as a text', async () => {
  await fc.assert(
    fc.asyncProperty(storable, storable, async (a, b) => {
      const sql = `SELECT ${quoteLiteral(a)} AS a, ${quoteList([a, b])} AS list`;
      expect(await database.exclusive((session) => session.rows(sql))).toEqual([{ a, list: [a, b] }]);
    }),
  );
});

test.each(['', 'a\0b'])('refuses a name that DuckDB has no form for (%j)', (name) => {
  expect(() => quoteIdent(name)).toThrow(expect.objectContaining({ area: 'config' }));
});
