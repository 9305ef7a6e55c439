// L10: another connector's table has the name of one of our streams. The sync says so before anything is bought, and touches nothing.
import { expect, test } from 'vitest';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { createBatchMaker, streamOf, text } from '../contracts/batches.ts';
import { environmentOf } from '../support/environment.ts';
import { day, start } from '../support/gong-faults.ts';
import { startHarness } from '../support/sync-harness.ts';

test.each(['warehouse.duckdb', 'lake'])('L10 in %s: refused before a run is bought', async (to) => {
  const world = createHandmadeWorld([{ id: '7200000000000000001', started: start - 3 * day }]);
  const harness = await startHarness({ world, now: start, to });
  const theirs = await placeOf(harness.to).openDestination({ connection: 'theirs' }, environmentOf());
  const stream = streamOf('calls', { id: text, title: text });
  await theirs.commit(createBatchMaker(theirs).make('b1', [{ stream, row: { id: '1', title: 'theirs' } }]));
  await theirs.close();
  await expect(harness.sync()).rejects.toMatchObject({
    area: 'config',
    message: expect.stringContaining('stream calls (key call_id) would be stored in'),
  });
  expect(harness.sandbox.ledger.posts).toBe(0);
  expect(await harness.rows('select id, title from calls')).toEqual([{ id: '1', title: 'theirs' }]);
});
