// Refreshes by generation, into a file and a lake.
import { expect, test } from 'vitest';
import { describeGenerations } from '../../contracts/generations.ts';
import { storedPlaces } from '../../contracts/stored-place.ts';
import { warehouseIn } from '../../destinations/duckdb/warehouse.ts';
import { complete, generation, openModesPlace, record, stream } from './modes-place.ts';

for (const [name, placeIn] of storedPlaces) describeGenerations(name, placeIn);

test('a host that numbers every run 1 appends in a file whose generations nobody wrote down', async () => {
  const place = await openModesPlace(warehouseIn);
  const runs = [stream('calls', generation(1))];
  expect((await place.write(runs, [record('a'), complete])).code).toBe(0);
  await warehouseIn(place.folder).change('DROP TABLE _gong_elt.refreshes');
  expect((await place.write(runs, [record('b'), complete])).code).toBe(0);
  expect(await place.ids()).toEqual(['a', 'b']);
});
