// I1, I5, I6, I8: syncs of all kinds, in any order, with services that fail and memories that are lost, against a small model.
// However it goes, no run is bought twice and no limit is passed; when the faults stop, everything that is due is there.
import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../src/core/ledger.ts';
import { openFileLedger } from '../../src/ledger/file-ledger.ts';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { createHandmadeWorld, type HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import { type Harness, kitA, kitB, startHarness } from '../support/sync-harness.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.parse('2026-03-20T08:00:00Z');

/** Hours: when a call starts after the beginning, when it shows up after its end, and its transcript after that. */
interface Plan {
  readonly starts: number;
  readonly late: number;
  readonly transcript: number;
  readonly kind: 'talk' | 'private' | 'silent' | 'short';
}

const plans = fc.array(
  fc.record<Plan>({
    starts: fc.integer({ min: -20 * 24, max: 6 * 24 }),
    late: fc.constantFrom(0, 0, 1, 20, 50, 140),
    transcript: fc.constantFrom(0, 0, 1, 5, 60),
    kind: fc.constantFrom('talk', 'talk', 'talk', 'talk', 'private', 'silent', 'short'),
  }),
  { minLength: 1, maxLength: 10 },
);

const greeting = { start: 0, end: 1000, text: 'Hello?' };

function toCall({ starts, late, transcript, kind }: Plan, index: number): HandmadeCall {
  const started = start + starts * hour;
  const visibleAt = started + hour / 2 + late * hour;
  return {
    id: `77823422740259378${String(index).padStart(2, '0')}`,
    started,
    visibleAt,
    transcriptAt: kind === 'silent' ? null : visibleAt + transcript * hour,
    ...(kind === 'silent' ? { language: 'zxx' } : {}),
    ...(kind === 'short' ? { transcript: [{ speakerId: null, topic: null, sentences: [greeting] }] } : {}),
    private: kind === 'private',
  };
}

const breakages = ['posts', 'polls', 'both', 'key', 'runs never end'] as const;

type Step =
  | { do: 'wait'; hours: number }
  | { do: 'sync'; stopAfter?: number; streams?: readonly string[] }
  | { do: 'limit'; runs: number }
  | { do: 'add kit' }
  | { do: 'break'; what: (typeof breakages)[number] }
  | { do: 'mend' }
  | { do: 'lose'; what: 'ledger' | 'destination' };

const step = <S extends Step>(weight: number, arbitrary: fc.Arbitrary<S>) => ({ weight, arbitrary });
const one = <const S extends Step>(value: S) => fc.constant(value);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    step(4, fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(1, 3, 13, 26, 80) })),
    step(5, one({ do: 'sync' })),
    step(3, fc.record({ do: fc.constant('sync' as const), stopAfter: fc.integer({ min: 1, max: 40 }) })),
    step(1, one({ do: 'sync', streams: ['calls'] })),
    step(1, one({ do: 'sync', streams: ['calls', 'transcripts'] })),
    step(1, one({ do: 'sync', streams: ['semarize_runs'] })),
    step(1, one({ do: 'sync', streams: ['calls', 'semarize_runs'] })),
    step(1, fc.record({ do: fc.constant('limit' as const), runs: fc.constantFrom(0, 1, 3, 100) })),
    step(1, one({ do: 'add kit' })),
    step(2, fc.record({ do: fc.constant('break' as const), what: fc.constantFrom(...breakages) })),
    step(2, one({ do: 'mend' })),
    step(1, one({ do: 'lose', what: 'ledger' })),
    step(1, one({ do: 'lose', what: 'destination' })),
  ),
  { minLength: 3, maxLength: 14 },
);

function breakService({ sandbox }: Harness, what: string, seed: number): void {
  const actions = [
    faultAnswers.status(500, 'run_request_failed', true),
    faultAnswers.html(502),
    faultAnswers.tooManyRequests({ retryAfter: '2' }),
    { kind: 'reset', processed: true } as const,
    { kind: 'reset' } as const,
  ];
  const post = 'POST /v1/runs';
  const poll = 'GET /v1/runs/{id}';
  const isMeant = (route: string) => (what === 'posts' ? route === post : what === 'polls' ? route === poll : true);
  if (what === 'runs never end') sandbox.settings.runEnds = 'never';
  else if (what === 'key')
    sandbox.faults.add({ on: post, times: Number.POSITIVE_INFINITY, do: faultAnswers.status(401, 'invalid_api_key') });
  else
    sandbox.faults.random({
      seed,
      rate: 0.5,
      on: ({ service, route }) => service === 'semarize' && isMeant(route),
      actions,
    });
}

function mend({ sandbox }: Harness): void {
  sandbox.faults.clear();
  sandbox.settings.runEnds = { afterPolls: 0 };
}

async function syncOnce(harness: Harness, { stopAfter, streams }: { stopAfter?: number; streams?: readonly string[] }) {
  const stop = new AbortController();
  let requests = 0;
  const counter = harness.sandbox.faults.add({
    on: () => {
      requests += 1;
      if (requests === stopAfter) stop.abort(new Error('SIGTERM'));
      return false;
    },
    do: { kind: 'reset' },
  });
  harness.sandbox.ledger.clearRequests();
  await harness.sync({ signal: stop.signal, ...(streams ? { streams } : {}) });
  counter.remove();
  const posts = harness.sandbox.ledger.postsPerKey();
  expect(posts.size, 'distinct keys POSTed').toBeLessThanOrEqual(Number(harness.config['max_runs_per_sync']));
  for (const times of posts.values()) expect(times, 'POSTs of one key').toBeLessThanOrEqual(5);
}

/** No two accepted runs of one call and kit, whatever happened. */
function expectBoughtOnce({ sandbox }: Harness): void {
  const bought = sandbox.ledger.runs.map(({ callId, kitCode }) => `${callId} ${kitCode}`);
  expect(new Set(bought).size, 'accepted runs per call and kit').toBe(bought.length);
}

/** What the ledger file says; a lost one says nothing. */
async function ledgerEntries(harness: Harness): Promise<LedgerEntry[]> {
  const ledger = await openFileLedger(placeOf(harness.to).ledgerPath, { readOnly: true });
  return [...ledger.entries()];
}

/** A ledger takes what is under way with it: it is lost only when nothing is. */
async function lose(harness: Harness, what: 'ledger' | 'destination'): Promise<void> {
  const isUnderWay = ({ status, result }: LedgerEntry) =>
    status !== 'skipped' && (status !== 'terminal' || result !== undefined);
  if (what === 'destination') await rm(harness.to, { force: true });
  else if (!(await ledgerEntries(harness)).some(isUnderWay)) await rm(placeOf(harness.to).ledgerPath, { force: true });
}

async function expectConverged(harness: Harness, calls: readonly HandmadeCall[], plan: readonly Plan[]): Promise<void> {
  const [state] = await harness.rows('select streams->>$$semarize_runs$$ as runs from _gong_elt.state');
  const { kits } = JSON.parse(String(state?.['runs'])) as {
    kits: Record<string, { from: string; owed?: Record<string, number> }>;
  };
  const rows = (await harness.rows('select call_id, kit_code from semarize_runs')).map(
    (row) => `${row['call_id']} ${row['kit_code']}`,
  );
  expect(new Set(rows).size, 'one row per run').toBe(rows.length);
  const due = Object.entries(kits).flatMap(([kit, { from }]) =>
    calls
      .filter((call, index) => plan[index]?.kind === 'talk' && Number(call.started) >= Date.parse(from))
      .map(({ id }) => `${id} ${kit}`),
  );
  // Sent without an answer and found too late: a person decides. There may be a run.
  const frozen = (await ledgerEntries(harness))
    .filter(({ status }) => status === 'frozen')
    .map(({ callId, kit }) => `${callId} ${kit}`);
  expect([...rows, ...frozen], 'what is due is there').toEqual(expect.arrayContaining(due));
  const accepted = harness.sandbox.ledger.runs.map(({ callId, kitCode }) => `${callId} ${kitCode}`);
  expect([...rows, ...frozen], 'every accepted run is a row').toEqual(expect.arrayContaining(accepted));
  const silent = calls.filter((_, index) => plan[index]?.kind === 'silent').map(({ id }) => id);
  expect(
    Object.values(kits).flatMap(({ owed = {} }) => Object.keys(owed).filter((id) => !silent.includes(id))),
    'nothing is owed any more',
  ).toEqual([]);
  const asked = harness.sandbox.ledger.runs.map(({ callId }) => calls.findIndex(({ id }) => id === callId));
  for (const index of asked) expect(plan[index]?.kind).toBe('talk');
}

const numRuns = Number(process.env['GONG_ELT_MODEL_RUNS'] ?? 12);

test(`I1 I5 I6 I8 ${numRuns} random histories of syncs`, async () => {
  await fc.assert(
    fc.asyncProperty(plans, steps, fc.integer(), async (plan, history, seed) => {
      const calls = plan.map(toCall);
      const harness = await startHarness({
        world: createHandmadeWorld(calls),
        now: start,
        settings: { runEnds: { afterPolls: 0 }, gongRequestsPerSecond: Number.POSITIVE_INFINITY, pageSize: 3 },
        config: {
          start_date: '2026-02-01',
          max_runs_per_sync: 3,
          min_transcript_chars: 200,
          semarize_concurrency: 2,
          gong_requests_per_second: 1000,
        },
      });
      try {
        for (const step of history) {
          if (step.do === 'wait') harness.clock.advance(step.hours * hour);
          else if (step.do === 'sync') await syncOnce(harness, step);
          else if (step.do === 'limit') harness.config['max_runs_per_sync'] = step.runs;
          else if (step.do === 'add kit') harness.config['kits'] = [{ code: kitA }, { code: kitB }];
          else if (step.do === 'break') breakService(harness, step.what, seed);
          else if (step.do === 'mend') mend(harness);
          else await lose(harness, step.what);
          expectBoughtOnce(harness);
        }
        mend(harness);
        harness.config['max_runs_per_sync'] = 100;
        // Everything has happened by then, and every look-back was made once more.
        harness.clock.set(Math.max(harness.clock.now(), start + 16 * day));
        for (let again = 0; again < 3; again++) {
          await harness.syncWell();
          harness.clock.advance(25 * hour);
        }
        expectBoughtOnce(harness);
        await expectConverged(harness, calls, plan);
      } finally {
        await harness.close();
      }
    }),
    // A history takes a second or two: to make a failing one smaller takes many.
    {
      numRuns,
      endOnFailure: process.env['GONG_ELT_MODEL_SHRINK'] === undefined,
      ...(process.env['GONG_ELT_MODEL_SEED'] ? { seed: Number(process.env['GONG_ELT_MODEL_SEED']) } : {}),
    },
  );
}, 600_000);
