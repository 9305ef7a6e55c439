// What an answer to a POST means when it comes after tries of the same request that had none, and when what it says cannot be
// written down.
import { mkdir, rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { FaultAction } from '../../src/sandbox/faults.ts';
import { createSemarizeClient } from '../../src/semarize/client.ts';
import { clientOf, serve } from '../support/http-servers.ts';
import { itemOf, kit, openScene, postRuns, type Scene, type Sync } from './open-evaluator.ts';

const always = Number.POSITIVE_INFINITY;
const refusals = [400, 413, 422];
const otherText = itemOf(1, { text: 'Ada (rep): the same call, said in other words.' });

/** The one entry of the ledger, in words, and how the sync counted it. */
async function endOf(sync: Sync): Promise<string> {
  const { refused, frozen, open } = sync.evaluator.counts();
  const [entry, ...others] = await sync.end();
  if (entry === undefined || others.length > 0) throw new Error(`${others.length + 1} entries instead of one`);
  const counted = `${refused} refused, ${frozen} frozen, ${open} open`;
  return `${entry.isRefused ? 'refused' : entry.status}: ${counted}`;
}

/** Submits the item again, then with another text. */
async function decisionsOn(scene: Scene): Promise<string[]> {
  const next = await scene.startSync();
  const decisions = [
    ...(await next.run([itemOf(1)])).decisions,
    ...(await next.run([otherText])).decisions,
    ...(await next.run([otherText])).decisions,
  ];
  await next.end();
  return decisions;
}

describe('S28 a text that Semarize does not take', () => {
  const tooMany = faultAnswers.tooManyRequests({ retryAfter: '1' });
  const certainly: [string, FaultAction[]][] = [
    ['at once', []],
    ['after 429s, which say that nothing was taken', [tooMany, tooMany]],
  ];
  const perhaps: [string, FaultAction[]][] = [
    ['after a 500 whose run was made', [faultAnswers.status(500, 'run_request_failed', true)]],
    ['after a 503 whose run was made', [faultAnswers.html(503, true)]],
    ['after a reset whose run was made', [{ kind: 'reset', processed: true }]],
    ['after a reset, whatever was made', [{ kind: 'reset' }]],
    ['after an answer that is not whole, whose run was made', [{ kind: 'truncate', form: 'length' }]],
    ['after a reset whose run was made, and a 429', [{ kind: 'reset', processed: true }, tooMany]],
    ['after a 429, and a reset whose run was made', [tooMany, { kind: 'reset', processed: true }]],
  ];
  const withStatus = (cases: typeof perhaps) =>
    refusals.flatMap((status) =>
      cases.map(([what, before]): [number, string, FaultAction[]] => [status, what, before]),
    );

  async function refusedAfter(before: readonly FaultAction[], status: number): Promise<Scene> {
    const scene = await openScene();
    for (const action of before) scene.sandbox.faults.add({ on: postRuns, do: action });
    scene.sandbox.faults.add({ on: postRuns, times: always, do: faultAnswers.status(status, 'not_taken') });
    return scene;
  }

  test.each(withStatus(certainly))(
    '%i %s: refused, and another text of the call is sent',
    async (status, _, before) => {
      const scene = await refusedAfter(before, status);
      const sync = await scene.startSync();
      await sync.run([itemOf(1)]);
      expect(await endOf(sync)).toBe('refused: 1 refused, 0 frozen, 0 open');
      scene.sandbox.faults.clear();
      expect(await decisionsOn(scene)).toEqual(['known', 'sent', 'known']);
      expect(scene.sandbox.ledger.distinctRuns).toBe(1);
    },
  );

  test.each(withStatus(perhaps))('%i %s: frozen, and no text of the call is sent', async (status, _, before) => {
    const scene = await refusedAfter(before, status);
    const sync = await scene.startSync();
    await sync.run([itemOf(1)]);
    expect(await endOf(sync)).toBe('frozen: 0 refused, 1 frozen, 0 open');
    scene.sandbox.faults.clear();
    const { distinctRuns } = scene.sandbox.ledger;
    expect(await decisionsOn(scene)).toEqual(['known', 'known', 'known']);
    expect(scene.sandbox.ledger.distinctRuns).toBe(distinctRuns);
  });

  test('of two texts that were refused the later one counts: it is not sent a second time', async () => {
    const scene = await refusedAfter([], 422);
    for (const item of [itemOf(1), otherText]) {
      const sync = await scene.startSync();
      expect((await sync.run([item, item])).decisions).toEqual(['sent', 'known']);
      await sync.end();
      scene.clock.advance(3_600_000);
    }
    const posts = scene.sandbox.ledger.posts;
    const third = await scene.startSync();
    expect((await third.run([otherText])).decisions).toEqual(['known']);
    await third.end();
    expect(scene.sandbox.ledger.posts).toBe(posts);
  });

  test.each(refusals)('%i in the sync after the one that got no answer: frozen', async (status) => {
    const scene = await openScene();
    scene.sandbox.faults.add({ on: postRuns, times: 5, do: { kind: 'reset' } });
    scene.sandbox.faults.add({ on: postRuns, times: always, do: faultAnswers.status(status, 'not_taken') });
    const first = await scene.startSync();
    await first.run([itemOf(1)]);
    expect(await endOf(first)).toBe('intent: 0 refused, 0 frozen, 1 open');
    const second = await scene.startSync();
    await second.run();
    expect(await endOf(second)).toBe('frozen: 0 refused, 1 frozen, 0 open');
    scene.sandbox.faults.clear();
    expect(await decisionsOn(scene)).toEqual(['known', 'known', 'known']);
    expect(scene.sandbox.ledger.distinctRuns).toBe(0);
  });
});

describe('D1 what cannot be written down did not happen, and nothing is asked or bought any more', () => {
  const queued = { run_id: 'run_1', status: 'queued' };
  const succeeded = { run_id: 'run_1', status: 'succeeded', output: { kit_code: kit, bricks: {} } };

  test.each<[string, [asked: string, status: number, body: JsonObject][]]>([
    ['the id of a run', [['POST', 202, queued]]],
    ['the id of a run that has ended', [['POST', 200, succeeded]]],
    [
      'a result',
      [
        ['POST', 202, queued],
        ['GET', 200, succeeded],
      ],
    ],
    [
      'that a run is not known any more',
      [
        ['POST', 202, queued],
        ['GET', 404, { error: 'run_not_found' }],
      ],
    ],
    ['a refusal of this text', [['POST', 422, { error: 'not_taken' }]]],
    ['a refusal of all', [['POST', 401, { error: 'invalid_api_key' }]]],
    ['a conflict of keys', [['POST', 409, { error: 'idempotency_key_conflict' }]]],
  ])('%s', async (_, answers) => {
    const scene = await openScene();
    const asked: string[] = [];
    let arrive = () => {};
    const lastArrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    let answer = () => {};
    const mayAnswerLast = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const port = await serve(async (request, response) => {
      asked.push(String(request.method));
      const [, status, body] = answers[asked.length - 1] ?? ['', 500, {}];
      if (asked.length === answers.length) {
        arrive();
        await mayAnswerLast;
      }
      response.writeHead(status).end(JSON.stringify(body));
    });
    const sync = await scene.startSync({ client: createSemarizeClient(clientOf(port)) });
    const bought = sync.run([itemOf(1)]);
    await lastArrived;
    // Written anew, the ledger is opened again for its next line; until then its place is taken.
    await sync.ledger.reconcile(oneRow());
    await rm(scene.ledgerPath);
    await mkdir(scene.ledgerPath);
    answer();
    const { decisions, ended } = await bought;
    expect(asked).toEqual(answers.map(([method]) => method));
    expect([decisions, ended.length]).toEqual([['sent'], 0]);
    expect(sync.evaluator.failure()?.area).toBe('destination');
    expect(sync.submit(itemOf(2))).toBe('stopped');
    await sync.evaluator.stop();
    expect(sync.returned.map(({ callId }) => callId)).toEqual([]);
    const { open, refused, frozen, lost } = sync.evaluator.counts();
    expect({ open, refused, frozen, lost }).toEqual({ open: 1, refused: 0, frozen: 0, lost: 0 });
  });
});

async function* oneRow() {
  const { callId, startedAt, transcriptHash, version } = itemOf(9);
  const run = { callId, startedAt, transcriptHash, kit, version, inputChars: 100, attempt: 1 };
  yield { ...run, key: 'gs1:of-another-sync', runId: 'run_of_another_sync', answered: undefined, requestedAt: 0 };
}
