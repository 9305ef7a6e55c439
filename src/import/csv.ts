// CSV as it comes out of spreadsheets and CRMs: a header, then records, each with the line it begins in. Commas, semicolons, tabs or
// bars; a byte order mark, CRLF and quoted line breaks are read as meant.

export interface CsvRecord {
  /** Line of the file in which it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** Its last quote was never closed, or text follows one. */
  readonly isBroken: boolean;
}

const delimiters = [',', ';', '\t', '|'];

/**
 * The records of a CSV file, the header first; empty lines are left out.
 * @param chunks the file's text, cut anywhere
 */
export async function* readCsv(chunks: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  let text = '';
  let isFirst = true;
  let reader: ReturnType<typeof createReader> | undefined;
  for await (const chunk of chunks) {
    text += isFirst ? chunk.replace(/^\uFEFF/, '') : chunk;
    isFirst = false;
    // The header decides what separates.
    if (reader === undefined && !/[\r\n]/.test(text)) continue;
    reader ??= createReader(delimiterOf(text));
    yield* reader.read(text);
    text = '';
  }
  reader ??= createReader(delimiterOf(text));
  yield* reader.read(text);
  yield* reader.end();
}

/** The delimiter that stands most often in the first line, outside of quotes; a comma where none does. */
function delimiterOf(text: string): string {
  const header = (/^[^\r\n]*/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const count = (delimiter: string) => header.split(delimiter).length;
  return delimiters.reduce((best, next) => (count(next) > count(best) ? next : best));
}

type Mode = 'start' | 'plain' | 'quoted' | 'after-quote';

function createReader(delimiter: string) {
  let line = 1;
  let begins = 1;
  let fields: string[] = [];
  let field = '';
  let mode: Mode = 'start';
  let isBroken = false;
  let hadReturn = false;

  function endField(): void {
    fields.push(field);
    field = '';
    mode = 'start';
  }

  function endRecord(): CsvRecord | undefined {
    const isEmpty = fields.length === 0 && field === '' && mode === 'start';
    endField();
    const record = { line: begins, fields, isBroken };
    fields = [];
    isBroken = false;
    return isEmpty ? undefined : record;
  }

  function* read(text: string): Generator<CsvRecord> {
    for (const character of text) {
      const isBreak = character === '\n' || character === '\r';
      // A line ends with LF, CRLF or CR.
      const isSecondHalf = character === '\n' && hadReturn;
      hadReturn = character === '\r';
      if (isBreak && !isSecondHalf) line += 1;
      if (mode === 'quoted') {
        if (character === '"') mode = 'after-quote';
        else field += character;
      } else if (isBreak) {
        if (isSecondHalf) continue;
        const record = endRecord();
        if (record !== undefined) yield record;
        begins = line;
      } else if (character === delimiter) endField();
      else if (character === '"' && mode === 'start') mode = 'quoted';
      else if (character === '"' && mode === 'after-quote') {
        field += '"';
        mode = 'quoted';
      } else {
        if (mode === 'after-quote') isBroken = true;
        field += character;
        mode = 'plain';
      }
    }
  }

  function* end(): Generator<CsvRecord> {
    if (mode === 'quoted') isBroken = true;
    const record = endRecord();
    if (record !== undefined) yield record;
  }

  return { read, end };
}
