// The believable world: the same from the same seed, with everything in it that a connector meets.
import { describe, expect, it } from 'vitest';
import { toCrmContext } from '../../src/sandbox/gong/crm-json.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { dealAt } from '../../src/sandbox/world/deals.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { endOf, isPrivateAt, sightOf, speechVersionAt } from '../../src/sandbox/world/life.ts';
import { partiesOf } from '../../src/sandbox/world/parties.ts';
import { restoreWorld } from '../../src/sandbox/world/restore-world.ts';
import { speechOf } from '../../src/sandbox/world/speech.ts';
import { dayMs, hourMs } from '../../src/sandbox/world/time.ts';
import type { World, WorldCall } from '../../src/sandbox/world/world.ts';

const world = createWorld();
const end = Number(world.parameters['endsAt']);
const pivot = end - dayMs;

const charsOf = (from: World, call: WorldCall) =>
  speechOf(from, call)
    .flatMap(({ sentences }) => sentences)
    .reduce((sum, { text }) => sum + text.length + 1, 0);

const print = (from: World) =>
  JSON.stringify(
    from.calls.map((call) => [
      call,
      partiesOf(from, call),
      speechOf(from, call),
      toCrmContext(from, call, ['Now'], end),
    ]),
  );

describe('a seed', () => {
  it('gives the same bytes, another one does not, and neither does the order of asking matter', () => {
    const again = createWorld();
    // Asked backwards first: details are made on demand.
    for (const call of again.calls.toReversed()) partiesOf(again, call);
    expect(print(again)).toBe(print(world));
    expect(print(createWorld({ seed: 2 }))).not.toBe(print(world));
  });

  it.each([
    [
      'believable',
      createWorld({ seed: 3, calls: 60, days: 20, utcOffsetMinutes: -420, transcriptBytes: 500, oddities: 0.1 }),
    ],
    [
      'handmade',
      createHandmadeWorld([{ id: '1', started: '2026-11-18T06:00:00Z', transcriptAt: null, deals: [{ id: 'd' }] }]),
    ],
  ])('and its parameters, through JSON, make the %s world again', (_, original) => {
    const restored = restoreWorld(JSON.parse(JSON.stringify(original.parameters)) as World['parameters']);
    expect(print(restored)).toBe(print(original));
    expect(restored.parameters).toEqual(original.parameters);
  });
});

describe('calls', () => {
  it('are as many as asked, sorted by start, with unique ids of 18 to 20 digits, some beyond 2^63', () => {
    const ids = world.calls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(200);
    expect(ids.filter((id) => !/^\d{18,20}$/.test(id))).toEqual([]);
    const beyond = ids.filter((id) => BigInt(id) >= 2n ** 63n).length;
    expect(beyond).toBeGreaterThan(20);
    expect(ids.every((id) => BigInt(id) < 2n ** 64n)).toBe(true);
    const starts = world.calls.map(({ startedMs }) => startedMs);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  it('can be evaluated, nine in ten, once the world has ended', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const other = createWorld({ seed });
      const good = other.calls.filter(
        (call) =>
          sightOf(call, end) === 'visible' &&
          !isPrivateAt(call, end) &&
          speechVersionAt(call, end) !== 'none' &&
          charsOf(other, call) >= 200,
      );
      expect(good.length).toBeGreaterThanOrEqual(180);
    }
  });

  it('hold private, silent, short, transcript-less and unlinked ones', () => {
    const { calls } = world;
    const settled = calls.filter((call) => call.life.visibleMs < end);
    expect(calls.filter((call) => isPrivateAt(call, Number.NEGATIVE_INFINITY)).length).toBeGreaterThanOrEqual(3);
    expect(calls.filter(({ language }) => language !== 'eng').every(({ life }) => life.transcriptMs > end)).toBe(true);
    expect(calls.some(({ language }) => language !== 'eng')).toBe(true);
    expect(settled.some((call) => call.language === 'eng' && call.life.transcriptMs === Number.POSITIVE_INFINITY)).toBe(
      true,
    );
    expect(calls.some((call) => charsOf(world, call) < 200)).toBe(true);
    expect(calls.some(({ account }) => account === null)).toBe(true);
    expect(calls.some(({ deals }) => deals.length > 1)).toBe(true);
    expect(calls.some(({ scope }) => scope === 'Internal')).toBe(true);
  });

  it('become visible minutes after their end, some hours later, a few beyond a day', () => {
    const lags = world.calls.map(({ startedMs, life }) => (life.visibleMs - startedMs) / hourMs);
    expect(lags.filter((lag) => lag < 2).length).toBeGreaterThan(170);
    expect(lags.filter((lag) => lag > 3 && lag < 24).length).toBeGreaterThanOrEqual(8);
    expect(lags.filter((lag) => lag >= 24).length).toBeGreaterThanOrEqual(2);
    for (const call of world.calls) {
      expect(call.life.visibleMs).toBeGreaterThanOrEqual(endOf(call));
      expect(call.life.transcriptMs).toBeGreaterThanOrEqual(call.life.visibleMs);
      if (call.life.transcriptMs < Infinity)
        expect(call.life.completeMs).toBeGreaterThanOrEqual(call.life.transcriptMs);
    }
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('have one fate of each kind between two syncs a day apart (seed %i)', (seed) => {
    const { calls } = createWorld({ seed });
    const within = (ms: number) => ms > pivot && ms <= end;
    const known = calls.filter((call) => call.startedMs < pivot - 3 * hourMs);
    const late = known.filter(({ life }) => within(life.visibleMs));
    expect(late.some((call) => call.startedMs > pivot - dayMs)).toBe(true);
    expect(known.some(({ life }) => life.visibleMs <= pivot && within(life.transcriptMs))).toBe(true);
    for (const event of ['editedMs', 'textEditedMs', 'privateMs', 'erasedMs'] as const)
      expect(known.filter(({ life }) => within(life[event])).length).toBeGreaterThanOrEqual(1);
    expect(calls.filter((call) => within(endOf(call))).length).toBeGreaterThanOrEqual(1);
  });
});

describe('speech', () => {
  it('is 1 to 6 kB of several speakers in turns, in order of time, within the duration', () => {
    const ordinary = world.calls.filter((call) => call.durationS > 60);
    for (const call of ordinary) {
      const speech = speechOf(world, call);
      const sentences = speech.flatMap((monologue) => monologue.sentences);
      expect(charsOf(world, call)).toBeGreaterThanOrEqual(1000);
      expect(charsOf(world, call)).toBeLessThan(6500);
      expect(new Set(speech.map(({ speakerId }) => speakerId)).size).toBeGreaterThanOrEqual(
        call.scope === 'Internal' ? 1 : 2,
      );
      for (const [i, { start, end: stop }] of sentences.entries()) {
        expect(stop).toBeGreaterThan(start);
        expect(start).toBeGreaterThanOrEqual(sentences[i - 1]?.end ?? 0);
      }
      expect(sentences.at(-1)?.end).toBeLessThanOrEqual(call.durationS * 1000);
    }
  });

  it('has as many bytes as asked, give or take a turn', () => {
    const large = createWorld({ calls: 60, transcriptBytes: 90_000 });
    const sizes = large.calls.filter((call) => call.durationS > 60).map((call) => charsOf(large, call));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(90_000);
    expect(Math.max(...sizes)).toBeLessThan(91_000);
  });

  it('has speakers without a party, monologues without a speaker or topic, and consecutive ones of one speaker', () => {
    let [unmatched, nobody, noTopic, again] = [0, 0, 0, 0];
    for (const call of world.calls) {
      const known = new Set(partiesOf(world, call)?.map(({ speakerId }) => speakerId));
      for (const [i, { speakerId, topic }] of speechOf(world, call).entries()) {
        if (speakerId === null) nobody++;
        else if (!known.has(speakerId)) unmatched++;
        if (topic === null) noTopic++;
        if (i > 0 && speechOf(world, call)[i - 1]?.speakerId === speakerId) again++;
      }
    }
    for (const count of [unmatched, nobody, noTopic, again]) expect(count).toBeGreaterThan(0);
  });
});

describe('parties', () => {
  const all = world.calls.map((call) => partiesOf(world, call));

  it('are missing on some calls, and else hold the host', () => {
    expect(all.filter((parties) => parties === undefined).length).toBeGreaterThan(0);
    for (const call of world.calls) {
      const parties = partiesOf(world, call);
      if (parties) expect(parties.some(({ userId }) => userId === call.host.id)).toBe(true);
    }
  });

  it('are internal, external and unknown; some never spoke, some are a phone number alone', () => {
    const parties = all.flatMap((some) => some ?? []);
    expect(new Set(parties.map(({ affiliation }) => affiliation))).toEqual(
      new Set(['Internal', 'External', 'Unknown']),
    );
    expect(parties.some(({ speakerId }) => speakerId === null)).toBe(true);
    const dialIns = parties.filter(({ phoneNumber, name }) => phoneNumber !== undefined && name === undefined);
    expect(dialIns.length).toBeGreaterThan(0);
    expect(
      parties.every(
        ({ emailAddress }) => emailAddress === undefined || /^[a-z.0-9]+@[a-z-]+\.example$/.test(emailAddress),
      ),
    ).toBe(true);
  });
});

describe('opportunities', () => {
  const deals = [
    ...new Map(world.calls.flatMap((call) => call.deals.slice(0, 1)).map((deal) => [deal.id, deal])).values(),
  ];

  it('have about four calls each, and most are closed, won and lost, by the end', () => {
    expect(world.calls.length / deals.length).toBeGreaterThan(3);
    expect(world.calls.length / deals.length).toBeLessThan(5.5);
    const closed = deals.map((deal) => dealAt(deal, end)).filter(({ isClosed }) => isClosed);
    expect(closed.filter(({ isWon }) => isWon).length).toBeGreaterThanOrEqual(10);
    expect(closed.filter(({ isWon }) => !isWon).length).toBeGreaterThanOrEqual(10);
  });

  it('differ between the time of the call and now', () => {
    const call = world.calls.find((candidate) => candidate.deals[0] && dealAt(candidate.deals[0], end).isWon);
    const [deal] = call?.deals ?? [];
    if (!call || !deal) throw new Error('no won deal');
    expect(dealAt(deal, call.startedMs)).toMatchObject({ isClosed: false, isWon: false });
    expect(dealAt(deal, end)).toMatchObject({ stage: 'Closed Won', probability: 100 });
  });

  it('have values of mixed types in the CRM context', () => {
    const types = new Set<string>();
    for (const call of world.calls)
      for (const { objects } of toCrmContext(world, call, ['Now', 'TimeOfCall'], end) as unknown as {
        objects: { fields: { name: string; value: unknown }[] }[];
      }[])
        for (const { fields } of objects)
          for (const { name, value } of fields)
            if (['Amount', 'IsClosed', 'LeadSource'].includes(name))
              types.add(`${name} ${value === null ? 'null' : typeof value}`);
    expect(types).toEqual(
      new Set([
        'Amount number',
        'Amount string',
        'IsClosed boolean',
        'IsClosed string',
        'LeadSource string',
        'LeadSource null',
      ]),
    );
  });

  it('are absent where no CRM is connected', () => {
    const without = createWorld({ calls: 60, crm: 'none' });
    expect(without.calls.flatMap((call) => toCrmContext(without, call, ['Now'], end))).toEqual([]);
  });
});

describe('size', () => {
  it('keeps 30,000 calls in less than 150 MB, without their speech', () => {
    const before = process.memoryUsage().heapUsed;
    const large = createWorld({ calls: 30_000 });
    const used = process.memoryUsage().heapUsed - before;
    expect(large.calls.length).toBe(30_000);
    expect(used).toBeLessThan(150e6);
  });
});
