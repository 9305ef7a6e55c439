// What the scanner lets through must be what DuckDB's own JSON reader understands: asked of the real one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { airbyte } from '../../src/protocol/airbyte/dialect.ts';
import { valueText } from './json-text.ts';
import { isSameMeaning } from './same-meaning.ts';

const folder = mkdtempSync(join(tmpdir(), 'gong-elt-staged-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('reads the staged bytes of any record as JSON.parse reads the sender’s', async () => {
  const seed = Math.trunc(Math.random() * 2 ** 31);
  const values = fc.sample(valueText, { numRuns: 4_000, seed });
  const decoder = airbyte.createDecoder([]);
  const staged = values.map((value) => {
    const decoded = decoder.decode(
      Buffer.from(`{"type":"RECORD","record":{"stream":"s","data":{"v":${value}},"emitted_at":1}}`),
    );
    if (decoded.kind !== 'record') throw new Error(`not a record (seed ${seed}): ${value}`);
    return Buffer.from(decoded.data).toString();
  });
  const path = join(folder, 'staged.ndjson');
  writeFileSync(path, `${staged.join('\n')}\n`);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const result = await connection.runAndReadAll(
    `SELECT v FROM read_ndjson('${path}', columns = {v: 'JSON'}, format = 'newline_delimited')`,
  );
  const read = result.getRows().map(([value]) => (value === null ? null : JSON.parse(String(value))));
  expect(read.length).toBe(values.length);
  for (const [i, value] of values.entries()) {
    expect(
      isSameMeaning(read[i], JSON.parse(value)),
      `seed ${seed}, value ${value}, read ${JSON.stringify(read[i])}`,
    ).toBe(true);
  }
});
