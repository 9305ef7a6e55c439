// Creation ends while an intent is being made durable: it was not sent yet, so it is not sent any more.
import { expect, test } from 'vitest';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { itemOf, itemsOf, openScene, postRuns, type Sync } from './open-evaluator.ts';

const always = Number.POSITIVE_INFINITY;

test('because of a refusal that concerns all: one POST was made, and the others are free again', async () => {
  const scene = await openScene();
  scene.sandbox.faults.add({ on: postRuns, times: always, do: faultAnswers.status(401, 'invalid_api_key') });
  let chunks = 0;
  const sync: Sync = await scene.startSync({
    concurrency: 3,
    async beforePosts() {
      chunks += 1;
      // The second chunk is at the door while the first one is refused.
      if (chunks === 2) while (sync.evaluator.failure() === undefined) await sync.evaluator.whenChanged();
    },
  });
  const first = sync.submit(itemOf(0));
  while (chunks === 0) await sync.evaluator.whenChanged();
  const others = sync.run(itemsOf(3).slice(1));
  expect([first, ...(await others).decisions]).toEqual(['sent', 'sent', 'sent']);
  expect(scene.sandbox.ledger.posts).toBe(1);
  expect(sync.evaluator.failure()?.area).toBe('credentials');
  const all = itemsOf(3).map(({ callId }) => callId);
  expect(sync.returned.map(({ callId }) => callId).sort()).toEqual(all);
  expect(sync.evaluator.counts().open).toBe(0);
  const written = await sync.end();
  expect(written.map(({ callId, status, isRefused }) => [callId, status, isRefused])).toEqual(
    all.map((callId) => [callId, 'skipped', undefined]),
  );
});

test('because of the wish to stop: no POST is made, and the next sync buys all of it', async () => {
  const scene = await openScene();
  const stop = new AbortController();
  const sync = await scene.startSync({
    signal: stop.signal,
    async beforePosts() {
      stop.abort(new Error('SIGTERM'));
    },
  });
  const { decisions } = await sync.run(itemsOf(3));
  // They were on their way to the ledger, and are taken back.
  expect(decisions).toEqual(['sent', 'sent', 'sent']);
  expect(sync.returned.map(({ callId }) => callId)).toEqual(itemsOf(3).map(({ callId }) => callId));
  expect((await sync.end()).map(({ status }) => status)).toEqual(['skipped', 'skipped', 'skipped']);
  expect(scene.sandbox.ledger.posts).toBe(0);
  const next = await scene.startSync();
  expect((await next.run(itemsOf(3))).ended).toHaveLength(3);
  expect(scene.sandbox.ledger.posts).toBe(3);
  await next.end();
});

test('what an earlier sync may have sent stays so: the next one sends the same bytes, whatever the text is by then', async () => {
  const scene = await openScene();
  scene.sandbox.faults.add({ on: postRuns, times: 5, do: { kind: 'reset', processed: true } });
  const first = await scene.startSync();
  await first.run([itemOf(0)]);
  await first.end();
  const stop = new AbortController();
  const second = await scene.startSync({
    signal: stop.signal,
    async beforePosts() {
      stop.abort(new Error('SIGTERM'));
    },
  });
  await second.run();
  expect(second.returned.map(({ callId }) => callId)).toEqual([]);
  expect(second.evaluator.counts().open).toBe(1);
  expect((await second.end()).map(({ status }) => status)).toEqual(['intent']);
  expect(scene.sandbox.ledger.posts).toBe(5);
  const third = await scene.startSync();
  const { decisions, ended } = await third.run([itemOf(0, { text: 'Ada (rep): the same call, in other words.' })]);
  expect([decisions, ended.length]).toEqual([['known'], 1]);
  expect(scene.sandbox.ledger.distinctRuns).toBe(1);
  await third.end();
});
