// Rows of a query in every form, faithful and harmless.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputFormat, ResultTable } from '../../src/cli/output.ts';
import { writeRows } from '../../src/cli/output.ts';
import type { JsonValue } from '../../src/core/json.ts';

async function written(
  format: OutputFormat,
  columns: ResultTable['columns'],
  ...chunks: JsonValue[][][]
): Promise<string> {
  let text = '';
  async function* rows() {
    yield* chunks;
  }
  await writeRows(format, { columns, rows: rows() }, async (part) => {
    text += part;
  });
  return text;
}

const columns = [
  { name: 'call_id', type: 'VARCHAR' },
  { name: 'n', type: 'BIGINT' },
  { name: 'amount', type: 'DECIMAL(18,2)' },
  { name: 'at', type: 'TIMESTAMP WITH TIME ZONE' },
  { name: 'raw', type: 'JSON' },
  { name: 'parties', type: 'STRUCT(a BIGINT)[]' },
];
const row: JsonValue[] = [
  '7782342274025937895',
  '9223372036854775807',
  '-1.50',
  '2026-01-01 00:00:00+00',
  '{"k":12345678901234567890.10}',
  [{ a: 1 }],
];

describe('query output', () => {
  it('prints a table: numbers to the right, nothing for NULL, with its size', async () => {
    const text = await written('table', columns.slice(0, 3), [
      ['a', 1, '2.50'],
      [null, 100, null],
    ]);
    expect(text).toBe('call_id    n  amount\n───────  ───  ──────\na          1    2.50\n         100\n(2 rows)\n');
  });

  it('prints the head of an empty table', async () => {
    expect(await written('table', columns.slice(0, 2))).toBe('call_id  n\n───────  ─\n(0 rows)\n');
  });

  it('keeps every digit of numbers and the text of JSON columns', async () => {
    const line = await written('jsonl', columns, [row]);
    expect(line).toBe(
      '{"call_id":"7782342274025937895","n":"9223372036854775807","amount":"-1.50","at":"2026-01-01 00:00:00+00","raw":{"k":12345678901234567890.10},"parties":[{"a":1}]}\n',
    );
    expect(await written('csv', columns, [row])).toBe(
      'call_id,n,amount,at,raw,parties\r\n7782342274025937895,9223372036854775807,-1.50,2026-01-01 00:00:00+00,"{""k"":12345678901234567890.10}","[{""a"":1}]"\r\n',
    );
    expect(await written('table', columns, [row])).toContain('9223372036854775807');
  });

  it('keeps JSON lines lines, though the text of a JSON column may hold line feeds', async () => {
    const line = await written('jsonl', [{ name: 'raw', type: 'JSON' }], [['{\n "a":\r\n 1}']]);
    expect(line.split('\n')).toHaveLength(2);
    expect(JSON.parse(line)).toEqual({ raw: { a: 1 } });
  });

  it('shows a number of a later row whole, though the column was narrower', async () => {
    expect(await written('table', columns.slice(1, 2), [[1]], [['9223372036854775807']])).toContain(
      '\n9223372036854775807\n',
    );
  });

  it('prints one JSON array over all chunks, and [] for none', async () => {
    expect(JSON.parse(await written('json', columns.slice(0, 1), [['a']], [], [['b'], ['c']]))).toEqual([
      { call_id: 'a' },
      { call_id: 'b' },
      { call_id: 'c' },
    ]);
    expect(JSON.parse(await written('json', columns))).toEqual([]);
  });

  it('tells NULL from the empty text in CSV', async () => {
    expect(
      await written('csv', columns.slice(0, 2), [
        [null, null],
        ['', 1],
      ]),
    ).toBe('call_id,n\r\n,\r\n"",1\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('makes a text no formula in CSV: %j', async (text) => {
    const [, cell = ''] = (await written('csv', columns.slice(0, 1), [[text]])).split('\r\n');
    expect(cell.replace(/^"/, '')).toMatch(/^'/);
  });

  it('writes CSV that reads back as the same cells', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1 }), async (rows) => {
        const text = await written(
          'csv',
          [
            { name: 'a', type: 'VARCHAR' },
            { name: 'b', type: 'VARCHAR' },
          ],
          rows,
        );
        const guarded = (cell: string) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);
        expect(readCsv(text).slice(1)).toEqual(rows.map((cells) => cells.map(guarded)));
      }),
    );
  });

  it('lets no text draw on the terminal, nor break a line of the table', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (cell) => {
        const hostile = `\u001b[2J${cell}\u001b]8;;http://x\u0007\u009b31m\r\n\u202e`;
        const text = await written('table', columns.slice(0, 1), [[hostile]]);
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(text.split('\n')).toHaveLength(5);
      }),
    );
  });

  it('lines wide characters up and cuts long cells', async () => {
    const text = await written(
      'table',
      [
        { name: 'a', type: 'VARCHAR' },
        { name: 'b', type: 'VARCHAR' },
      ],
      [
        ['日本', 'x'],
        ['ab', 'y'],
        ['e\u0301', 'z'],
        ['l'.repeat(80), 'w'],
      ],
    );
    const lines = text.split('\n');
    expect(lines[2]).toBe(`日本${' '.repeat(58)}x`);
    expect(lines[3]).toBe(`ab${' '.repeat(60)}y`);
    expect(lines[4]).toBe(`e\u0301${' '.repeat(61)}z`);
    expect(lines[5]).toBe(`${'l'.repeat(59)}…  w`);
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
