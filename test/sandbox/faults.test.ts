// The fault script: every way in which an answer can go wrong, seen from the client's end of the socket.
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { FaultAction } from '../../src/sandbox/faults.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import {
  basic,
  extensive,
  getSemarize,
  hour,
  idsOf,
  noon,
  openSandbox,
  postRun,
  transcriptIdsOf,
  transcripts,
} from './open-sandbox.ts';

const route = 'POST /v2/calls/extensive';
const calls = Array.from({ length: 5 }, (_, i) => ({ id: `${i}`, started: noon - (9 - i) * hour }));

describe('which requests', () => {
  it('are those of a route, after some, so many times', async () => {
    const sandbox = await openSandbox();
    const fault = sandbox.faults.add({ on: route, after: 1, times: 2, do: faultAnswers.status(503, 'unavailable') });
    await transcripts(sandbox);
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await extensive(sandbox)).status);
    expect(statuses).toEqual([200, 503, 503, 200, 200]);
    expect(fault.played).toBe(2);
    expect(sandbox.ledger.requests.map(({ fault: played }) => played)).toEqual([
      undefined,
      undefined,
      'answer',
      'answer',
      undefined,
      undefined,
    ]);
  });

  it('are those that a function picks, from now on, until the fault is removed', async () => {
    const sandbox = await openSandbox();
    const fault = sandbox.faults.add({
      on: ({ service }) => service === 'gong',
      times: Number.POSITIVE_INFINITY,
      do: faultAnswers.status(401, 'Validate credentials failed.'),
    });
    for (let i = 0; i < 3; i++) expect((await extensive(sandbox)).status).toBe(401);
    expect((await getSemarize(sandbox, '/v1/runs')).status).toBe(200);
    fault.remove();
    expect((await extensive(sandbox)).status).toBe(200);
  });

  it('meet the first rule that matches, and none after clear', async () => {
    const sandbox = await openSandbox();
    for (const status of [500, 502, 503]) sandbox.faults.add({ on: route, do: faultAnswers.status(status, 'down') });
    expect([(await extensive(sandbox)).status, (await extensive(sandbox)).status]).toEqual([500, 502]);
    sandbox.faults.clear();
    expect((await extensive(sandbox)).status).toBe(200);
  });

  it('are the same ones for the same seed of random faults', async () => {
    const statuses = async (seed: number) => {
      const sandbox = await openSandbox();
      const actions = [faultAnswers.status(500, 'a'), faultAnswers.status(503, 'b')];
      sandbox.faults.random({ seed, rate: 0.5, actions });
      const seen = [];
      for (let i = 0; i < 20; i++) seen.push((await extensive(sandbox)).status);
      return seen;
    };
    const first = await statuses(1);
    expect(await statuses(1)).toEqual(first);
    expect(await statuses(2)).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 500, 503]));
  });
});

describe('answers instead of the right one', () => {
  it.each<[string, FaultAction, number, RegExp, string]>([
    ['G12 another 404', faultAnswers.status(404, 'Unknown tenant'), 404, /Unknown tenant/, 'application/json'],
    ['G29 a page of HTML', faultAnswers.html(200), 200, /^<!doctype/, 'text/html'],
    ['G29 JSON of another shape', faultAnswers.otherJson({ ok: 1 }), 200, /^\{"ok":1\}$/, 'application/json'],
    ['G6 an expired cursor', faultAnswers.expiredCursor(), 400, /cursor has expired/, 'application/json'],
    ['an empty body', faultAnswers.emptyBody(200), 200, /^$/, 'application/json'],
  ])('%s', async (_, action, status, text, type) => {
    const sandbox = await openSandbox();
    sandbox.faults.add({ on: route, do: action });
    const reply = await extensive(sandbox);
    expect(reply.status).toBe(status);
    expect(reply.text).toMatch(text);
    expect(reply.headers.get('content-type')).toBe(type);
  });

  it.each([301, 302, 307, 308])('G23, N9 a redirect %i', async (status) => {
    const sandbox = await openSandbox();
    sandbox.faults.add({ on: route, do: faultAnswers.redirect('https://elsewhere.example/', status) });
    const reply = await extensive(sandbox);
    expect([reply.status, reply.headers.get('location')]).toEqual([status, 'https://elsewhere.example/']);
  });

  it('N6 a gzip bomb: a thousand times larger than what travels', async () => {
    const sandbox = await openSandbox();
    sandbox.faults.add({ on: route, do: faultAnswers.gzipBomb(20_000_000) });
    const reply = await extensive(sandbox);
    expect(reply.text.length).toBe(20_000_000);
    expect(Number(reply.headers.get('content-length'))).toBeLessThan(40_000);
  });

  it('N7 a flood, sent as fast as it is read', async () => {
    const sandbox = await openSandbox();
    sandbox.faults.add({ on: route, do: { kind: 'flood', bytes: 30_000_000 } });
    expect((await extensive(sandbox)).text.length).toBeGreaterThanOrEqual(30_000_000);
  });
});

describe('the right answer, changed', () => {
  it('G11 repeats the cursor that was sent', async () => {
    const sandbox = await openSandbox({ calls, settings: { pageSize: 2 } });
    const first = await extensive(sandbox);
    sandbox.faults.add({ on: route, do: faultAnswers.repeatedCursor() });
    const second = await extensive(sandbox, { filter: {}, cursor: first.json.records?.cursor });
    expect(second.json.records?.cursor).toBe(first.json.records?.cursor);
    expect(idsOf(second)).toEqual(['2', '3']);
  });

  it('G10 puts in an empty page with a cursor, and loses no call', async () => {
    const sandbox = await openSandbox({ calls, settings: { pageSize: 2 } });
    sandbox.faults.add({ on: route, after: 1, do: faultAnswers.emptyPage() });
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const reply = await extensive(sandbox, { filter: {}, ...(cursor === undefined ? {} : { cursor }) });
      pages.push(idsOf(reply));
      expect(reply.json.records?.cursor).not.toBe(cursor ?? '');
      cursor = reply.json.records?.cursor;
    } while (cursor !== undefined);
    expect(pages).toEqual([['0', '1'], [], ['2', '3'], ['4']]);
  });

  it('G8, G9 states another total', async () => {
    const sandbox = await openSandbox({ calls });
    sandbox.faults.add({ on: route, do: faultAnswers.totalRecords((right) => right + 3) });
    expect((await extensive(sandbox)).json.records?.totalRecords).toBe(8);
    expect((await extensive(sandbox)).json.records?.totalRecords).toBe(5);
  });

  it('G16 leaves calls out of a transcript or call answer', async () => {
    const sandbox = await openSandbox({ calls });
    for (const on of ['POST /v2/calls/transcript', route])
      sandbox.faults.add({ on, do: faultAnswers.withoutCalls(['1', '4']) });
    expect(transcriptIdsOf(await transcripts(sandbox))).toEqual(['0', '2', '3']);
    expect(idsOf(await extensive(sandbox))).toEqual(['0', '2', '3']);
  });

  it('N14 crosses answers: the one before, on the same route', async () => {
    const sandbox = await openSandbox({ calls });
    sandbox.faults.add({ on: 'POST /v2/calls/transcript', after: 1, do: { kind: 'crossed' } });
    await transcripts(sandbox, { filter: { callIds: ['1'] } });
    expect(transcriptIdsOf(await transcripts(sandbox, { filter: { callIds: ['2'] } }))).toEqual(['1']);
    expect(transcriptIdsOf(await transcripts(sandbox, { filter: { callIds: ['2'] } }))).toEqual(['2']);
  });
});

/** The bytes of one answer on a bare socket, and how the connection ended. */
function readRaw(sandbox: Sandbox): Promise<{ head: string; body: string; ended: 'end' | 'reset' }> {
  const { port } = new URL(sandbox.url);
  const body = '{"filter":{}}';
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    const chunks: Buffer[] = [];
    const done = (ended: 'end' | 'reset') => {
      const [head = '', ...rest] = Buffer.concat(chunks).toString().split('\r\n\r\n');
      resolve({ head: head.toLowerCase(), body: rest.join('\r\n\r\n'), ended });
      socket.destroy();
    };
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => done('end'));
    socket.on('error', () => done('reset'));
    socket.write(
      `POST /v2/calls/extensive HTTP/1.1\r\nhost: x\r\nauthorization: ${basic(sandbox)}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  });
}

describe('the wire', () => {
  it('N4 breaks off a body of announced length', async () => {
    const sandbox = await openSandbox({ calls });
    sandbox.faults.add({ on: route, do: { kind: 'truncate', form: 'length', atByte: 100 } });
    const { head, body } = await readRaw(sandbox);
    expect(Number(/content-length: (\d+)/.exec(head)?.[1])).toBeGreaterThan(100);
    expect(body.length).toBe(100);
  });

  it('N4 breaks off a chunked body', async () => {
    const sandbox = await openSandbox({ calls });
    sandbox.faults.add({ on: route, do: { kind: 'truncate', form: 'chunked' } });
    const { head, body } = await readRaw(sandbox);
    expect(head).toContain('transfer-encoding: chunked');
    expect(body.endsWith('0\r\n\r\n')).toBe(false);
    await expect(
      (async () => {
        sandbox.faults.add({ on: route, do: { kind: 'truncate', form: 'chunked' } });
        return extensive(sandbox);
      })(),
    ).rejects.toThrow();
  });

  it('N4 ends a body of no announced length early, which looks whole', async () => {
    const sandbox = await openSandbox({ calls });
    sandbox.faults.add({ on: route, do: { kind: 'truncate', form: 'close' } });
    const { head, body, ended } = await readRaw(sandbox);
    expect(head).toMatch(/^http\/1.1 200/);
    expect(head).not.toMatch(/content-length|transfer-encoding/);
    expect(ended).toBe('end');
    expect(() => JSON.parse(body) as unknown).toThrow();
    sandbox.faults.add({ on: route, do: { kind: 'truncate', form: 'close' } });
    expect((await extensive(sandbox)).status).toBe(200);
  });

  it('N2 resets the connection', async () => {
    const sandbox = await openSandbox();
    sandbox.faults.add({ on: route, do: { kind: 'reset' } });
    const { head, ended } = await readRaw(sandbox);
    expect([head, ended]).toEqual(['', 'reset']);
    expect(sandbox.ledger.requests[0]?.status).toBe(0);
  });

  it('N5 drips the right answer, and delays it', async () => {
    const sandbox = await openSandbox({ calls });
    const right = (await extensive(sandbox)).json.calls;
    sandbox.faults.add({ on: route, do: { kind: 'drip', bytes: 200, everyMs: 1 } });
    sandbox.faults.add({ on: route, do: { kind: 'delay', ms: 1 } });
    for (let i = 0; i < 2; i++) expect((await extensive(sandbox)).json.calls).toEqual(right);
    expect(sandbox.ledger.requests.map(({ fault }) => fault)).toEqual([undefined, 'drip', 'delay']);
  });

  it('closes with a request under way and a connection kept open', async () => {
    const sandbox = await openSandbox();
    sandbox.faults.add({ on: route, do: { kind: 'silence' } });
    const unanswered = extensive(sandbox).catch((error: unknown) => error);
    while (sandbox.ledger.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await sandbox.close();
    expect(await unanswered).toBeInstanceOf(Error);
  });
});

it('a storm of random faults loses no run under one key', async () => {
  const sandbox = await openSandbox({ world: createWorld({ calls: 60 }) });
  sandbox.faults.random({
    seed: 5,
    rate: 0.6,
    on: 'POST /v1/runs',
    actions: [
      { kind: 'reset' },
      { kind: 'reset', processed: true },
      faultAnswers.status(503, 'down'),
      faultAnswers.status(500, 'lost', true),
      faultAnswers.tooManyRequests({ retryAfter: '1' }),
    ],
  });
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
    for (let attempt = 0; attempt < 50; attempt++) {
      const reply = await postRun(sandbox, { key, body: { kit_code: 'A1B2C3D4', input: { transcript: key } } }).catch(
        () => undefined,
      );
      if (reply?.json.run_id !== undefined) break;
    }
    expect(sandbox.ledger.runsPerKey(key)).toHaveLength(1);
  }
  expect(sandbox.ledger.posts).toBeGreaterThan(8);
});
