// The late outcome: a deal closes weeks after its calls were read and evaluated. The weekly sweep re-reads the
// calls, the marts move, and nothing is bought again.
import { expect, test } from 'vitest';
import { parseAnalyticsSettings } from '../../src/analytics/settings.ts';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { environmentOf } from '../support/environment.ts';
import { type Harness, startHarness } from '../support/sync-harness.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 5, 1);

test('deals that close after their calls were evaluated change the marts, and no run is bought', async () => {
  const world = createWorld({ seed: 8, calls: 60, endsAt: start - 12 * day, days: 60 });
  const open = world.calls.flatMap(({ deals }) => deals).filter(({ closedMs }) => closedMs > start);
  expect(open.length).toBeGreaterThan(3);
  for (const deal of open) Object.assign(deal, { closedMs: start + 5 * day, won: deal.quality > 0 });
  const harness = await startHarness({
    world,
    now: start,
    settings: { gongRequestsPerSecond: Number.POSITIVE_INFINITY },
    config: { gong_requests_per_second: 1000, max_runs_per_sync: 1000 },
  });
  await harness.syncWell();
  const before = await outcomes(harness);
  const bought = harness.sandbox.ledger.posts;
  expect(bought).toBeGreaterThan(20);
  await harness.clock.sleep(25 * day);
  await harness.syncWell();
  const after = await outcomes(harness);
  expect(harness.sandbox.ledger.posts).toBe(bought);
  expect(after.deals).toBe(before.deals);
  expect(after.closed).toBeGreaterThan(before.closed);
  // Every one of them, though a week's look-back reaches no call any more.
  const closedMs = new Map(world.calls.flatMap(({ deals }) => deals).map((deal) => [deal.id, deal.closedMs]));
  const ids = await harness.rows('SELECT opportunity_id FROM deals');
  const isClosed = (id: unknown) => (closedMs.get(String(id)) ?? Number.POSITIVE_INFINITY) <= harness.clock.now();
  expect(after.closed).toBe(ids.filter(({ opportunity_id: id }) => isClosed(id)).length);
  expect(after.tested).toBeGreaterThan(before.tested);
});

/** Deals, those known to have closed, and those that `mart_win_correlation` counts for the score. */
async function outcomes(harness: Harness) {
  const problem = await placeOf(harness.to).refreshMarts(parseAnalyticsSettings({}), environmentOf());
  expect(problem).toBeUndefined();
  const [row] = await harness.rows(`
    SELECT count(*)::INTEGER AS deals, (count(*) FILTER (is_closed))::INTEGER AS closed,
      (SELECT max(n_deals) FROM mart_win_correlation)::INTEGER AS tested
    FROM deals`);
  return { deals: Number(row?.['deals']), closed: Number(row?.['closed']), tested: Number(row?.['tested']) };
}
