// Group S: whatever Semarize answers, or does not, an evaluation is bought once. The oracle is what the sandbox accepted.
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { FaultAction } from '../../src/sandbox/faults.ts';
import { expectOnce, failureOf, harnessOf, hour, poll, post, rowsOf, someCalls } from '../support/semarize-faults.ts';
import { kitA } from '../support/sync-harness.ts';

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
      expect((await harness.syncWell()).runs).toMatchObject({ bought: 1, refused: 1 });
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
