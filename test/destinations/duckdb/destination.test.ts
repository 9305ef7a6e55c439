// What is special about a DuckDB file: whose tables are in it, who else holds it, and what a host's columns look like.

import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { airbyteMetadata, singerMetadata } from '../../../src/tables/record-metadata.ts';
import { createBatchMaker, integer, streamOf, text } from '../../contracts/batches.ts';
import { createWarehouse, warehouseIn } from './warehouse.ts';

const calls = streamOf('calls', { id: text, updated: integer, title: text });
const call = (id: string, updated: number, title: string) => ({ stream: calls, row: { id, updated, title } });

describe('tables that are not ours', () => {
  test('refuses a table of the same name, whatever its case, and leaves it alone', async () => {
    const warehouse = await createWarehouse();
    await warehouse.change('CREATE TABLE CALLS (mine VARCHAR)', `INSERT INTO calls VALUES ('precious')`);
    const destination = warehouse.open();
    const commit = destination.commit(createBatchMaker(destination).make('b1', [call('1', 1, 'x')]));
    await expect(commit).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringMatching(/^stream calls: .* has a table or view main.calls already/),
      hint: expect.stringContaining('another schema'),
    });
    await destination.release();
    expect(await warehouse.read('SELECT * FROM calls')).toEqual([{ mine: 'precious' }]);
  });

  test('L14 says of a mart that it is one of ours', async () => {
    const warehouse = await createWarehouse();
    await warehouse.change(
      'CREATE VIEW calls AS SELECT 1 AS one',
      `COMMENT ON VIEW calls IS 'Deals. Made by gong-elt 1'`,
    );
    const destination = warehouse.open();
    const commit = destination.commit(createBatchMaker(destination).make('b1', [call('1', 1, 'x')]));
    await expect(commit).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('has a mart of gong-elt called main.calls'),
    });
    await destination.release();
  });

  test('refuses a view of the same name', async () => {
    const warehouse = await createWarehouse();
    await warehouse.change('CREATE VIEW calls AS SELECT 1 AS one');
    const destination = warehouse.open();
    await expect(
      destination.commit(createBatchMaker(destination).make('b1', [call('1', 1, 'x')])),
    ).rejects.toMatchObject({
      area: 'destination',
    });
    await destination.release();
    expect(await warehouse.read('SELECT * FROM calls')).toEqual([{ one: 1 }]);
  });

  test('loads beside views, columns and tables that the user added, and keeps them', async () => {
    const warehouse = await createWarehouse();
    const first = warehouse.open();
    await first.commit(createBatchMaker(first).make('b1', [call('1', 1, 'one')]));
    await first.close();
    await warehouse.change(
      'ALTER TABLE calls ADD COLUMN note VARCHAR',
      `UPDATE calls SET note = 'seen'`,
      'CREATE VIEW titles AS SELECT id, title FROM calls',
      'CREATE TABLE notes (text VARCHAR)',
    );
    const second = warehouse.open();
    await second.commit(createBatchMaker(second).make('b2', [call('2', 1, 'two')]));
    await second.close();
    expect(await warehouse.read('SELECT id, note FROM calls ORDER BY id')).toEqual([
      { id: '1', note: 'seen' },
      { id: '2', note: null },
    ]);
    expect(await warehouse.read('SELECT count(*) AS n FROM titles')).toEqual([{ n: 2 }]);
    expect(await warehouse.read('SELECT count(*) AS n FROM notes')).toEqual([{ n: 0 }]);
  });

  test('makes a table again that the user dropped', async () => {
    const warehouse = await createWarehouse();
    const first = warehouse.open();
    await first.commit(createBatchMaker(first).make('b1', [call('1', 1, 'one')]));
    await first.close();
    await warehouse.change('DROP TABLE calls');
    const second = warehouse.open();
    await second.commit(createBatchMaker(second).make('b2', [call('2', 1, 'two')]));
    await second.close();
    expect(await warehouse.read('SELECT id FROM calls')).toEqual([{ id: '2' }]);
  });

  test('keeps our books out of the schema of the users', async () => {
    const warehouse = await createWarehouse();
    const destination = warehouse.open({ schema: 'gong' });
    await destination.commit(createBatchMaker(destination).make('b1', [call('1', 1, 'one')]));
    await destination.close();
    expect(
      await warehouse.read(
        'SELECT schema_name AS s, table_name AS t FROM duckdb_tables() WHERE NOT internal ORDER BY ALL',
      ),
    ).toEqual([
      { s: '_gong_elt', t: 'format' },
      { s: '_gong_elt', t: 'owners' },
      { s: '_gong_elt', t: 'state' },
      { s: '_gong_elt', t: 'tables' },
      { s: 'gong', t: 'calls' },
    ]);
  });

  test('refuses a file in which a newer version of ours keeps its books', async () => {
    const warehouse = await createWarehouse();
    const first = warehouse.open();
    await first.commit(createBatchMaker(first).make('b1', [call('1', 1, 'one')]));
    await first.close();
    await warehouse.change('UPDATE _gong_elt.format SET version = 99');
    const second = warehouse.open();
    await expect(second.preflight()).rejects.toMatchObject({ area: 'destination' });
    await expect(second.readState()).rejects.toMatchObject({ area: 'destination' });
    await expect(second.commit(createBatchMaker(second).make('b2', [call('2', 1, 'x')]))).rejects.toMatchObject({
      area: 'destination',
    });
  });
});

describe('columns of a host', () => {
  test("adds the four columns with the source's remarks and our own", async () => {
    const warehouse = await createWarehouse();
    const destination = warehouse.open({ metadata: airbyteMetadata });
    const stream = { ...streamOf('t', { id: text, n: integer }), generationId: 7, syncId: 12 };
    const { createStage } = await import('../../../src/load/stage.ts');
    await mkdir(destination.stagingFolder, { recursive: true });
    const stage = createStage(join(destination.stagingFolder, 'by-hand'));
    const remark = '{"changes":[{"field":"id","change":"TRUNCATED","reason":"SOURCE_FIELD_SIZE_LIMITATION"}]}';
    stage.append(stream, Buffer.from('{"id":"1","n":1}'), { emittedAt: 1_700_000_000_123 }, 0);
    stage.append(stream, Buffer.from('{"id":"2","n":"many"}'), { emittedAt: 1_700_000_000_456, meta: remark }, 1);
    await destination.commit({ id: 'b1', streams: stage.seal().streams, states: {} });
    await destination.close();
    const rows = await warehouse.read(
      `SELECT id, n, epoch_ms(_airbyte_extracted_at) AS extracted_at, _airbyte_generation_id AS generation,
         _airbyte_meta AS meta, _airbyte_raw_id AS raw_id FROM t ORDER BY id`,
    );
    expect(
      rows.map((row) => ({ ...row, meta: JSON.parse(String(row['meta'])), raw_id: typeof row['raw_id'] })),
    ).toEqual([
      {
        id: '1',
        n: 1,
        extracted_at: 1_700_000_000_123,
        generation: 7,
        meta: { sync_id: 12, changes: [] },
        raw_id: 'string',
      },
      {
        id: '2',
        n: null,
        extracted_at: 1_700_000_000_456,
        generation: 7,
        meta: {
          sync_id: 12,
          changes: [
            { field: 'id', change: 'TRUNCATED', reason: 'SOURCE_FIELD_SIZE_LIMITATION' },
            { field: 'n', change: 'NULLED', reason: 'DESTINATION_SERIALIZATION_ERROR' },
          ],
        },
        raw_id: 'string',
      },
    ]);
    expect(new Set(rows.map((row) => row['raw_id'])).size).toBe(2);
  });

  test('takes the later extraction of equal cursors against the table as well', async () => {
    const warehouse = await createWarehouse();
    const destination = warehouse.open({ metadata: airbyteMetadata });
    const batches = createBatchMaker(destination);
    await destination.commit(batches.make('b1', [{ ...call('1', 1, 'extracted later'), emittedAt: 2000 }]));
    const [counts] = await destination.commit(
      batches.make('b2', [{ ...call('1', 1, 'extracted sooner'), emittedAt: 1000 }]),
    );
    await destination.release();
    expect(counts).toMatchObject({ written: 0, superseded: 1 });
    expect(await warehouse.read('SELECT title FROM calls')).toEqual([{ title: 'extracted later' }]);
    await destination.commit(batches.make('b3', [{ ...call('1', 1, 'extracted then too'), emittedAt: 2000 }]));
    await destination.close();
    expect(await warehouse.read('SELECT title FROM calls')).toEqual([{ title: 'extracted then too' }]);
  });

  test('a row that does not say when it was extracted counts as extracted when it came', async () => {
    const warehouse = await createWarehouse();
    const destination = warehouse.open({ metadata: singerMetadata(() => 5000) });
    const batches = createBatchMaker(destination);
    const meta = (has_time: boolean) => ({ meta: { has_time, received_at: 5000 } });
    await destination.commit(batches.make('b1', [{ ...call('1', 2, 'at no time'), emittedAt: 5000, ...meta(false) }]));
    await destination.commit(batches.make('b2', [{ ...call('1', 1, 'older'), emittedAt: 6000, ...meta(true) }]));
    await destination.release();
    const read = () => warehouse.read('SELECT title, epoch_ms(_sdc_extracted_at) AS extracted_at FROM calls');
    expect(await read()).toEqual([{ title: 'at no time', extracted_at: null }]);
    await destination.commit(batches.make('b3', [{ ...call('1', 2, 'sooner'), emittedAt: 4999, ...meta(true) }]));
    await destination.release();
    expect(await read()).toEqual([{ title: 'at no time', extracted_at: null }]);
    await destination.commit(batches.make('b4', [{ ...call('1', 2, 'then'), emittedAt: 5000, ...meta(true) }]));
    await destination.close();
    expect(await read()).toEqual([{ title: 'then', extracted_at: 5000 }]);
  });
});

describe('the file', () => {
  test('is made for its owner only, and nothing stands beside it after close', async () => {
    const warehouse = await createWarehouse();
    const destination = warehouse.open();
    await destination.preflight();
    expect(readdirSync(warehouse.folder)).toEqual([]);
    await destination.commit(createBatchMaker(destination).make('b1', [call('1', 1, 'one')]));
    await destination.close();
    expect(readdirSync(warehouse.folder)).toEqual(['warehouse.duckdb']);
    expect(statSync(warehouse.path).mode & 0o777).toBe(0o600);
  });

  test('is free for others after release, and its log is folded in', async () => {
    const warehouse = await createWarehouse();
    const destination = warehouse.open();
    await destination.commit(createBatchMaker(destination).make('b1', [call('1', 1, 'one')]));
    expect(existsSync(`${warehouse.path}.wal`)).toBe(true);
    await destination.release();
    expect(existsSync(`${warehouse.path}.wal`)).toBe(false);
    expect(await warehouse.read('SELECT count(*) AS n FROM calls')).toEqual([{ n: 1 }]);
  });

  test.each([
    ['a folder that does not exist', async (folder: string) => join(folder, 'none'), 'does not exist'],
    [
      'a folder that is a file',
      async (folder: string) => {
        await writeFile(join(folder, 'file'), '');
        return join(folder, 'file');
      },
      'is a file',
    ],
  ])('says in preflight that it cannot write to %s', async (_, prepare, said) => {
    const { folder } = await createWarehouse();
    const destination = warehouseIn(await prepare(folder)).open();
    await expect(destination.preflight()).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining(said),
      hint: expect.any(String),
    });
  });

  test('says in preflight that the path is a folder, or no DuckDB file', async () => {
    const asFolder = await createWarehouse();
    await mkdir(asFolder.path);
    await expect(asFolder.open().preflight()).rejects.toMatchObject({
      message: expect.stringContaining('is a folder'),
    });
    const asText = await createWarehouse();
    writeFileSync(asText.path, 'just a text file, and long enough to hold what a header would hold. '.repeat(300));
    await expect(asText.open().preflight()).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('not a DuckDB file'),
    });
  });
});

describe('records that the reader refuses', () => {
  const nested = streamOf('nested', {
    id: text,
    list: { type: 'array', 'x-columns': 'closed', items: { type: 'object', properties: { n: integer } } },
  });

  async function load(lines: readonly string[]) {
    const warehouse = await createWarehouse();
    const destination = warehouse.open();
    const { createStage } = await import('../../../src/load/stage.ts');
    await mkdir(destination.stagingFolder, { recursive: true });
    const stage = createStage(join(destination.stagingFolder, 'by-hand'));
    for (const [seq, line] of lines.entries()) stage.append(nested, Buffer.from(line), { emittedAt: 1 }, seq);
    const outcome = destination.commit({ id: 'b1', streams: stage.seal().streams, states: {} });
    const counts = await outcome.finally(() => destination.close());
    return { counts, rows: await warehouse.read('SELECT id, list::VARCHAR AS list FROM nested ORDER BY id') };
  }

  test('are read by the full parse: a key twice, half a character, a list that is none', async () => {
    const { counts, rows } = await load([
      '{"id":"1","list":[{"n":1,"n":2}]}',
      '{"id":"x","id":"2"}',
      '{"id":"3\\ud83d","list":[]}',
      '{"id":"4","list":"a sentence"}',
      '{"id":"5","list":[{"n":5}]}',
    ]);
    expect(counts[0]).toMatchObject({ written: 5, nulled: 1 });
    expect(rows).toEqual([
      { id: '1', list: "[{'n': 2}]" },
      { id: '2', list: null },
      { id: '3\uFFFD', list: '[]' },
      { id: '4', list: null },
      { id: '5', list: "[{'n': 5}]" },
    ]);
  });

  test('are named by number and not quoted when nobody can read them', async () => {
    const failure = await load(['{"id":"1"}', '{"id":"a secret sentence']).catch((error: Error) => error);
    expect(failure).toMatchObject({ area: 'destination', message: expect.stringContaining('record 2 of this load') });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('secret');
  });
});

test('gets a small commit into a file of wide rows with less memory than merging them takes', async () => {
  const warehouse = await createWarehouse();
  const first = warehouse.open({ memoryLimit: '96MB' });
  const batches = createBatchMaker(first);
  const rows = (from: number) =>
    Array.from({ length: 320 }, (_, n) => call(String(from + n), 1, `${from + n} `.repeat(20_000)));
  await first.commit(batches.make('b1', rows(1000)));
  await first.commit(batches.make('b2', rows(2000)));
  await first.commit(batches.make('b3', rows(3000)));
  await first.close();
  const second = warehouse.open({ memoryLimit: '40MB' });
  await second.commit(createBatchMaker(second).make('b4', [call('new', 1, 'small')]));
  await second.close();
  expect(readdirSync(warehouse.folder)).toEqual(['warehouse.duckdb']);
  expect(warehouse.logged).toEqual([]);
  expect(await warehouse.read('SELECT count(*) AS n FROM calls')).toEqual([{ n: 961 }]);
});

test('commits a batch of wide rows within a third of the default memory limit, and leaves nothing beside the file', async () => {
  const warehouse = await createWarehouse();
  const destination = warehouse.open({ memoryLimit: '64MB' });
  const batches = createBatchMaker(destination);
  const rows = (from: number) =>
    Array.from({ length: 320 }, (_, n) => call(String(from + n), 1, `${from + n} `.repeat(20_000)));
  const first = batches.make('b1', rows(1000));
  expect(first.streams[0]?.bytes).toBeGreaterThan(24 * 1024 * 1024);
  await destination.commit(first);
  const [counts] = await destination.commit(batches.make('b2', rows(2000)));
  await destination.close();
  expect(counts).toMatchObject({ written: 320 });
  expect(await warehouse.read('SELECT count(*) AS n, sum(length(title)) AS characters FROM calls')).toEqual([
    { n: 640, characters: 640 * 5 * 20_000 },
  ]);
  expect(readdirSync(warehouse.folder)).toEqual(['warehouse.duckdb']);
});

test('takes more memory for a table of very many columns, and says so when the user or the machine allows no more', async () => {
  const names = Array.from({ length: 3000 }, (_, n) => `c${n}`);
  const wide = streamOf('wide', { id: text, ...Object.fromEntries(names.map((name) => [name, text])) });
  const rows = Array.from({ length: 20 }, (_, n) => ({
    stream: wide,
    row: { id: String(n), ...Object.fromEntries(names.map((name) => [name, `${n} ${name}`])) },
  }));
  const warehouse = await createWarehouse();
  const strict = warehouse.open({ memoryLimit: '96MB' });
  await expect(strict.commit(createBatchMaker(strict).make('b1', rows))).rejects.toMatchObject({
    area: 'destination',
    message: expect.stringContaining('memory limit'),
  });
  await strict.close();
  const capped = warehouse.open({ mostMegabytes: 96 });
  await expect(capped.commit(createBatchMaker(capped).make('b1', rows))).rejects.toMatchObject({
    area: 'destination',
    message: expect.stringContaining('memory limit'),
  });
  await capped.close();
  const fitted = warehouse.open();
  await fitted.commit(createBatchMaker(fitted).make('b1', rows));
  await fitted.close();
  expect(await warehouse.read('SELECT count(*) AS n, min(c2999) AS least FROM wide')).toEqual([
    { n: 20, least: '0 c2999' },
  ]);
});
