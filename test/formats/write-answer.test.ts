// Rows of a query in every form, faithful and harmless: what DuckDB answers goes through the formats.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openInMemory } from '../../src/duckdb/connection.ts';
import { quoteLiteral } from '../../src/duckdb/sql.ts';
import { firstRows } from '../../src/formats/answer.ts';
import { type AnswerFormat, type FormatOptions, writeAnswer } from '../../src/formats/write-answer.ts';

let database: Database;
beforeAll(async () => {
  database = await openInMemory();
});
afterAll(() => database.close());

async function written(format: AnswerFormat, sql: string, options?: FormatOptions, limit = 1e9): Promise<string> {
  let text = '';
  await database.exclusive(async (session) => {
    const answer = firstRows(await session.streamTyped(sql), limit);
    await writeAnswer(
      format,
      answer,
      async (part) => {
        text += String(part);
      },
      options,
    );
  });
  return text;
}

const textRows = (...cells: string[]) =>
  `SELECT * FROM (VALUES ${cells.map((cell) => `(${quoteLiteral(cell)})`).join(', ')}) t(cell)`;

const row = `SELECT '7782342274025937895' AS call_id, 9223372036854775807 AS n, -1.50::DECIMAL(18,2) AS amount,
  TIMESTAMPTZ '2026-01-01 00:00:00.5Z' AS seen, '{"k":12345678901234567890.10}'::JSON AS raw,
  [{'a': 1, 'at': TIMESTAMPTZ '2026-01-01 00:00:00Z', 'x': 'nan'::DOUBLE}] AS parties`;

describe('a table', () => {
  it('puts numbers to the right, rounds them, and shows NULL', async () => {
    expect(
      await written(
        'table',
        `SELECT * FROM (VALUES ('a', 0.123456789e0, 1), (NULL, 71.0, 100), ('', NULL, NULL)) t(call_id, x, n)`,
      ),
    ).toBe(`call_id       x     n
───────  ──────  ────
a        0.1235     1
NULL         71   100
           NULL  NULL
`);
  });

  it('hides no small number and no large one by rounding, and no digit with --wide', async () => {
    const sql = 'SELECT 0.0000123456::DOUBLE AS a, 123456.789012::DOUBLE AS b, 1.5e300 AS c, -0.5e0 AS d';
    expect((await written('table', sql)).split('\n')[2]).toBe('0.00001235  123456.789  1.5e+300  -0.5');
    expect((await written('table', sql, { isWide: true })).split('\n')[2]).toBe(
      '0.0000123456  123456.789012  1.5e+300  -0.5',
    );
  });

  it('leaves the drawing of a plan as it is', async () => {
    const plan = await written('table', 'EXPLAIN SELECT 1', { room: 40 });
    expect(plan.split('\n').length).toBeGreaterThan(5);
    expect(plan).toMatch(/^┌─+┐$/m);
  });

  it('prints the head of an empty answer', async () => {
    expect(await written('table', 'SELECT 1 AS a, 2 AS bb WHERE false')).toBe('a  bb\n─  ──\n');
  });

  it('fits the terminal: long texts give way, numbers never', async () => {
    const sql = `SELECT 'short' AS a, repeat('x', 200) AS b, 123456789012345678 AS n, repeat('y', 30) AS c`;
    const lines = (await written('table', sql, { room: 70 })).trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(70);
    expect(lines[2]).toBe(`short  ${'x'.repeat(19)}…  123456789012345678  ${'y'.repeat(20)}…`);
    const whole = await written('table', sql);
    expect(whole).toContain('x'.repeat(200));
    expect(await written('table', sql, { room: 70, isWide: true })).toBe(whole);
  });

  it('cuts no id, since nobody could copy it', async () => {
    const sql = `SELECT '7782342274025937895' AS call_id, repeat('x', 60) AS title`;
    expect((await written('table', sql, { room: 40 })).split('\n')[2]).toBe(`7782342274025937895  ${'x'.repeat(18)}…`);
  });

  it('shows a field a line where the columns are too many, and breaks no word', async () => {
    const sql = `SELECT 'one two three four five six' AS first_column, 2 AS b, 'twelve chars' AS c, 'twelve chars' AS d, NULL AS e`;
    expect(await written('table', sql, { room: 32 })).toBe(`─ row 1 ────────────────────────
first_column one two three four
             five six
b            2
c            twelve chars
d            twelve chars
e            NULL
`);
    expect(await written('table', 'SELECT range AS n FROM range(2)', { isVertical: true })).toBe(
      `─ row 1 ${'─'.repeat(32)}\nn 0\n─ row 2 ${'─'.repeat(32)}\nn 1\n`,
    );
  });

  it('lines wide characters up', async () => {
    const lines = (
      await written('table', `SELECT * FROM (VALUES ('日本', 'x'), ('ab', 'y'), ('e\u0301', 'z')) t(a, b)`)
    ).split('\n');
    expect(lines.slice(2, 5)).toEqual(['日本  x', 'ab    y', 'e\u0301     z']);
  });

  it('lets no text draw on the terminal, nor break a line of the table', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (cell) => {
        const hostile = `\u001b[2J${cell.replaceAll('\0', '')}\u001b]8;;http://x\u0007\u009b31m\r\n\u202e`;
        const text = await written('table', textRows(hostile.toWellFormed()));
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(text.split('\n')).toHaveLength(4);
      }),
    );
  });
});

describe('the first rows of an answer', () => {
  it('are those that were asked for, also across chunks, and it is known whether there are more', async () => {
    for (const [limit, cut] of [
      [0, true],
      [1, true],
      [2047, true],
      [2048, true],
      [4999, true],
      [5000, false],
      [9000, false],
    ] as const) {
      const { text, wasCut } = await database.exclusive(async (session) => {
        const answer = firstRows(await session.streamTyped('SELECT range AS n FROM range(5000)'), limit);
        let text = '';
        await writeAnswer('jsonl', answer, async (part) => {
          text += String(part);
        });
        return { text, wasCut: answer.wasCut() };
      });
      expect([text.split('\n').length - 1, wasCut]).toEqual([Math.min(limit, 5000), cut]);
    }
  });
});

describe('JSON', () => {
  it('keeps every digit, writes instants in ISO, and knows no NaN', async () => {
    expect(await written('jsonl', row)).toBe(
      '{"call_id":"7782342274025937895","n":"9223372036854775807","amount":-1.5,"seen":"2026-01-01T00:00:00.5Z","raw":{"k":12345678901234567890.10},"parties":[{"a":1,"at":"2026-01-01T00:00:00Z","x":null}]}\n',
    );
  });

  it.each([
    ['9007199254740991', '9007199254740991'],
    ['9007199254740993', '"9007199254740993"'],
    ['170141183460469231731687303715884105727::HUGEINT', '"170141183460469231731687303715884105727"'],
    ['0.1::DECIMAL(9,1)', '0.1'],
    ['0.90071992547409931::DECIMAL(18,17)', '"0.90071992547409931"'],
    ['12345678901234567.89::DECIMAL(20,2)', '"12345678901234567.89"'],
    [`'inf'::DOUBLE`, 'null'],
    [`'-inf'::FLOAT`, 'null'],
    [`TIMESTAMP '2026-01-01 10:00:00.123456'`, '"2026-01-01T10:00:00.123456Z"'],
    [`TIMESTAMPTZ '2026-01-01 02:00:00+02'`, '"2026-01-01T00:00:00Z"'],
    [`TIMESTAMPTZ 'infinity'`, 'null'],
    [`DATE '2026-01-01'`, '"2026-01-01"'],
    [`INTERVAL 36 HOUR`, '"36:00:00"'],
    ['NULL', 'null'],
    [`''`, '""'],
    [`[1, NULL]`, '[1,null]'],
  ])('writes %s as %s', async (sql, json) => {
    expect(await written('jsonl', `SELECT ${sql} AS x`)).toBe(`{"x":${json}}\n`);
  });

  it('keeps JSON lines lines, though the text of a JSON column may hold line feeds', async () => {
    const line = await written('jsonl', `SELECT '{\n "a":\r\n 1}'::JSON AS raw`);
    expect(line.split('\n')).toHaveLength(2);
    expect(JSON.parse(line)).toEqual({ raw: { a: 1 } });
  });

  it('is one array over all chunks, and [] for none', async () => {
    const rows = JSON.parse(await written('json', 'SELECT range AS n FROM range(5000)')) as { n: number }[];
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 5000 }, (_, n) => n));
    expect(JSON.parse(await written('json', 'SELECT 1 AS n WHERE false'))).toEqual([]);
  });
});

const cellText = fc.string().map((text) => text.replaceAll('\0', ''));

describe('CSV', () => {
  it('writes numbers as they are, nested values as JSON, and tells NULL from the empty text', async () => {
    expect(await written('csv', row)).toBe(
      'call_id,n,amount,seen,raw,parties\r\n7782342274025937895,9223372036854775807,-1.50,2026-01-01 00:00:00.5+00,"{""k"":12345678901234567890.10}","[{""a"":1,""at"":""2026-01-01T00:00:00Z"",""x"":null}]"\r\n',
    );
    expect(
      await written('csv', `SELECT NULL AS a, NULL::BIGINT AS n UNION ALL SELECT '', 1 ORDER BY n NULLS FIRST`),
    ).toBe('a,n\r\n,\r\n"",1\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('makes a text no formula in CSV: %j', async (text) => {
    const guarded = (await written('csv', textRows(text))).slice('cell\r\n'.length);
    expect(guarded.replace(/^"/, '')).toMatch(/^'/);
    const raw = (await written('csv', textRows(text), { isRaw: true })).slice('cell\r\n'.length);
    expect(raw.replace(/^"/, '').startsWith(text)).toBe(true);
  });

  it('writes CSV that reads back as the same cells', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cellText, cellText), { minLength: 1 }), async (rows) => {
        const values = rows.map(([a, b]) => `(${quoteLiteral(a)}, ${quoteLiteral(b)})`);
        const text = await written('csv', `SELECT * FROM (VALUES ${values.join(', ')}) t(a, b)`);
        const guarded = (cell: string) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
        expect(readCsv(text).slice(1)).toEqual(rows.map((cells) => cells.map(guarded)));
      }),
    );
  });
});

/** A reader of RFC 4180, for the test. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let cells: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n)/g)) {
    cells.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(cells);
    cells = [];
  }
  return rows;
}
