// The ten fields that everybody asks of a Gong export, read from the sandbox and found in columns.
import { expect, test } from 'vitest';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { startHarness } from '../support/sync-harness.ts';

const now = Date.parse('2026-03-20T00:00:00Z');
const id = '7782342274025937895';
const deal = {
  id: '006A00000012345',
  accountName: 'Acme Corp',
  name: 'Acme renewal of hope',
  stageAtCall: 'Discovery',
  stageNow: 'Negotiation',
  stageChangesAt: '2026-03-15T00:00:00Z',
  amount: 85_000,
  closeDate: '2026-04-30T00:00:00Z',
};

test('all ten common fields are columns, in UTC and seconds', async () => {
  const world = createHandmadeWorld([
    {
      id,
      started: '2026-03-10T09:30:00-07:00',
      durationS: 1790,
      direction: 'Outbound',
      media: 'Audio',
      deals: [deal],
      utcOffsetMinutes: -420,
    },
  ]);
  const harness = await startHarness({ world, now, config: { kits: [] } });
  await harness.syncWell();
  const [call] = await harness.rows('select * exclude (raw, parties, crm_objects) from calls');
  const [transcript] = await harness.rows('select text from transcripts');
  const host = world.calls[0]?.host;

  expect(transcript?.['text']).toMatch(/^[^:\n]+ \((rep|prospect)\): .+\n[^:\n]+ \((rep|prospect)\): /);
  expect(call).toMatchObject({
    call_id: id,
    owner_name: `${host?.firstName} ${host?.lastName}`,
    owner_email: host?.email,
    account_name: 'Acme Corp',
    opportunity_id: deal.id,
    opportunity_name: deal.name,
    opportunity_count: 1,
    stage_at_call: 'Discovery',
    stage_now: 'Negotiation',
    amount_now: 85_000,
    close_date_now: '2026-04-30',
    duration_s: 1790,
    direction: 'outbound',
    recording: 'audio',
  });
  expect(await harness.rows('select epoch_ms(started_at) as at from calls')).toEqual([
    { at: Date.parse('2026-03-10T16:30:00Z') },
  ]);
  const parties = await harness.rows('select unnest(parties, recursive := true) from calls');
  expect(parties.map(({ role }) => role)).toEqual(expect.arrayContaining(['rep', 'prospect']));
  expect(parties.every(({ email }) => /@/.test(String(email)))).toBe(true);
  const timings = `select o.timing from calls, unnest(crm_objects) as u(o) where o.object_id = '${deal.id}' order by 1`;
  expect(await harness.rows(timings)).toEqual([{ timing: 'Now' }, { timing: 'TimeOfCall' }]);
});

test('an owner who is not among the parties is found among the users', async () => {
  const world = createHandmadeWorld([{ id, started: '2026-03-10T09:30:00Z', parties: null }]);
  const harness = await startHarness({ world, now, config: { kits: [] } });
  await harness.syncWell();
  const host = world.calls[0]?.host;
  expect(await harness.rows('select owner_name, owner_email from calls')).toEqual([
    { owner_name: `${host?.firstName} ${host?.lastName}`, owner_email: host?.email },
  ]);
});
