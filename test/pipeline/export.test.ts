// Plain Parquet files of a place: all streams, as of one moment, in types that every reader has.
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openInMemory } from '../../src/duckdb/connection.ts';
import { runExport } from '../../src/pipeline/export.ts';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { createBatchMaker, type StagedRow, streamOf, text } from '../contracts/batches.ts';
import { createWarehouse } from '../destinations/duckdb/warehouse.ts';
import { createLake } from '../destinations/lake/lake.ts';
import { environmentOf } from '../support/environment.ts';

const deals = streamOf('deals', {
  id: text,
  open: { type: 'object' },
  daytime: { type: 'string', format: 'time', airbyte_type: 'time_with_timezone' },
});
const spaced = streamOf('My Deals', { id: text }, { namespace: 'crm' });
const rows: StagedRow[] = [
  { stream: deals, row: { id: '1', open: { a: [1] }, daytime: '10:00:00+02:00' } },
  { stream: deals, row: { id: '2', open: null, daytime: null } },
  { stream: spaced, row: { id: '3' } },
];

async function filled(kind: 'lake' | 'file') {
  const lake = await createLake();
  const warehouse = await createWarehouse();
  const destination = kind === 'lake' ? lake.open() : warehouse.open();
  await destination.commit(
    createBatchMaker(destination).make('b0', [{ stream: deals, row: { id: '1', daytime: '00:00:00Z' } }]),
  );
  await destination.commit(createBatchMaker(destination).make('b1', rows));
  await destination.close();
  // Beside the streams, in the user's own file.
  if (kind === 'file') await warehouse.change('CREATE TABLE mine (x INTEGER)');
  return { from: placeOf(kind === 'lake' ? lake.root : warehouse.path), folder: join(lake.root, '..', 'plain') };
}

test.each(['lake', 'file'] as const)(
  'every stream of a %s becomes a file, and nothing else is in the folder',
  async (kind) => {
    const { from, folder } = await filled(kind);
    const files = await runExport({ from, folder, shown: 'plain' }, environmentOf());
    expect(files.map(({ stream, rows }) => [stream, rows])).toEqual([
      ['crm.My Deals', 1],
      ['deals', 2],
    ]);
    expect((await readdir(folder)).map((name) => name.replace(/-[0-9a-f]{16}/, '-HASH')).sort()).toEqual([
      'crm_my_deals-HASH.parquet',
      'deals.parquet',
    ]);
    expect((await readdir(join(folder, '..'))).filter((name) => name.includes('.part'))).toEqual([]);
    expect((await stat(join(folder, 'deals.parquet'))).mode & 0o777).toBe(0o600);
    const database = await openInMemory({ folders: [folder] });
    const [types, content] = await database
      .exclusive(async (session) => [
        await session.rows(
          `SELECT name, converted_type FROM parquet_schema('${folder}/deals.parquet') WHERE converted_type IS NOT NULL`,
        ),
        await session.rows(
          `SELECT id, open, daytime = '08:00:00+00' AS in_utc FROM '${folder}/deals.parquet' ORDER BY id`,
        ),
      ])
      .finally(() => database.close());
    expect(types?.map(({ converted_type }) => converted_type)).toEqual(['UTF8', 'UTF8', 'UTF8']);
    expect(content).toEqual([
      { id: '1', open: '{"a":[1]}', in_utc: true },
      { id: '2', open: null, in_utc: null },
    ]);
  },
);

test('a folder that is not empty is refused and left alone', async () => {
  const { from, folder } = await filled('lake');
  await mkdir(folder);
  await writeFile(join(folder, 'mine.parquet'), 'x');
  await expect(runExport({ from, folder, shown: 'plain' }, environmentOf())).rejects.toMatchObject({
    area: 'config',
    message: 'plain is not empty',
  });
  expect(await readdir(folder)).toEqual(['mine.parquet']);
});
