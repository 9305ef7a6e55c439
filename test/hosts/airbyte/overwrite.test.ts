// Mode overwrite, into a file and a lake.
import { describe, expect, test } from 'vitest';
import { describeOverwrite } from '../../contracts/overwrite.ts';
import { storedPlaces } from '../../contracts/stored-place.ts';
import { warehouseIn } from '../../destinations/duckdb/warehouse.ts';
import { complete, openModesPlace, overwrite, record, state, stream } from './modes-place.ts';

for (const [name, placeIn] of storedPlaces) describeOverwrite(name, placeIn);

async function openWithOld() {
  const place = await openModesPlace(warehouseIn);
  expect((await place.write([stream('calls')], [record('old'), state({ c: 0 })])).code).toBe(0);
  return { place, change: warehouseIn(place.folder).change };
}

const overwritten = [stream('calls', overwrite)];

describe('what is not ours in a file', () => {
  test.each([
    ['a column', 'ALTER TABLE calls ADD COLUMN note VARCHAR', 'column note'],
    ['an index', 'CREATE INDEX mine ON calls (id)', 'index mine'],
    ['a constraint', 'ALTER TABLE calls ADD PRIMARY KEY (id)', 'constraint PRIMARY KEY'],
  ])('%s keeps the table from being replaced, and is named before anything is loaded', async (_, statement, words) => {
    const { place, change } = await openWithOld();
    await change(statement);
    const ended = await place.write(overwritten, [record('a'), state({ c: 1 }), complete]);
    expect(ended).toMatchObject({ code: 7, states: [], errors: [expect.stringContaining(words)] });
    expect(await place.ids()).toEqual(['old']);
    // Nothing was begun.
    expect(await place.tables()).toEqual(['calls']);
  });

  test('a view over the table sees the new rows', async () => {
    const { place, change } = await openWithOld();
    await change('CREATE VIEW mine AS SELECT id FROM calls');
    expect((await place.write(overwritten, [record('a'), complete])).code).toBe(0);
    expect(await place.ids()).toEqual(['a']);
    expect(await place.rows('SELECT id FROM mine')).toEqual([{ id: 'a' }]);
  });
});
