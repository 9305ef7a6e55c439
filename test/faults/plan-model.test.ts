// What `plan` says is what the next sync buys, over random histories.
//
// It says so without fetching a transcript and without asking for single calls, so some numbers can only be bounds. These exceptions
// are inherent, and the second property has them all:
// - a call whose transcript was never asked for counts as bought: it may have none, or one that is too short → fewer are bought;
// - a call that waits for its transcript counts as waiting: it may have come meanwhile → no more are bought than wait;
// - what was sent and not answered is sent again: it is bought now unless it was then → no more are bought than are sent again;
// - a call that is owed behind all windows is not listed: it may be private or gone by now → fewer are bought.
// Where every transcript is there with its call and is long enough, and a call does not change, the number is exact.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { runPlan } from '../../src/pipeline/plan.ts';
import { createHandmadeWorld, type HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import type { Plan } from '../../src/source/plan.ts';
import { environmentOf } from '../support/environment.ts';
import { day, harnessOf, hour, post, someCalls, start } from '../support/semarize-faults.ts';
import { type Harness, kitA, kitB, startHarness } from '../support/sync-harness.ts';

/** Hours: when a call starts after the beginning, when it shows up after its end, and its transcript after that. */
interface Life {
  readonly starts: number;
  readonly late: number;
  readonly transcript: number;
  readonly kind: 'talk' | 'private' | 'brief' | 'turns private' | 'silent' | 'short text';
}

type Step =
  | { do: 'wait'; hours: number }
  | { do: 'sync'; streams?: readonly string[]; days?: number }
  | { do: 'limit'; runs: number }
  | { do: 'kits'; kits: JsonObject[] };

const livesOf = (kinds: readonly Life['kind'][], transcript: fc.Arbitrary<number>) =>
  fc.array(
    fc.record<Life>({
      starts: fc.integer({ min: -20 * 24, max: 6 * 24 }),
      late: fc.constantFrom(0, 0, 1, 20, 50, 140),
      transcript,
      kind: fc.constantFrom(...kinds),
    }),
    { minLength: 2, maxLength: 12 },
  );

const kitSets: JsonObject[][] = [
  [],
  [{ code: kitA }],
  [{ code: kitA }, { code: kitB }],
  [{ code: kitA }, { code: kitB, from: '2026-01-01' }],
  [{ code: kitA, from: '2026-01-01', min_duration_seconds: 300 }],
  [{ code: kitB, min_duration_seconds: 300 }],
];

const step = <S extends Step>(weight: number, arbitrary: fc.Arbitrary<S>) => ({ weight, arbitrary });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    step(4, fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(1, 3, 13, 26, 80) })),
    step(6, fc.constant<Step>({ do: 'sync' })),
    step(1, fc.constant<Step>({ do: 'sync', streams: ['calls', 'transcripts'] })),
    step(1, fc.constant<Step>({ do: 'sync', streams: ['semarize_runs'] })),
    step(1, fc.record({ do: fc.constant('sync' as const), days: fc.integer({ min: 1, max: 25 }) })),
    step(2, fc.record({ do: fc.constant('limit' as const), runs: fc.constantFrom(0, 1, 2, 4, 100) })),
    step(2, fc.record({ do: fc.constant('kits' as const), kits: fc.constantFrom(...kitSets) })),
  ),
  { minLength: 4, maxLength: 14 },
);

const greeting = { start: 0, end: 1000, text: 'Hello?' };

/** Seventeen minutes past: a sync takes seconds, and none of them is the one in which a call settles. */
function toCall({ starts, late, transcript, kind }: Life, index: number): HandmadeCall {
  const started = start + starts * hour + 17 * 60_000;
  const visibleAt = started + hour / 2 + late * hour;
  return {
    id: `77823422740259378${String(index).padStart(2, '0')}`,
    started,
    visibleAt,
    durationS: kind === 'brief' ? 120 : 1500,
    transcriptAt: kind === 'silent' ? null : visibleAt + transcript * hour,
    ...(kind === 'silent' ? { language: 'zxx' } : {}),
    ...(kind === 'short text' ? { transcript: [{ speakerId: null, topic: null, sentences: [greeting] }] } : {}),
    private: kind === 'turns private' ? visibleAt + 30 * hour : kind === 'private',
  };
}

/** What `plan` says now, and what the sync after it bought. */
async function planAndSync(harness: Harness, sync: Extract<Step, { do: 'sync' }>) {
  const { sandbox, clock } = harness;
  const request = {
    ...(sync.streams === undefined ? {} : { streams: sync.streams }),
    ...(sync.days === undefined ? {} : { range: { from: clock.now() - sync.days * day, until: clock.now() } }),
  };
  sandbox.ledger.clearRequests();
  const source = harness.openSource();
  const plan = await runPlan({ source, place: placeOf(harness.to), request }, environmentOf({ clock }));
  expect(sandbox.ledger.posts, 'a plan buys nothing').toBe(0);
  expect(sandbox.ledger.count('POST /v2/calls/transcript'), 'a plan fetches no transcript').toBe(0);
  const before = sandbox.ledger.distinctRuns;
  await harness.syncWell(request);
  return { plan, bought: sandbox.ledger.distinctRuns - before };
}

async function play(lives: Life[], history: Step[], check: (plan: Plan, bought: number) => void): Promise<void> {
  const harness = await startHarness({
    world: createHandmadeWorld(lives.map(toCall)),
    now: start,
    settings: { runEnds: { afterPolls: 0 }, gongRequestsPerSecond: Number.POSITIVE_INFINITY },
    config: {
      start_date: '2026-02-01',
      max_runs_per_sync: 3,
      deep_lookback_days: 3,
      semarize_concurrency: 2,
      gong_requests_per_second: 1000,
    },
  });
  const checked = async (sync: Extract<Step, { do: 'sync' }>) => {
    const { plan, bought } = await planAndSync(harness, sync);
    check(plan, bought);
  };
  try {
    for (const step of history) {
      if (step.do === 'wait') harness.clock.advance(step.hours * hour);
      else if (step.do === 'limit') harness.config['max_runs_per_sync'] = step.runs;
      else if (step.do === 'kits') harness.config['kits'] = step.kits;
      else await checked(step);
    }
    for (let again = 0; again < 2; again++) await checked({ do: 'sync' });
  } finally {
    await harness.close();
  }
}

const numRuns = Number(process.env['GONG_ELT_MODEL_RUNS'] ?? 4);
/** A history in which several runs are bought at once: chance alone may choose none. */
const certain: [Life[], Step[]] = [
  [-50, -40, -30].map((starts) => ({ starts, late: 0, transcript: 0, kind: 'talk' })),
  [{ do: 'kits', kits: [{ code: kitA }] }, { do: 'limit', runs: 100 }, { do: 'sync' }],
];
const parameters = {
  numRuns,
  examples: [certain],
  // A history takes a second or two: to make a failing one smaller takes many.
  endOnFailure: process.env['GONG_ELT_MODEL_SHRINK'] === undefined,
  ...(process.env['GONG_ELT_MODEL_SEED'] ? { seed: Number(process.env['GONG_ELT_MODEL_SEED']) } : {}),
};

test('plan: the number that it says is what the next sync buys, when every transcript is there with its call', async () => {
  let most = 0;
  await fc.assert(
    fc.asyncProperty(livesOf(['talk', 'talk', 'talk', 'private', 'brief'], fc.constant(0)), steps, (lives, history) =>
      play(lives, history, (plan, bought) => {
        expect(bought).toBe(Math.min(plan.toBuy, plan.maxRuns));
        most = Math.max(most, bought);
      }),
    ),
    parameters,
  );
  expect(most, 'something was bought').toBeGreaterThan(1);
}, 600_000);

test('plan: with transcripts that come later, never or too short, no more is bought than it says, and than waits', async () => {
  let most = 0;
  const kinds = ['talk', 'talk', 'talk', 'private', 'brief', 'turns private', 'silent', 'short text'] as const;
  await fc.assert(
    fc.asyncProperty(livesOf(kinds, fc.constantFrom(0, 0, 1, 5, 60)), steps, (lives, history) =>
      play(lives, history, (plan, bought) => {
        const waiting = plan.kits.reduce((sum, { wait }) => sum + wait.no_transcript, 0);
        expect(bought).toBeLessThanOrEqual(Math.min(plan.toBuy + waiting, plan.maxRuns));
        most = Math.max(most, bought);
      }),
    ),
    parameters,
  );
  expect(most, 'something was bought').toBeGreaterThan(1);
}, 600_000);

test('plan: what is owed behind all windows counts as well', async () => {
  const harness = await harnessOf(
    someCalls(6, (index) => (index < 4 ? { started: start - 2 * day + index * hour, visibleAt: start + hour } : {})),
    { settings: { runEnds: { afterPolls: 0 } }, config: { deep_lookback_days: 3 } },
  );
  await harness.syncWell();
  harness.config['max_runs_per_sync'] = 0;
  for (let sync = 0; sync < 4; sync++) {
    harness.clock.advance(2 * day);
    await harness.syncWell();
  }
  harness.config['max_runs_per_sync'] = 100;
  harness.clock.advance(hour);
  const { plan, bought } = await planAndSync(harness, { do: 'sync' });
  // The case is the one meant: none of them is listed.
  expect(Date.parse(plan.from ?? '')).toBeGreaterThan(start);
  expect([plan.toBuy, bought]).toEqual([4, 4]);
});

test('plan: what was sent without an answer is named, and is the most that is bought beyond what is new', async () => {
  for (const processed of [true, false]) {
    const harness = await harnessOf(someCalls(4), { config: { semarize_concurrency: 1 } });
    harness.sandbox.faults.add({ on: post, times: 5, do: { kind: 'reset', processed } });
    await harness.sync();
    const { plan, bought } = await planAndSync(harness, { do: 'sync' });
    expect([plan.toBuy, plan.sentAgain, bought]).toEqual([0, 1, processed ? 0 : 1]);
    const after = await planAndSync(harness, { do: 'sync' });
    expect([after.plan.sentAgain, after.bought]).toEqual([0, 0]);
    await harness.close();
  }
});
