// Group S: whatever happens between us and Semarize, an evaluation is bought once. The oracle is what the sandbox accepted.
import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { placeOf } from '../../src/cli/places.ts';
import { ConnectorError } from '../../src/core/errors.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { FaultAction } from '../../src/sandbox/faults.ts';
import { createHandmadeWorld, type HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import { type Harness, type HarnessOptions, kitA, kitB, startHarness } from '../support/sync-harness.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.parse('2026-03-20T08:00:00Z');
const post = 'POST /v1/runs';
const poll = 'GET /v1/runs/{id}';

const idOf = (n: number) => `77823422740259378${String(n).padStart(2, '0')}`;
/** `n` calls, one a day, the oldest first. */
const someCalls = (n: number, given: (index: number) => Partial<HandmadeCall> = () => ({})): HandmadeCall[] =>
  Array.from({ length: n }, (_, index) => ({ id: idOf(index), started: start - (n - index) * day, ...given(index) }));

function harnessOf(calls: HandmadeCall[], options: Partial<HarnessOptions> = {}): Promise<Harness> {
  return startHarness({ world: createHandmadeWorld(calls), now: start, ...options });
}

const rowsOf = (harness: Harness) => harness.rows('select call_id, kit_code, status from semarize_runs order by all');

async function expectOnce(harness: Harness, calls: number, kits = 1): Promise<void> {
  expect(harness.sandbox.ledger.distinctRuns).toBe(calls * kits);
  expect(await rowsOf(harness)).toHaveLength(calls * kits);
}

async function failureOf(harness: Harness): Promise<ConnectorError> {
  const { failure } = await harness.sync();
  if (!(failure instanceof ConnectorError)) throw new Error(`no ConnectorError but ${String(failure)}`);
  return failure;
}

describe('an answer that never comes', () => {
  test.each<[string, FaultAction]>([
    ['S2 a reset after the run was stored', { kind: 'reset', processed: true }],
    ['S2 a reset before it was read', { kind: 'reset' }],
    ['S1 a 504 after the run was stored', faultAnswers.html(504, true)],
    ['S1 an empty 502 after the run was stored', faultAnswers.emptyBody(502, true)],
    ['S1 half an answer', { kind: 'truncate', form: 'length' }],
  ])('%s: the same bytes under the same key, one run', async (_, action) => {
    const harness = await harnessOf(someCalls(3));
    const fault = harness.sandbox.faults.add({ on: post, times: 2, do: action });
    await harness.syncWell();
    expect(fault.played).toBe(2);
    await expectOnce(harness, 3);
    expect([...harness.sandbox.ledger.postsPerKey().values()].sort()).not.toEqual([1, 1, 1]);
  });

  test('S1 an answer that is lost in every try of a sync: the next sync finds the original run', async () => {
    const harness = await harnessOf(someCalls(1));
    harness.sandbox.faults.add({ on: post, times: 5, do: { kind: 'reset', processed: true } });
    const { report } = await harness.sync();
    expect(report?.runs.open).toBe(1);
    await harness.syncWell();
    await expectOnce(harness, 1);
    expect(Math.max(...harness.sandbox.ledger.postsPerKey().values())).toBeLessThanOrEqual(10);
  });

  test('S9 an unanswered item that is too old is sent only when the list proves that it has no run; else it is frozen', async () => {
    const stored = await harnessOf(someCalls(1));
    stored.sandbox.faults.add({ on: post, times: 5, do: { kind: 'reset', processed: true } });
    await stored.sync();
    stored.clock.advance(13 * hour);
    stored.sandbox.settings.idempotencyMemoryMs = 1000;
    const report = await stored.syncWell();
    expect(report.runs.frozen).toBe(1);
    expect(stored.sandbox.ledger.distinctRuns).toBe(1);

    const never = await harnessOf(someCalls(1));
    never.sandbox.faults.add({ on: post, times: 5, do: { kind: 'reset' } });
    await never.sync();
    never.clock.advance(13 * hour);
    await never.syncWell();
    await expectOnce(never, 1);
  });
});

describe('answers that are not good news', () => {
  test('S10 a 409 freezes the item: no fresh key, exit 0, counted by every sync', async () => {
    const harness = await harnessOf(someCalls(2));
    harness.sandbox.faults.add({ on: post, do: faultAnswers.status(409, 'idempotency_key_conflict') });
    expect((await harness.syncWell()).runs.frozen).toBe(1);
    const posts = harness.sandbox.ledger.posts;
    expect((await harness.syncWell()).runs.frozen).toBe(1);
    expect(harness.sandbox.ledger.posts).toBe(posts);
    expect(harness.sandbox.ledger.distinctRuns).toBe(1);
  });

  test('S28 G28 a transcript that Semarize does not take is recorded for that call and not sent again', async () => {
    for (const status of [400, 413, 422]) {
      const harness = await harnessOf(someCalls(2));
      harness.sandbox.faults.add({ on: post, do: faultAnswers.status(status, 'input_too_large') });
      expect((await harness.syncWell()).runs.skipped).toBe(1);
      const posts = harness.sandbox.ledger.posts;
      await harness.syncWell();
      expect(harness.sandbox.ledger.posts).toBe(posts);
      expect(harness.sandbox.ledger.distinctRuns).toBe(1);
    }
  });

  test.each([401, 402, 403])(
    'S18 %i stops creation with exit area credentials; once healed, everything is bought once',
    async (status) => {
      const harness = await harnessOf(someCalls(12), { config: { semarize_concurrency: 2 } });
      harness.sandbox.faults.add({
        on: post,
        after: 3,
        times: Number.POSITIVE_INFINITY,
        do: faultAnswers.status(status, 'no'),
      });
      expect((await failureOf(harness)).area).toBe('credentials');
      expect(harness.sandbox.ledger.of(post).filter((request) => request.status === status).length).toBeLessThanOrEqual(
        2,
      );
      expect((await rowsOf(harness)).length).toBe(3);
      harness.sandbox.faults.clear();
      await harness.syncWell();
      await expectOnce(harness, 12);
    },
  );

  test('an unknown kit is named, costs nothing, and the others of a later sync are bought once it is corrected', async () => {
    const harness = await harnessOf(someCalls(2), { config: { kits: [{ code: 'ZZZZZZZZ' }] } });
    const failure = await failureOf(harness);
    expect(failure.area).toBe('config');
    expect(failure.message).toContain('ZZZZZZZZ');
    expect(harness.sandbox.ledger.distinctRuns).toBe(0);
    harness.config['kits'] = [{ code: kitA, from: '2026-01-01' }];
    await harness.syncWell();
    await expectOnce(harness, 2);
  });

  test('S14 a storm of 500 stops creation; the next sync resumes, and no run is bought twice', async () => {
    const harness = await harnessOf(someCalls(12), { config: { semarize_concurrency: 4 } });
    harness.sandbox.faults.add({
      on: post,
      times: Number.POSITIVE_INFINITY,
      do: faultAnswers.status(500, 'run_request_failed', true),
    });
    const { failure } = await harness.sync();
    expect(failure).toBeInstanceOf(ConnectorError);
    harness.sandbox.faults.clear();
    await harness.syncWell();
    await expectOnce(harness, 12);
    for (const posts of harness.sandbox.ledger.postsPerKey().values()) expect(posts).toBeLessThanOrEqual(6);
  });

  test('S13 a 429 waits the larger of header and body', async () => {
    const harness = await harnessOf(someCalls(1));
    harness.sandbox.faults.add({ on: post, do: faultAnswers.tooManyRequests({ retryAfter: '3', bodySeconds: 20 }) });
    await harness.syncWell();
    const [first, second] = harness.sandbox.ledger.of(post);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(20_000);
    await expectOnce(harness, 1);
  });
});

describe('runs that end otherwise', () => {
  test('S16 failed and cancelled runs are rows, and are not bought again', async () => {
    const harness = await harnessOf(
      someCalls(3, (index) => ({ runs: { [kitA]: (['failed', 'cancelled', 70] as const)[index] ?? 70 } })),
    );
    await harness.syncWell();
    expect((await rowsOf(harness)).map((row) => row['status'])).toEqual(['failed', 'cancelled', 'succeeded']);
    expect(
      (await harness.rows(`select error_code from semarize_runs where status = 'failed'`))[0]?.['error_code'],
    ).toBeTruthy();
    await harness.syncWell();
    await expectOnce(harness, 3);
  });

  test('S15 a run that does not end is left open, resumed by polling alone, and collected when it ends', async () => {
    const harness = await harnessOf(someCalls(2), { settings: { runEnds: 'never' } });
    const report = await harness.syncWell();
    expect(report.runs.open).toBe(2);
    expect(harness.sandbox.ledger.smallestPollGapMs).toBeGreaterThanOrEqual(1000);
    const posts = harness.sandbox.ledger.posts;
    harness.sandbox.settings.runEnds = { afterPolls: 0 };
    await harness.syncWell();
    expect(harness.sandbox.ledger.posts).toBe(posts);
    await expectOnce(harness, 2);
  });

  test('S17 a run that Semarize no longer knows is lost, never sent again', async () => {
    const harness = await harnessOf(someCalls(1));
    harness.sandbox.faults.add({
      on: poll,
      times: Number.POSITIVE_INFINITY,
      do: faultAnswers.status(404, 'run_not_found'),
    });
    expect((await harness.syncWell()).runs.lost).toBe(1);
    harness.sandbox.faults.clear();
    expect((await harness.syncWell()).runs.lost).toBe(1);
    expect(harness.sandbox.ledger.posts).toBe(1);
  });

  test('a poll that fails never leads to a POST', async () => {
    const harness = await harnessOf(someCalls(2));
    harness.sandbox.faults.add({ on: poll, times: Number.POSITIVE_INFINITY, do: faultAnswers.status(500, 'x') });
    await harness.sync();
    expect(harness.sandbox.ledger.posts).toBe(2);
    harness.sandbox.faults.clear();
    await harness.syncWell();
    expect(harness.sandbox.ledger.posts).toBe(2);
    await expectOnce(harness, 2);
  });
});

describe('limits', () => {
  test('S19 exactly N distinct keys a sync, oldest first, until nothing waits; no call is forgotten', async () => {
    const harness = await harnessOf(someCalls(11), { config: { max_runs_per_sync: 4 } });
    for (const [bought, waiting] of [
      [4, 7],
      [4, 3],
      [3, 0],
      [0, 0],
    ]) {
      const before = harness.sandbox.ledger.distinctRuns;
      const report = await harness.syncWell();
      expect(harness.sandbox.ledger.distinctRuns - before).toBe(bought);
      expect(report.runs.waiting).toBe(waiting);
    }
    expect(harness.sandbox.ledger.runs.map(({ callId }) => callId)).toEqual(someCalls(11).map(({ id }) => id));
    await expectOnce(harness, 11);
  });

  test('S19 a limit of nothing for a while loses nothing, late calls and late transcripts included', async () => {
    const calls = someCalls(6, (index) =>
      index === 2 ? { visibleAt: start + 5 * hour } : index === 4 ? { transcriptAt: start + 2 * day } : {},
    );
    const harness = await harnessOf(calls, { config: { max_runs_per_sync: 0 } });
    for (const hours of [0, 6, 30, 60]) {
      harness.clock.set(Math.max(harness.clock.now(), start + hours * hour));
      await harness.syncWell();
    }
    expect(harness.sandbox.ledger.distinctRuns).toBe(0);
    harness.config['max_runs_per_sync'] = 4;
    await harness.syncWell();
    await harness.syncWell();
    await expectOnce(harness, 6);
  });

  test('S21 a kit that is added later is bought from then on; history only when it is asked for', async () => {
    const harness = await harnessOf(someCalls(3).concat([{ id: idOf(9), started: start + hour }]));
    await harness.syncWell();
    harness.config['kits'] = [{ code: kitA }, { code: kitB }];
    harness.clock.set(start + 10 * 60_000);
    await harness.syncWell();
    harness.clock.set(start + 8 * hour);
    await harness.syncWell();
    expect(harness.sandbox.ledger.runs.filter(({ kitCode }) => kitCode === kitB).map(({ callId }) => callId)).toEqual([
      idOf(9),
    ]);
    await harness.syncWell({
      kits: [{ code: kitB, min_duration_seconds: 0, input: 'text' }],
      range: { from: start - 10 * day },
    });
    await expectOnce(harness, 4, 2);
  });

  test('S28 a transcript under min_transcript_chars is not billed, a call under a kit’s shortest is not either', async () => {
    const calls = [
      { id: idOf(1), started: start - day, transcriptBytes: 120 },
      { id: idOf(2), started: start - 2 * day, durationS: 60 },
      { id: idOf(3), started: start - 3 * day },
    ];
    const harness = await harnessOf(calls, {
      config: { kits: [{ code: kitA, min_duration_seconds: 300 }], min_transcript_chars: 400 },
    });
    await harness.syncWell();
    expect(harness.sandbox.ledger.runs.map(({ callId }) => callId)).toEqual([idOf(3)]);
  });

  test('S20 a kit that means a newer version is reported, and history is not billed again', async () => {
    const harness = await harnessOf(someCalls(2).concat([{ id: idOf(8), started: start + hour }]));
    await harness.syncWell();
    harness.sandbox.settings.currentVersions = { [kitA]: '0d4f2a9e-7b31-4c58-9e60-2f8a1c5d7b11' };
    const versions = await harness.rows('select distinct kit_version_id from semarize_runs');
    const known =
      (await import('../../src/sandbox/semarize/kits.ts')).kits.find(({ code }) => code === kitA)?.versions ?? [];
    const other = known.map(({ id }) => id).find((id) => id !== versions[0]?.['kit_version_id']);
    harness.sandbox.settings.currentVersions = { [kitA]: other ?? '' };
    harness.clock.set(start + 8 * hour);
    await harness.syncWell();
    expect(harness.logged.map(({ message }) => message).join()).toContain('now answers with version');
    await expectOnce(harness, 3);
  });
});

describe('memory that is lost', () => {
  const ledgerOf = (harness: Harness) => placeOf(harness.to).ledgerPath;

  test('S8 the ledger is lost, the destination is there: nothing is bought again', async () => {
    const harness = await harnessOf(someCalls(3));
    await harness.syncWell();
    await rm(ledgerOf(harness));
    await harness.syncWell();
    await harness.syncWell({
      range: { from: start - 30 * day },
      kits: [{ code: kitA, min_duration_seconds: 0, input: 'text' }],
    });
    await expectOnce(harness, 3);
  });

  test('S7 the destination is lost, the ledger is there: nothing is bought again', async () => {
    const harness = await harnessOf(someCalls(3));
    await harness.syncWell();
    await rm(harness.to);
    await harness.syncWell();
    expect(harness.sandbox.ledger.distinctRuns).toBe(3);
  });

  test('S7 both are lost: a loud warning, and the limit bounds the damage (the keys are the same, so is the bill)', async () => {
    const harness = await harnessOf(someCalls(5), {
      config: { max_runs_per_sync: 2 },
      settings: { idempotencyMemoryMs: 1000 },
    });
    await harness.syncWell();
    await harness.syncWell();
    await rm(harness.to);
    await rm(ledgerOf(harness));
    const before = harness.sandbox.ledger.distinctRuns;
    harness.logged.length = 0;
    harness.clock.advance(hour);
    await harness.syncWell();
    expect(harness.sandbox.ledger.distinctRuns - before).toBe(2);
    expect(
      harness.logged
        .filter(({ level }) => level === 'warn')
        .map(({ message }) => message)
        .join(),
    ).toContain('No state');
  });

  test('S23 a test key on the data of a live one is refused before anything is asked', async () => {
    const harness = await harnessOf(someCalls(1));
    await harness.syncWell();
    const asked = harness.sandbox.ledger.requests.length;
    harness.config['semarize_api_key'] = harness.sandbox.semarizeKeys.test;
    await expect(harness.sync()).rejects.toThrow(/live or test/);
    expect(harness.sandbox.ledger.requests.length).toBe(asked);
  });
});
