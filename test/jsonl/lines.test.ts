import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, splitLines } from '../../src/jsonl/lines.ts';

async function* chunksOf(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

async function collect(input: AsyncIterable<Uint8Array>, cap?: number): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const some of splitLines(input, cap)) lines.push(...some);
  return lines;
}

/** Number, text and fault of each line. */
async function read(parts: (string | Uint8Array)[], cap?: number) {
  const lines = await collect(chunksOf(...parts), cap);
  return lines.map(({ number, bytes, fault }) => [number, bytes.toString(), ...(fault ? [fault] : [])]);
}

describe('splitting bytes into lines', () => {
  it('numbers lines from 1 and leaves blank ones out', async () => {
    expect(await read(['a\n\n \t\r\n\r\nb\n'])).toEqual([
      [1, 'a'],
      [5, 'b'],
    ]);
  });

  it('takes CRLF and LF alike', async () => {
    expect(await read(['a\r\nb\nc\r\r\n'])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c\r'],
    ]);
  });

  it('drops a byte order mark at the beginning and nowhere else, even when chunks cut it', async () => {
    const mark = Buffer.from('\ufeff');
    expect(await read([mark.subarray(0, 1), mark.subarray(1, 2), mark.subarray(2), 'a\n', mark, 'b\n'])).toEqual([
      [1, 'a'],
      [2, '\ufeffb'],
    ]);
  });

  it('marks a last line without an ending, whole or torn', async () => {
    expect(await read(['{"a":1}\n{"b":'])).toEqual([
      [1, '{"a":1}'],
      [2, '{"b":', 'unterminated'],
    ]);
    expect(await read(['a\n  '])).toEqual([[1, 'a']]);
    expect(await read([])).toEqual([]);
  });

  it('gives the same lines however the bytes are cut into chunks', async () => {
    const content = fc.stringMatching(/^[ab\r\né😀]{0,40}$/u);
    await fc.assert(
      fc.asyncProperty(content, fc.array(fc.nat(60), { maxLength: 12 }), async (text, cuts) => {
        const bytes = Buffer.from(text);
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const parts = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
        expect(await read(parts)).toEqual(await read([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it('gives what is between the line feeds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[ab \né]{0,40}$/), async (text) => {
        const expected = text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [[i + 1, line]]));
        const found = await read([text]);
        expect(found.map(([number, line]) => [number, line])).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('drops what is longer than the cap, says so, and goes on with the next line', async () => {
    const long = 'x'.repeat(11);
    expect(await read([`${long}\nok\n`], 10)).toEqual([
      [1, '', 'too_long'],
      [2, 'ok'],
    ]);
    expect(await read([long, long, '\nok\n', 'y'.repeat(10), '\r\n'], 10)).toEqual([
      [1, '', 'too_long'],
      [2, 'ok'],
      [3, 'yyyyyyyyyy'],
    ]);
    expect(await read([long, long], 10)).toEqual([[1, '', 'too_long']]);
  });

  it('holds no more than the cap of a line that never ends', async () => {
    let mostHeld = 0;
    async function* endless() {
      for (let i = 0; i < 600; i++) {
        yield Buffer.alloc(1024 * 1024, 'x');
        mostHeld = Math.max(mostHeld, process.memoryUsage().arrayBuffers);
      }
      yield Buffer.from('\nok\n');
    }
    const before = process.memoryUsage().arrayBuffers;
    const lines = await collect(endless(), 4 * 1024 * 1024);
    expect(lines.map(({ number, fault }) => [number, fault])).toEqual([
      [1, 'too_long'],
      [2, undefined],
    ]);
    expect(mostHeld - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('takes a line that arrives byte by byte without paying for each', async () => {
    async function* drip() {
      const byte = Buffer.from('x');
      for (let i = 0; i < 300_000; i++) yield byte;
      yield Buffer.from('\n');
    }
    expect((await collect(drip()))[0]?.bytes.length).toBe(300_000);
  });

  it('leaves lines in place that it gave out before', async () => {
    const lines = await collect(chunksOf('one\ntwo', 'two\nthr', 'ee\n'));
    expect(lines.map(({ bytes }) => bytes.toString())).toEqual(['one', 'twotwo', 'three']);
  });
});
