import { mkdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { FaultAction } from '../../src/sandbox/faults.ts';
import { itemOf, itemsOf, listRuns, openScene, pollRun, postRuns, type Scene } from './open-evaluator.ts';

const always = Number.POSITIVE_INFINITY;
/** Of the kit, older first. */
const versions = ['3c1f8a52-6f0e-4b7a-9d51-2a6f4f0c9e11', '9a7d2b64-1c35-4e0f-8b92-7f1d5e3a6c22'];

/** Every accepted run is the only one of its key. */
function expectOnce({ sandbox }: Scene, runs: number): void {
  expect(sandbox.ledger.distinctRuns).toBe(runs);
  expect(new Set(sandbox.ledger.runs.map(({ key }) => key)).size).toBe(runs);
}

/** Milliseconds of the sandbox's clock between the requests of a route. */
function gapsOf({ sandbox }: Scene, route: string): number[] {
  const times = sandbox.ledger.of(route).map(({ atMs }) => atMs);
  return times.slice(1).map((time, n) => time - (times[n] ?? 0));
}

describe('one call', () => {
  test('S1 an answer after the deadline: the same bytes under the same key, and the run that was made', async () => {
    const scene = await openScene({}, 150);
    scene.sandbox.faults.add({ on: postRuns, do: { kind: 'silence', processed: true } });
    const sync = await scene.startSync();
    const { ended } = await sync.run([itemOf(1)]);
    expect(scene.sandbox.ledger.of(postRuns).map(({ key, bodyBytes }) => [key, bodyBytes])).toEqual([
      [ended[0]?.key, expect.any(Number)],
      [ended[0]?.key, scene.sandbox.ledger.of(postRuns)[0]?.bodyBytes],
    ]);
    expectOnce(scene, 1);
    await sync.end();
  });

  test('G8 that comes twice at the same time, the second time with another text, is sent once', async () => {
    const scene = await openScene();
    const sync = await scene.startSync();
    const other = itemOf(1, { text: 'Ada (rep): the same call, with a word more in it.' });
    const { decisions } = await sync.run([itemOf(1), itemOf(1), other]);
    expect(decisions).toEqual(['sent', 'known', 'known']);
    expect(sync.submit(other)).toBe('known');
    expectOnce(scene, 1);
    expect(scene.sandbox.ledger.posts).toBe(1);
    await sync.end();
  });

  test('for two pinned versions of its kit is bought for each of them', async () => {
    const scene = await openScene();
    const sync = await scene.startSync();
    const [older, newer] = versions.map((version) => itemOf(1, { version }));
    const { decisions, ended } = await sync.run([older, newer, older, newer].filter((item) => item !== undefined));
    expect(decisions).toEqual(['sent', 'sent', 'known', 'known']);
    expect(ended.map(({ version }) => version).sort()).toEqual(versions);
    expectOnce(scene, 2);
    await sync.end();
  });

  test('S8 is written down before it is sent: without a ledger nothing is', async () => {
    const scene = await openScene();
    const sync = await scene.startSync();
    // In its place from now on: the file was not opened yet.
    await mkdir(scene.ledgerPath);
    const { decisions } = await sync.run(itemsOf(3));
    expect(decisions).toEqual(['stopped', 'stopped', 'stopped']);
    expect(sync.evaluator.failure()?.area).toBe('destination');
    expect(scene.sandbox.ledger.posts).toBe(0);
    await sync.evaluator.stop();
  });
});

describe('S12 the run object decides, not the status', () => {
  const change = (body: JsonObject): FaultAction => ({ kind: 'change', change: (right) => ({ ...right, ...body }) });
  const answer = (status: number, json: JsonObject): FaultAction => ({ kind: 'answer', answer: { status, json } });
  const output = { kit_code: 'A1B2C3D4', bricks: { pain: { value: 1 } } };

  test.each<[string, FaultAction, number]>([
    ['202 with a run that has ended', change({ status: 'succeeded', output }), 0],
    ['200 with a run that is queued', answer(200, { run_id: 'run_1', status: 'queued' }), 1],
    ['201 with a status that nobody knows', answer(201, { run_id: 'run_1', status: 'warming_up' }), 1],
  ])('%s', async (_, action, polls) => {
    const scene = await openScene();
    scene.sandbox.faults.add({ on: postRuns, do: action });
    scene.sandbox.faults.add({
      on: pollRun,
      do: { kind: 'answer', answer: { status: 200, json: { run_id: 'run_1', status: 'succeeded', output } } },
    });
    const sync = await scene.startSync();
    const { ended } = await sync.run([itemOf(1)]);
    expect(ended.map(({ result }) => result['output'])).toEqual([output]);
    expect(scene.sandbox.ledger.polls()).toBe(polls);
    await sync.end();
  });

  test('a 202 without a run id leaves the item open; the next sync gets the run under the same key', async () => {
    const scene = await openScene();
    scene.sandbox.faults.add({
      on: postRuns,
      do: { ...answer(202, { status: 'queued' }), processed: true } as FaultAction,
    });
    const first = await scene.startSync();
    expect((await first.run([itemOf(1)])).ended).toEqual([]);
    expect(await first.end()).toMatchObject([{ status: 'intent' }]);
    const second = await scene.startSync();
    expect((await second.run()).ended).toHaveLength(1);
    expectOnce(scene, 1);
    await second.end();
  });
});

describe('S13 waiting when asked to', () => {
  test.each<[string, Parameters<typeof faultAnswers.tooManyRequests>[0], number]>([
    ['the header alone', { retryAfter: '30' }, 30_000],
    ['the body alone', { bodySeconds: 40 }, 40_000],
    ['the larger of the two: the body', { retryAfter: '5', bodySeconds: 50 }, 50_000],
    ['the larger of the two: the header', { retryAfter: '60', bodySeconds: 5 }, 60_000],
    ['a date', { retryAfter: 'Mon, 02 Mar 2026 08:01:10 GMT' }, 69_000],
    ['neither: our own delay', {}, 1],
  ])('%s', async (_, options, atLeast) => {
    const scene = await openScene();
    scene.sandbox.faults.add({ on: postRuns, do: faultAnswers.tooManyRequests(options) });
    const sync = await scene.startSync();
    await sync.run([itemOf(1)]);
    expect(gapsOf(scene, postRuns)[0]).toBeGreaterThanOrEqual(atLeast);
    expectOnce(scene, 1);
    await sync.end();
  });

  test('a wait that is longer than a sync waits frees the item: certainly nothing was bought', async () => {
    const scene = await openScene();
    scene.sandbox.faults.add({
      on: postRuns,
      times: always,
      do: faultAnswers.tooManyRequests({ retryAfter: '86400' }),
    });
    const first = await scene.startSync({ concurrency: 2 });
    const { decisions } = await first.run(itemsOf(4));
    expect(decisions).toContain('stopped');
    expect(first.evaluator.failure()?.area).toBe('quota');
    expect(first.returned).toHaveLength(4);
    for (const { status } of await first.end()) expect(status).toBe('skipped');
    scene.sandbox.faults.clear();
    // A day later its key would be too old to be sent again.
    scene.clock.advance(86_400_000);
    const second = await scene.startSync();
    expect((await second.run(itemsOf(4))).decisions).toEqual(['sent', 'sent', 'sent', 'sent']);
    expectOnce(scene, 4);
    await second.end();
  });
});

describe('a refusal that concerns all', () => {
  test.each<[string, FaultAction[]]>([
    ['after a try that may have been taken', []],
    ['after such a try and a 429, which says nothing of it,', [faultAnswers.tooManyRequests({ retryAfter: '1' })]],
  ])('S18 at once: the item is free again; %s it stays what it is', async (_, between) => {
    const scene = await openScene();
    scene.sandbox.faults.add({ on: postRuns, do: { kind: 'reset', processed: true } });
    for (const action of between) scene.sandbox.faults.add({ on: postRuns, do: action });
    scene.sandbox.faults.add({ on: postRuns, times: always, do: faultAnswers.status(401, 'invalid_api_key') });
    const first = await scene.startSync();
    await first.run([itemOf(1)]);
    expect(first.evaluator.failure()?.area).toBe('credentials');
    expect(first.returned).toEqual([]);
    expect(await first.end()).toMatchObject([{ status: 'intent' }]);

    const second = await scene.startSync();
    await second.run();
    expect(second.evaluator.failure()?.area).toBe('credentials');
    expect(await second.end()).toMatchObject([{ status: 'intent' }]);

    scene.sandbox.faults.clear();
    const third = await scene.startSync();
    // The text has changed meanwhile: the item is still the one that was sent.
    const { decisions, ended } = await third.run([itemOf(1, { text: 'Ada (rep): something else altogether.' })]);
    expect(decisions).toEqual(['known']);
    expect(ended).toHaveLength(1);
    expectOnce(scene, 1);
    await third.end();
  });

  test('what an earlier sync may have sent to a kit that is gone is frozen, and the others do not wait for it', async () => {
    const scene = await openScene();
    scene.sandbox.faults.add({ on: postRuns, times: 5, do: { kind: 'reset' } });
    const first = await scene.startSync();
    await first.run([itemOf(1, { kit: 'ZZZZZZZZ' })]);
    await first.end();
    const second = await scene.startSync();
    expect((await second.run([itemOf(2)])).ended).toHaveLength(1);
    expect(second.evaluator.failure()).toBeUndefined();
    expect((await second.end()).map(({ kit, status }) => [kit, status])).toEqual([
      ['ZZZZZZZZ', 'frozen'],
      ['A1B2C3D4', 'terminal'],
    ]);
  });

  test('an intent that was written when creation ended is taken back, not left to be sent for nothing', async () => {
    const scene = await openScene();
    scene.sandbox.faults.add({ on: postRuns, times: always, do: faultAnswers.status(404, 'kit_not_found') });
    const first = await scene.startSync();
    await first.run(itemsOf(6));
    const written = await first.end();
    expect(written.map(({ status }) => status)).toEqual(written.map(() => 'skipped'));
    expect(first.returned.map(({ callId }) => callId).sort()).toEqual(written.map(({ callId }) => callId).sort());
    expect(first.evaluator.counts().open).toBe(0);
  });
});

describe('S14 a service that fails', () => {
  test('the breaker ends creation after a row of failures, asks with a GET first, and polling goes on', async () => {
    const scene = await openScene({ runEnds: { afterMs: 3_600_000 } });
    const first = await scene.startSync();
    await first.run([itemOf(99)]);
    await first.end();
    scene.sandbox.ledger.clearRequests();
    scene.clock.advance(3_590_000);

    scene.sandbox.faults.add({ on: postRuns, times: always, do: faultAnswers.status(500, 'run_request_failed') });
    const second = await scene.startSync({ concurrency: 3 });
    const { decisions, ended } = await second.run(itemsOf(40));
    expect(second.evaluator.failure()?.area).toBe('service');
    expect(decisions.filter((decision) => decision === 'sent').length).toBeLessThanOrEqual(9);
    expect(scene.sandbox.ledger.count(listRuns)).toBe(1);
    for (const posts of scene.sandbox.ledger.postsPerKey().values()) expect(posts).toBeLessThanOrEqual(5);
    expect(ended.map(({ callId }) => callId)).toEqual([itemOf(99).callId]);
    await second.end();
  });

  test.each([
    [8, 3],
    [3, 3],
    [2, 2],
    [1, 1],
  ])('with %i at a time the service is asked after a row of %i', async (concurrency, row) => {
    const scene = await openScene();
    scene.sandbox.faults.add({ on: postRuns, times: always, do: faultAnswers.status(500, 'run_request_failed') });
    const sync = await scene.startSync({ concurrency });
    for (let n = 1; n <= 2 * row; n++) {
      expect([scene.sandbox.ledger.count(listRuns), sync.evaluator.failure()]).toEqual([n > row ? 1 : 0, undefined]);
      await sync.run([itemOf(n)]);
    }
    expect([scene.sandbox.ledger.count(listRuns), sync.evaluator.failure()?.area]).toEqual([1, 'service']);
    await sync.end();
  });

  test('runs that cannot be looked at, of this sync or of earlier ones, say nothing against buying', async () => {
    const scene = await openScene({ runEnds: { afterPolls: 1 } });
    scene.sandbox.faults.add({ on: pollRun, times: always, do: faultAnswers.status(500, 'run_lookup_failed') });
    const first = await scene.startSync();
    expect((await first.run(itemsOf(8))).ended).toEqual([]);
    expect((await first.run([itemOf(20)])).decisions).toEqual(['sent']);
    await first.end();
    const second = await scene.startSync();
    expect((await second.run()).ended).toEqual([]);
    expect((await second.run([itemOf(30)])).decisions).toEqual(['sent']);
    for (const { evaluator } of [first, second]) expect(evaluator.failure()).toBeUndefined();
    expect(scene.sandbox.ledger.count(listRuns)).toBe(0);
    expectOnce(scene, 10);
    await second.end();
  });

  test('single failures among good answers do not end creation', async () => {
    const scene = await openScene();
    scene.sandbox.faults.random({
      seed: 5,
      rate: 0.3,
      on: postRuns,
      actions: [faultAnswers.html(502, true), { kind: 'reset', processed: true }, faultAnswers.status(500, 'x')],
    });
    const sync = await scene.startSync({ concurrency: 4 });
    const { decisions, ended } = await sync.run(itemsOf(30));
    expect(decisions.every((decision) => decision === 'sent')).toBe(true);
    expect(sync.evaluator.failure()).toBeUndefined();
    expectOnce(scene, ended.length + sync.evaluator.counts().open);
    await sync.end();
  });
});

describe('stopping', () => {
  test('S25 ten POSTs in flight are awaited and written down, and no other is sent', async () => {
    const scene = await openScene();
    const stop = new AbortController();
    let arrived = 0;
    const allArrived = new Promise<void>((resolve) => {
      scene.sandbox.faults.add({
        on: ({ route }) => {
          if (route === postRuns && ++arrived === 10) resolve();
          return route === postRuns;
        },
        times: always,
        do: { kind: 'delay', ms: 150 },
      });
    });
    const sync = await scene.startSync({ concurrency: 10, signal: stop.signal });
    for (const item of itemsOf(25)) sync.submit(item);
    await allArrived;
    stop.abort(new Error('SIGTERM'));
    const written = await sync.end();
    expect(scene.sandbox.ledger.posts).toBe(10);
    expect(sync.returned).toHaveLength(15);
    expect(written).toHaveLength(10);
    for (const { status, runId } of written) {
      expect(status).toBe('accepted');
      expect(scene.sandbox.ledger.runs.map(({ id }) => id)).toContain(runId);
    }
  });

  test('S25 a POST that failed is not tried again once the wish to stop is there', async () => {
    const scene = await openScene();
    const stop = new AbortController();
    scene.sandbox.faults.add({
      on: (request) => {
        if (request.route === postRuns) stop.abort(new Error('SIGTERM'));
        return request.route === postRuns;
      },
      times: always,
      do: { kind: 'reset', processed: true },
    });
    const sync = await scene.startSync({ signal: stop.signal });
    await sync.run([itemOf(1)]);
    expect(await sync.end()).toMatchObject([{ status: 'intent' }]);
    expect(scene.sandbox.ledger.posts).toBe(1);
  });

  test('X2 a lock that is lost between two chunks: the second one is not sent, and nothing of it is written', async () => {
    const scene = await openScene();
    let asked = 0;
    const sync = await scene.startSync({
      concurrency: 1,
      async beforePosts() {
        asked += 1;
        if (asked === 3) throw new ConnectorError('lost', { area: 'busy' });
      },
    });
    const { decisions } = await sync.run(itemsOf(5));
    expect(decisions).toEqual(['sent', 'sent', 'stopped', 'stopped', 'stopped']);
    expect(sync.evaluator.failure()?.area).toBe('busy');
    expect(await sync.end()).toHaveLength(2);
    expectOnce(scene, 2);
  });
});

describe('S15 looking at a run', () => {
  test('a wait of years that the server asks for leaves it to the next sync at once', async () => {
    const scene = await openScene({ runRetryAfterSeconds: 100_000_000 });
    const sync = await scene.startSync();
    const before = scene.clock.now();
    await sync.run([itemOf(1)]);
    expect(scene.clock.now() - before).toBeLessThan(600_000);
    expect(await sync.end()).toMatchObject([{ status: 'accepted' }]);
  });

  test('ten minutes in the sync that bought it, a minute in later ones, with growing gaps', async () => {
    const scene = await openScene({ runEnds: 'never', runRetryAfterSeconds: null });
    const spans: number[] = [];
    let gaps: number[] = [];
    for (let n = 0; n < 2; n++) {
      const sync = await scene.startSync();
      const before = scene.clock.now();
      await sync.run([itemOf(1)]);
      spans.push(scene.clock.now() - before);
      if (n === 0) gaps = gapsOf(scene, pollRun);
      await sync.end();
      scene.clock.advance(3_600_000);
    }
    expect(spans[0]).toBeGreaterThan(500_000);
    expect(spans[0]).toBeLessThanOrEqual(600_000);
    expect(spans[1]).toBeGreaterThan(30_000);
    expect(spans[1]).toBeLessThanOrEqual(61_000);
    expect(scene.sandbox.ledger.smallestPollGapMs).toBeGreaterThanOrEqual(1000);
    expect(gaps.length).toBeLessThan(50);
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b));
    expect(gaps.at(-1)).toBe(15_000);
    expect(scene.sandbox.ledger.posts).toBe(1);
  });

  test('runs of an earlier sync that never end do not keep new ones from being bought', async () => {
    const scene = await openScene({ runEnds: 'never' });
    const first = await scene.startSync();
    await first.run(itemsOf(8));
    await first.end();
    const second = await scene.startSync({ concurrency: 1 });
    const before = scene.clock.now();
    expect(second.submit(itemOf(50))).toBe('sent');
    expect(scene.clock.now() - before).toBeLessThan(60_000);
    await second.end();
  });

  test('hundreds that an earlier sync left are all collected', async () => {
    // Told to come back later than it may wait, the first sync leaves them without a look.
    const scene = await openScene({ runRetryAfterSeconds: 3600 }, 30_000);
    const first = await scene.startSync({ maxRuns: 300, concurrency: 300 });
    await first.run(Array.from({ length: 300 }, (_, n) => itemOf(n, { callId: `c${n}` })));
    expect((await first.end()).filter(({ status }) => status === 'accepted')).toHaveLength(300);
    expect(scene.sandbox.ledger.polls()).toBe(0);
    const second = await scene.startSync();
    expect(new Set((await second.run()).ended.map(({ callId }) => callId)).size).toBe(300);
    expectOnce(scene, 300);
    await second.end();
  });

  test('N14 another run’s answer is not taken for this one’s', async () => {
    const scene = await openScene();
    scene.sandbox.faults.add({
      on: pollRun,
      times: always,
      do: { kind: 'change', change: (body) => ({ ...body, run_id: 'run_of_somebody_else' }) },
    });
    const sync = await scene.startSync();
    expect((await sync.run([itemOf(1)])).ended).toEqual([]);
    expect(await sync.end()).toMatchObject([{ status: 'accepted' }]);
  });
});

describe('S9 an unanswered item that is too old to be sent again', () => {
  const unanswered = async (settings = {}) => {
    const scene = await openScene(settings);
    scene.sandbox.faults.add({ on: postRuns, times: 5, do: { kind: 'reset' } });
    const first = await scene.startSync();
    await first.run([itemOf(1)]);
    await first.end();
    scene.clock.advance(12 * 3_600_000);
    return scene;
  };

  test.each<[string, FaultAction | undefined, object]>([
    ['a list of a form that we do not know', undefined, { runListKey: 'data' }],
    ['a list that is cut', undefined, {}],
    ['a run in it that is not ours', undefined, {}],
  ])('is frozen when this cannot prove that there is no run: %s', async (what, _, settings) => {
    const scene = await unanswered(settings);
    if (what !== 'a list of a form that we do not know')
      scene.sandbox.faults.add({
        on: listRuns,
        do: {
          kind: 'change',
          change: () => ({
            runs: Array.from({ length: what === 'a list that is cut' ? 100 : 1 }, (_run, n) => ({
              run_id: `run_${n}`,
              status: 'succeeded',
            })),
          }),
        },
      });
    const posts = scene.sandbox.ledger.posts;
    const second = await scene.startSync();
    await second.run([itemOf(1)]);
    expect(await second.end()).toMatchObject([{ status: 'frozen' }]);
    const third = await scene.startSync();
    expect((await third.run([itemOf(1)])).decisions).toEqual(['known']);
    await third.end();
    expect(scene.sandbox.ledger.posts).toBe(posts);
  });

  test('is sent when the list shows only runs of ours', async () => {
    const scene = await unanswered();
    const between = await scene.startSync({ signal: AbortSignal.abort() });
    await between.end();
    const second = await scene.startSync();
    expect((await second.run([itemOf(2)])).ended).toHaveLength(2);
    expectOnce(scene, 2);
    await second.end();
  });

  test('waits when the list cannot be had, and everything else goes on', async () => {
    const scene = await unanswered();
    scene.sandbox.faults.add({ on: listRuns, times: always, do: faultAnswers.status(500, 'x') });
    const second = await scene.startSync();
    const { ended } = await second.run([itemOf(2)]);
    expect(ended.map(({ callId }) => callId)).toEqual([itemOf(2).callId]);
    expect((await second.end())[0]).toMatchObject({ status: 'intent' });
  });
});

test('S22 whatever a result looks like, it is kept as it was answered', async () => {
  const scene = await openScene();
  const odd = {
    kit_version_id: 17,
    duration_ms: 'fast',
    output: {
      kit_code: null,
      bricks: { a: null, b: { value: { deep: [1] }, evidence: 'one text' }, c: 'x'.repeat(1e6) },
    },
    error_code: ['e'],
    new_field: { at: [null] },
  };
  scene.sandbox.faults.add({ on: pollRun, do: { kind: 'change', change: (right) => ({ ...right, ...odd }) } });
  const sync = await scene.startSync();
  const { ended } = await sync.run([itemOf(1)]);
  expect(ended[0]?.result).toMatchObject(odd);
  await sync.end();
});

test('S19 the limit counts distinct keys, however often each is tried and whatever an earlier sync left', async () => {
  const scene = await openScene();
  scene.sandbox.faults.add({ on: postRuns, times: 5, do: { kind: 'reset' } });
  const first = await scene.startSync({ concurrency: 1 });
  await first.run([itemOf(1)]);
  await first.end();
  scene.sandbox.ledger.clearRequests();
  scene.sandbox.faults.random({ seed: 3, rate: 0.4, on: postRuns, actions: [{ kind: 'reset', processed: true }] });
  const second = await scene.startSync({ maxRuns: 7 });
  const { decisions } = await second.run(itemsOf(20).slice(2));
  expect(decisions.filter((decision) => decision === 'sent')).toHaveLength(6);
  expect(decisions.filter((decision) => decision === 'over_limit')).toHaveLength(12);
  expect(scene.sandbox.ledger.postsPerKey().size).toBe(7);
  await second.end();
});
