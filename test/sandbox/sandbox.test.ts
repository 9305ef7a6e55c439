// The sandbox as a whole: its ledger of requests, and coming back after a restart.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { restoreSandbox } from '../../src/sandbox/sandbox.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { endOf, sightOf } from '../../src/sandbox/world/life.ts';
import {
  ask,
  basic,
  closeAfterTest,
  extensive,
  finishRun,
  getGong,
  getSemarize,
  hour,
  idsOf,
  kitA,
  noon,
  openSandbox,
  postRun,
  runBody,
  textOfCall,
  transcripts,
} from './open-sandbox.ts';

describe('ledger', () => {
  it('notes what was asked of Gong: route, window, ids, cursor, status, size; never a body', async () => {
    const sandbox = await openSandbox();
    const filter = { fromDateTime: '2026-11-18T00:00:00Z', toDateTime: '2026-11-19T00:00:00Z' };
    const body = { filter, cursor: 'x' };
    await extensive(sandbox, body);
    await transcripts(sandbox, { filter: { callIds: ['1', '2'] } });
    await getGong(sandbox, '/v2/calls?fromDateTime=2026-11-18T00:00:00Z');
    await getGong(sandbox, '/v2/calls/123');
    const head = { atMs: noon, service: 'gong', fault: undefined };
    expect(sandbox.ledger.requests).toEqual([
      {
        ...head,
        route: 'POST /v2/calls/extensive',
        status: 400,
        bodyBytes: JSON.stringify(body).length,
        from: '2026-11-18T00:00:00Z',
        to: '2026-11-19T00:00:00Z',
        hasCursor: true,
      },
      {
        ...head,
        route: 'POST /v2/calls/transcript',
        status: 404,
        bodyBytes: 32,
        callIds: ['1', '2'],
        hasCursor: false,
      },
      { ...head, route: 'GET /v2/calls', status: 200, bodyBytes: 0, from: '2026-11-18T00:00:00Z', hasCursor: false },
      { ...head, route: 'GET /v2/calls/{id}', status: 404, bodyBytes: 0, hasCursor: false },
    ]);
    expect(sandbox.ledger.count('GET /v2/calls')).toBe(1);
  });

  it('counts by second of the clock, and the most within any sliding second', async () => {
    const sandbox = await openSandbox();
    // 600 and 900 ms, then 1100 and 1599 ms: four within 999 ms, though at most two in a calendar second … and one at 1600.
    for (const step of [600, 300, 200, 499, 1]) {
      sandbox.clock.advance(step);
      await extensive(sandbox);
    }
    await getSemarize(sandbox, '/v1/runs');
    expect(sandbox.ledger.perSecond({ service: 'gong' })).toEqual(
      new Map([
        [noon / 1000, 2],
        [noon / 1000 + 1, 3],
      ]),
    );
    expect(sandbox.ledger.perSecond({ route: 'GET /v1/runs' })).toEqual(new Map([[noon / 1000 + 1, 1]]));
    expect(sandbox.ledger.maxInSlidingSecond('gong')).toBe(4);
    expect(sandbox.ledger.maxInSlidingSecond('semarize')).toBe(1);
  });

  it('notes the key of a refused POST too, and forgets requests but not runs when asked', async () => {
    const sandbox = await openSandbox();
    await postRun(sandbox, { key: 'bad', body: { input: {} } });
    await postRun(sandbox, { key: 'good' });
    expect(sandbox.ledger.of('POST /v1/runs').map(({ key, status }) => [key, status])).toEqual([
      ['bad', 400],
      ['good', 202],
    ]);
    sandbox.ledger.clearRequests();
    expect([sandbox.ledger.posts, sandbox.ledger.distinctRuns]).toEqual([0, 1]);
  });
});

describe('a restart', () => {
  it('keeps world, clock, keys, runs and Idempotency-Keys', async () => {
    const sandbox = await openSandbox({ world: createWorld({ calls: 60 }) });
    const callId = idsOf(await extensive(sandbox))[0] ?? '';
    const transcript = await textOfCall(sandbox, callId);
    const body = { kit_code: kitA, input: { transcript } };
    const before = await finishRun(sandbox, (await postRun(sandbox, { key: 'k', body })).json.run_id);
    const open = await postRun(sandbox, { key: 'open', body: runBody('text') });
    sandbox.clock.advance(hour);
    const saved = JSON.parse(JSON.stringify(sandbox)) as JsonObject;
    await sandbox.close();

    const restored = closeAfterTest(await restoreSandbox(saved));
    expect(restored.clock.now()).toBe(noon + hour);
    expect(basic(restored)).toBe(basic(sandbox));
    expect(idsOf(await extensive(restored))).toEqual(
      restored.world.calls
        .filter((call) => sightOf(call, noon + hour) === 'visible')
        .slice(0, 100)
        .map(({ id }) => id),
    );
    expect((await getSemarize(restored, `/v1/runs/${before.json.run_id}`)).json).toEqual(before.json);
    expect((await postRun(restored, { key: 'k', body })).json.run_id).toBe(before.json.run_id);
    expect((await postRun(restored, { key: 'open', body: runBody('other text') })).status).toBe(409);
    expect((await finishRun(restored, open.json.run_id)).json.status).toMatch(/succeeded|failed|cancelled/);
    expect(restored.ledger.distinctRuns).toBe(2);
    expect(restored.ledger.runsPer(callId, kitA)).toHaveLength(1);
  });

  it('recognises a text that was served before it', async () => {
    const sandbox = await openSandbox({ calls: [{ id: '1', started: noon - 5 * hour }] });
    const transcript = await textOfCall(sandbox, '1');
    const restored = closeAfterTest(await restoreSandbox(JSON.parse(JSON.stringify(sandbox)) as JsonObject));
    await postRun(restored, { body: { kit_code: kitA, input: { transcript } } });
    expect(restored.ledger.runsPer('1', kitA)).toHaveLength(1);
  });

  it('refuses what no sandbox has saved', () => {
    expect(() => restoreSandbox({ format: 2 })).toThrow('not a saved sandbox');
  });
});

it('serves 30,000 calls page by page, each once', async () => {
  const world = createWorld({ calls: 30_000 });
  const sandbox = await openSandbox({ world });
  const seen = new Set<string>();
  let [cursor, requests, total]: [string | undefined, number, number] = [undefined, 0, 0];
  do {
    const reply = await extensive(sandbox, { filter: {}, ...(cursor === undefined ? {} : { cursor }) });
    for (const id of idsOf(reply)) seen.add(id);
    cursor = reply.json.records?.cursor;
    total = reply.json.records?.totalRecords ?? 0;
    requests += 1;
  } while (cursor !== undefined);
  expect(requests).toBe(Math.ceil(seen.size / 100));
  expect(seen.size).toBe(world.calls.filter((call) => sightOf(call, noon) === 'visible').length);
  expect(total - seen.size).toBe(
    world.calls.filter((call) => endOf(call) <= noon && call.life.visibleMs > noon).length,
  );
});

it('answers a path of neither service with 404', async () => {
  const sandbox = await openSandbox();
  expect((await ask(sandbox, '/')).status).toBe(404);
});
