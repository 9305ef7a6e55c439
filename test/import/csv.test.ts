import { describe, expect, test } from 'vitest';
import { readCsv } from '../../src/import/csv.ts';

/** Every record of a text that comes in pieces of `size` characters. */
async function read(text: string, size = text.length || 1) {
  async function* pieces() {
    for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
  }
  const records = [];
  for await (const record of readCsv(pieces())) records.push(record);
  return records;
}
const fieldsOf = async (text: string) => (await read(text)).map(({ fields }) => fields);

describe('readCsv', () => {
  test.each([
    ['commas', 'a,b\n1,2\n'],
    ['semicolons', 'a;b\n1;2'],
    ['tabs', 'a\tb\n1\t2'],
    ['bars', 'a|b\n1|2'],
    ['a byte order mark and CRLF', '\uFEFFa,b\r\n1,2\r\n'],
    ['lines that end with CR', 'a,b\r1,2\r'],
    ['empty lines', '\n\na,b\n\n1,2\n\n'],
  ])('reads %s', async (_, text) => {
    expect(await fieldsOf(text)).toEqual([
      ['a', 'b'],
      ['1', '2'],
    ]);
  });

  test('names the line of each record, also after a quoted line break, wherever the text is cut', async () => {
    const text = 'id,"no, te"\r\n1,"two\r\nlines, ""quoted"""\r\n2,\r\n"3",x\n';
    const expected = [
      { line: 1, fields: ['id', 'no, te'], isBroken: false },
      { line: 2, fields: ['1', 'two\r\nlines, "quoted"'], isBroken: false },
      { line: 4, fields: ['2', ''], isBroken: false },
      { line: 5, fields: ['3', 'x'], isBroken: false },
    ];
    for (const size of [1, 2, 3, 7, 100]) expect(await read(text, size), `${size}`).toEqual(expected);
  });

  test('says which record is broken, and goes on behind it where it can', async () => {
    expect(await read('a,b\n1,"x"y\n2,z')).toMatchObject([
      {},
      { line: 2, isBroken: true },
      { line: 3, isBroken: false },
    ]);
    expect(await read('a,b\n1,"never closed\n2,z')).toMatchObject([{}, { line: 2, isBroken: true }]);
  });

  test('keeps a quote inside a field, and takes a header of one column', async () => {
    expect(await fieldsOf('a\n5" pipe\n')).toEqual([['a'], ['5" pipe']]);
    expect(await fieldsOf('')).toEqual([]);
  });
});
