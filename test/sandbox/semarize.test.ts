// The sandbox's Semarize, point by point of what a fake of it must do. D: documented. A: an assumption with a switch.
import { describe, expect, it } from 'vitest';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { findKit } from '../../src/sandbox/semarize/kits.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import {
  ask,
  finishRun,
  getSemarize,
  hour,
  kitA,
  kitB,
  noon,
  openSandbox,
  postRun,
  runBody,
  textOfCall,
  transcripts,
} from './open-sandbox.ts';

const [oldVersion, newVersion] = (findKit(kitA)?.versions ?? []).map(({ id }) => id);
const ended = { runEnds: { afterPolls: 0 } };

describe('1 D: keys and error bodies', () => {
  it('tells a missing, an unknown and an expired key apart, flat', async () => {
    const sandbox = await openSandbox();
    const none = await ask(sandbox, '/v1/runs');
    const malformed = await ask(sandbox, '/v1/runs', { headers: { authorization: 'Basic abc' } });
    const unknown = await getSemarize(sandbox, '/v1/runs', 'smz_live_unknown');
    const expired = await getSemarize(sandbox, '/v1/runs', sandbox.semarizeKeys.expired);
    expect([none, malformed, unknown, expired].map(({ status, text }) => [status, text])).toEqual([
      [401, '{"error":"missing_bearer_token"}'],
      [401, '{"error":"missing_bearer_token"}'],
      [401, '{"error":"invalid_api_key"}'],
      [401, '{"error":"api_key_expired"}'],
    ]);
    expect(sandbox.semarizeApiKey).toMatch(/^smz_live_sandbox/);
    expect((await getSemarize(sandbox, '/v1/runs', sandbox.semarizeKeys.test)).status).toBe(200);
  });
});

describe('2 D: validation of the body', () => {
  it.each([
    ['kit_code_or_kit_version_id_required', 400, { input: {} }],
    ['input_must_be_object', 400, { kit_code: kitA, input: 'text' }],
    ['input_must_be_object', 400, { kit_code: kitA, input: [] }],
    ['invalid_run_type', 400, { ...runBody(), type: 'live' }],
    ['invalid_run_mode', 400, { ...runBody(), mode: 'later' }],
    ['kit_not_found', 404, { kit_code: 'ZZZZZZZZ', input: {} }],
    ['kit_not_found', 404, { kit_code: kitA, kit_version_id: 'no-such-version', input: {} }],
    ['invalid_json', 400, '{"kit_code":'],
  ])('answers %s with %i', async (error, status, body) => {
    const sandbox = await openSandbox();
    const reply = await postRun(sandbox, { body, key: 'k' });
    expect([reply.status, reply.json]).toEqual([status, { error }]);
    expect(sandbox.ledger.distinctRuns).toBe(0);
  });

  it('answers 409 to another body under a known key, and makes no run', async () => {
    const sandbox = await openSandbox();
    await postRun(sandbox, { key: 'k', body: runBody('Ada (rep): One.') });
    const reply = await postRun(sandbox, { key: 'k', body: runBody('Ada (rep): Two.') });
    expect([reply.status, reply.json]).toEqual([409, { error: 'idempotency_key_conflict' }]);
    expect(sandbox.ledger.distinctRuns).toBe(1);
  });

  it('takes a key of 254 characters and refuses one of 255', async () => {
    const sandbox = await openSandbox();
    expect((await postRun(sandbox, { key: 'k'.repeat(254) })).status).toBe(202);
    expect((await postRun(sandbox, { key: 'k'.repeat(255) })).status).toBe(400);
  });
});

describe('3 D: a repeated key', () => {
  it('returns the original run with its status of now; A: 200 or 202', async () => {
    const sandbox = await openSandbox({ settings: ended });
    const first = await postRun(sandbox, { key: 'k' });
    expect(first.json).toMatchObject({ status: 'queued', run_type: 'api' });
    const again = await postRun(sandbox, { key: 'k' });
    expect([again.status, again.json.run_id, again.json.status]).toEqual([200, first.json.run_id, 'queued']);
    await finishRun(sandbox, first.json.run_id);
    expect((await postRun(sandbox, { key: 'k' })).json.status).toBe('succeeded');
    sandbox.settings.repeatedKeyStatus = 202;
    const accepted = await postRun(sandbox, { key: 'k' });
    expect([accepted.status, accepted.json]).toEqual([
      202,
      { run_id: first.json.run_id, status: 'succeeded', run_type: 'api' },
    ]);
    expect([sandbox.ledger.posts, sandbox.ledger.distinctRuns]).toEqual([4, 1]);
  });

  it('A: compares bodies by their bytes, or by their values', async () => {
    const sandbox = await openSandbox();
    await postRun(sandbox, { key: 'k', body: '{"kit_code":"A1B2C3D4","input":{"a":1,"b":2}}' });
    const reordered = '{"input": {"b":2,"a":1.0}, "kit_code":"A1B2C3D4"}';
    expect((await postRun(sandbox, { key: 'k', body: reordered })).status).toBe(409);
    sandbox.settings.compareBodies = 'values';
    expect((await postRun(sandbox, { key: 'k', body: reordered })).status).toBe(200);
    expect((await postRun(sandbox, { key: 'k', body: reordered.replace('1.0', '3') })).status).toBe(409);
  });

  it('A: forgets a key after its time, and then makes a second run', async () => {
    const sandbox = await openSandbox({ settings: { idempotencyMemoryMs: 1000 } });
    const first = await postRun(sandbox, { key: 'k' });
    sandbox.clock.advance(1000);
    expect((await postRun(sandbox, { key: 'k' })).json.run_id).toBe(first.json.run_id);
    sandbox.clock.advance(1);
    expect((await postRun(sandbox, { key: 'k' })).json.run_id).not.toBe(first.json.run_id);
    expect(sandbox.ledger.runsPerKey('k')).toHaveLength(2);
  });

  it('keeps the keys of two workspaces apart', async () => {
    const sandbox = await openSandbox();
    const mine = await postRun(sandbox, { key: 'k' });
    const theirs = await postRun(sandbox, { key: 'k', apiKey: sandbox.semarizeKeys.otherWorkspace });
    expect(theirs.json.run_id).not.toBe(mine.json.run_id);
    const again = await postRun(sandbox, { key: 'k', apiKey: sandbox.semarizeKeys.otherWorkspace });
    expect(again.json.run_id).toBe(theirs.json.run_id);
  });
});

describe('4 D: the way of a run', () => {
  it('goes from queued to running to its end by polls', async () => {
    const sandbox = await openSandbox({ settings: { runEnds: { afterPolls: 2 } } });
    const { run_id: id } = (await postRun(sandbox)).json;
    const statuses = [];
    for (let poll = 0; poll < 4; poll++) statuses.push((await getSemarize(sandbox, `/v1/runs/${id}`)).json.status);
    expect(statuses).toEqual(['running', 'running', 'succeeded', 'succeeded']);
  });

  it('or by the clock, however often it is polled', async () => {
    const sandbox = await openSandbox({ settings: { runEnds: { afterMs: 5000 } } });
    const { run_id: id } = (await postRun(sandbox)).json;
    const look = async () => (await getSemarize(sandbox, `/v1/runs/${id}`)).json.status;
    for (let poll = 0; poll < 3; poll++) expect(await look()).toBe('running');
    sandbox.clock.advance(5000);
    expect(await look()).toBe('succeeded');
  });

  it('advises when to poll first, or does not', async () => {
    const sandbox = await openSandbox({ settings: { runRetryAfterSeconds: 3 } });
    expect((await postRun(sandbox)).headers.get('retry-after')).toBe('3');
    sandbox.settings.runRetryAfterSeconds = null;
    expect((await postRun(sandbox)).headers.get('retry-after')).toBeNull();
  });
});

describe('5 D: mode sync', () => {
  it('answers 200 with the output, or 202 as if it had been async', async () => {
    const sandbox = await openSandbox();
    const body = { ...runBody(), mode: 'sync' };
    const whole = await postRun(sandbox, { body });
    expect([whole.status, whole.json.status, whole.json.output?.kit_code]).toEqual([200, 'succeeded', kitA]);
    sandbox.settings.syncFallback = true;
    const fallback = await postRun(sandbox, { body });
    expect([fallback.status, fallback.json.status]).toEqual([202, 'queued']);
    expect((await finishRun(sandbox, fallback.json.run_id)).json.status).toBe('succeeded');
  });
});

describe('6 D: 429 on POST and on GET', () => {
  it('has a rate of its own, with header and body', async () => {
    const sandbox = await openSandbox({ settings: { semarizeRequestsPerSecond: 1 } });
    expect((await postRun(sandbox)).status).toBe(202);
    const limited = await getSemarize(sandbox, '/v1/runs');
    expect([limited.status, limited.headers.get('retry-after'), limited.json]).toEqual([
      429,
      '1',
      { error: 'rate_limited', retry_after_seconds: 1 },
    ]);
  });

  it.each([
    ['header only', { retryAfter: '10' }, '10', undefined],
    ['header and body', { retryAfter: '10', bodySeconds: 10 }, '10', 10],
    ['A: body only', { bodySeconds: 7 }, null, 7],
    ['A: two different values', { retryAfter: '2', bodySeconds: 9 }, '2', 9],
    ['A: a date', { retryAfter: 'Wed, 18 Nov 2026 12:00:30 GMT' }, 'Wed, 18 Nov 2026 12:00:30 GMT', undefined],
    ['A: neither', {}, null, undefined],
    ['A: two headers', { retryAfter: ['1', '30'] }, '1, 30', undefined],
  ])('by script: %s', async (_, options, header, seconds) => {
    const sandbox = await openSandbox();
    for (const on of ['POST /v1/runs', 'GET /v1/runs/{id}'])
      sandbox.faults.add({ on, do: faultAnswers.tooManyRequests(options) });
    for (const reply of [await postRun(sandbox), await getSemarize(sandbox, '/v1/runs/run_1')]) {
      expect(reply.status).toBe(429);
      expect(reply.headers.get('retry-after')).toBe(header);
      expect(reply.json.retry_after_seconds).toBe(seconds);
    }
    expect(sandbox.ledger.distinctRuns).toBe(0);
  });
});

describe('7 D: an answer that is lost after the run was stored', () => {
  it.each([
    ['a 500', faultAnswers.status(500, 'run_request_failed', true)],
    ['a reset connection', { kind: 'reset', processed: true } as const],
  ])('%s: the retry ends with exactly one run', async (_, action) => {
    const sandbox = await openSandbox();
    sandbox.faults.add({ on: 'POST /v1/runs', do: action });
    const first = await postRun(sandbox, { key: 'k' }).catch((error: unknown) => error);
    expect(first instanceof Error || (first as { status: number }).status === 500).toBe(true);
    expect(sandbox.ledger.distinctRuns).toBe(1);
    const second = await postRun(sandbox, { key: 'k' });
    expect(second.json.run_id).toBe(sandbox.ledger.runs[0]?.id);
    expect([sandbox.ledger.posts, sandbox.ledger.distinctRuns]).toEqual([2, 1]);
  });

  it('a connection reset before the run was stored leaves none', async () => {
    const sandbox = await openSandbox();
    sandbox.faults.add({ on: 'POST /v1/runs', do: { kind: 'reset' } });
    await expect(postRun(sandbox, { key: 'k' })).rejects.toThrow();
    expect(sandbox.ledger.distinctRuns).toBe(0);
  });

  it('an answer that never comes', async () => {
    const sandbox = await openSandbox();
    sandbox.faults.add({ on: 'POST /v1/runs', do: { kind: 'silence', processed: true } });
    const hangUp = new AbortController();
    const sent = ask(sandbox, '/v1/runs', {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.semarizeApiKey}` },
      body: JSON.stringify(runBody()),
      signal: hangUp.signal,
    });
    while (sandbox.ledger.distinctRuns === 0) await new Promise((resolve) => setImmediate(resolve));
    hangUp.abort();
    await expect(sent).rejects.toThrow();
    expect(sandbox.ledger.requests[0]).toMatchObject({ status: 0, fault: 'silence' });
  });
});

describe('8 D: ends that are no success', () => {
  it('fails with error fields, without output', async () => {
    const sandbox = await openSandbox({
      calls: [{ id: '1', started: noon - 5 * hour, runs: { [kitA]: 'failed', [kitB]: 'cancelled' } }],
      settings: ended,
    });
    const text = await textOfCall(sandbox, '1');
    const post = async (kit: string) => {
      const { run_id } = (await postRun(sandbox, { body: { kit_code: kit, input: { transcript: text } } })).json;
      return (await finishRun(sandbox, run_id)).json;
    };
    const failed = await post(kitA);
    expect(failed).toMatchObject({
      status: 'failed',
      error_code: expect.any(String),
      error_message: expect.any(String),
    });
    expect(failed).not.toHaveProperty('output');
    expect(await post(kitB)).toMatchObject({ status: 'cancelled' });
  });

  it('fails now with and now without a text for people', async () => {
    const sandbox = await openSandbox({ world: createWorld({ oddities: 1 }), settings: ended });
    const messages = new Set<boolean>();
    for (let i = 0; i < 20; i++) {
      const { run_id } = (await postRun(sandbox, { body: runBody(`Ada (rep): text ${i}`) })).json;
      messages.add((await finishRun(sandbox, run_id)).json.error_user_message !== undefined);
    }
    expect([...messages].toSorted()).toEqual([false, true]);
  });
});

describe('9 D: the list of runs', () => {
  it('has 50 by default, 1 to 100, newest first, of the own workspace only', async () => {
    const sandbox = await openSandbox();
    const ids: (string | undefined)[] = [];
    for (let i = 0; i < 101; i++) ids.unshift((await postRun(sandbox, { body: runBody(`text ${i}`) })).json.run_id);
    await postRun(sandbox, { apiKey: sandbox.semarizeKeys.otherWorkspace });
    const list = async (query: string) =>
      (await getSemarize(sandbox, `/v1/runs${query}`)).json.runs?.map((run) => run.run_id);
    expect(await list('')).toEqual(ids.slice(0, 50));
    expect(await list('?limit=1')).toEqual(ids.slice(0, 1));
    expect(await list('?limit=100')).toEqual(ids.slice(0, 100));
  });

  it('A: refuses a limit out of range, or bends it; the wrapper key can change or go', async () => {
    const sandbox = await openSandbox();
    const { run_id } = (await postRun(sandbox)).json;
    for (const limit of ['0', '101', '1.5', 'many'])
      expect((await getSemarize(sandbox, `/v1/runs?limit=${limit}`)).status).toBe(400);
    sandbox.settings.strictRunLimit = false;
    expect((await getSemarize(sandbox, '/v1/runs?limit=500')).status).toBe(200);
    sandbox.settings.runListKey = 'data';
    expect((await getSemarize(sandbox, '/v1/runs')).json).toMatchObject({ data: [{ run_id }] });
    sandbox.settings.runListKey = null;
    expect((await getSemarize(sandbox, '/v1/runs')).json).toMatchObject([{ run_id }]);
  });

  it('does not count as a poll', async () => {
    const sandbox = await openSandbox({ settings: { runEnds: { afterPolls: 1 } } });
    await postRun(sandbox);
    for (let i = 0; i < 3; i++) expect((await getSemarize(sandbox, '/v1/runs')).json.runs?.[0]?.status).toBe('queued');
  });
});

describe('10 A: an unknown run', () => {
  it('answers 404, and so does another workspace’s run', async () => {
    const sandbox = await openSandbox();
    const { run_id } = (await postRun(sandbox, { apiKey: sandbox.semarizeKeys.otherWorkspace })).json;
    for (const id of ['run_unknown', run_id]) {
      const reply = await getSemarize(sandbox, `/v1/runs/${id}`);
      expect([reply.status, reply.json]).toEqual([404, { error: 'run_not_found' }]);
    }
  });
});

describe('11 and 12 D: bricks', () => {
  it('have all four types of value, and are the same for the same call, kit and version', async () => {
    const sandbox = await openSandbox({ calls: [{ id: '1', started: noon - 5 * hour }], settings: ended });
    const input = { transcript: await textOfCall(sandbox, '1') };
    const results = [];
    for (let i = 0; i < 2; i++) {
      const { run_id } = (await postRun(sandbox, { body: { kit_code: kitA, input } })).json;
      results.push((await finishRun(sandbox, run_id)).json.output?.bricks);
    }
    expect(results[0]).toEqual(results[1]);
    const types = Object.values(results[0] ?? {}).map(({ value }) => (Array.isArray(value) ? 'list' : typeof value));
    expect(new Set(types)).toEqual(new Set(['number', 'boolean', 'string', 'list']));
    expect(Object.keys(results[0] ?? {})).toEqual(
      expect.arrayContaining([
        'overall_score',
        'risk_flag',
        'pain_point',
        'pain_is_specific',
        'next_step_confirmed',
        'competitors',
      ]),
    );
  });

  it('quote sentences of the transcript as evidence', async () => {
    const sandbox = await openSandbox({ calls: [{ id: '1', started: noon - 5 * hour }], settings: ended });
    const transcript = await textOfCall(sandbox, '1');
    const { run_id } = (await postRun(sandbox, { body: { kit_code: kitA, input: { transcript } } })).json;
    const { bricks = {} } = (await finishRun(sandbox, run_id)).json.output ?? {};
    const quotes = Object.values(bricks).flatMap(({ evidence }) => evidence as string[]);
    expect(quotes.length).toBeGreaterThan(0);
    for (const quote of quotes) expect(transcript).toContain(quote);
  });

  it('A: may be null, lack confidence, reason and evidence, or have evidence as a text; D: unknown fields stand at every level', async () => {
    const sandbox = await openSandbox({ world: createWorld({ calls: 60, oddities: 0.3 }), settings: ended });
    const found = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const { run_id } = (await postRun(sandbox, { body: runBody(`Ada (rep): text ${i}`) })).json;
      const { json } = await finishRun(sandbox, run_id);
      if (json.output === undefined) continue;
      if ('region' in json) found.add('field of the run');
      if ('schema_revision' in json.output) found.add('field of the output');
      for (const brick of Object.values(json.output.bricks)) {
        if (brick.value === null) found.add('null');
        if (brick.confidence === undefined) found.add('no confidence');
        if (brick.reason === undefined) found.add('no reason');
        if (brick.evidence === undefined) found.add('no evidence');
        if (typeof brick.evidence === 'string') found.add('text');
        if (Array.isArray(brick.evidence)) found.add('list');
        if ('calibration' in brick) found.add('field of a brick');
      }
    }
    expect(found).toEqual(
      new Set([
        'null',
        'no confidence',
        'no reason',
        'no evidence',
        'text',
        'list',
        'field of a brick',
        'field of the run',
        'field of the output',
      ]),
    );
  });

  it('take values given by hand for a call', async () => {
    const sandbox = await openSandbox({
      calls: [
        {
          id: '1',
          started: noon - 5 * hour,
          runs: { [kitA]: 72.123456789, [kitB]: { drift: { value: { deep: [1] } } } },
        },
      ],
      settings: ended,
    });
    const input = { transcript: await textOfCall(sandbox, '1') };
    const bricksOf = async (kit_code: string) => {
      const { run_id } = (await postRun(sandbox, { body: { kit_code, input } })).json;
      return (await finishRun(sandbox, run_id)).json.output?.bricks;
    };
    expect((await bricksOf(kitA))?.['overall_score']?.value).toBe(72.123456789);
    expect((await bricksOf(kitB))?.['drift']).toEqual({ value: { deep: [1] } });
  });
});

describe('13 A: answers that are no JSON, or none', () => {
  it.each([
    ['a 502 page', faultAnswers.html(502), 502, /^<!doctype html>/],
    ['an empty 503', faultAnswers.emptyBody(503), 503, /^$/],
    ['a 413', faultAnswers.status(413, 'payload_too_large'), 413, /payload_too_large/],
  ])('%s', async (_, action, status, text) => {
    const sandbox = await openSandbox();
    sandbox.faults.add({ on: 'POST /v1/runs', do: action });
    const reply = await postRun(sandbox);
    expect(reply.status).toBe(status);
    expect(reply.text).toMatch(text);
    expect(sandbox.ledger.distinctRuns).toBe(0);
  });
});

describe('14: a run that never ends', () => {
  it('stays running however long and often it is asked', async () => {
    const sandbox = await openSandbox({ settings: { runEnds: 'never' } });
    const { run_id } = (await postRun(sandbox)).json;
    for (let poll = 0; poll < 5; poll++) {
      sandbox.clock.advance(24 * hour);
      expect((await getSemarize(sandbox, `/v1/runs/${run_id}`)).json.status).toBe('running');
    }
  });
});

describe('15: two versions behind one code', () => {
  it('have different bricks; the newest runs unless one is pinned, or the settings move', async () => {
    const sandbox = await openSandbox({ settings: ended });
    const run = async (body: object) => {
      const { run_id } = (await postRun(sandbox, { body })).json;
      const { json } = await finishRun(sandbox, run_id);
      return [json.kit_version_id, 'champion_strength' in (json.output?.bricks ?? {})];
    };
    expect(await run(runBody('one'))).toEqual([newVersion, true]);
    expect(await run({ ...runBody('two'), kit_version_id: oldVersion })).toEqual([oldVersion, false]);
    sandbox.settings.currentVersions = { [kitA]: oldVersion ?? '' };
    expect(await run(runBody('three'))).toEqual([oldVersion, false]);
  });

  it('lets a version id win over a code, and can leave the version out of answers', async () => {
    const sandbox = await openSandbox({ settings: { ...ended, kitVersionInAnswer: false } });
    const { run_id } = (await postRun(sandbox, { body: { kit_code: kitB, kit_version_id: oldVersion, input: {} } }))
      .json;
    const { json } = await finishRun(sandbox, run_id);
    expect(json.output?.kit_code).toBe(kitA);
    expect(json).not.toHaveProperty('kit_version_id');
  });
});

describe('16: counters', () => {
  it('tell POSTs, runs, polls and the smallest gap between polls of a run', async () => {
    const sandbox = await openSandbox({ settings: { runEnds: 'never' } });
    const ids = [];
    for (const key of ['a', 'a', 'b']) ids.push((await postRun(sandbox, { key })).json.run_id);
    const poll = (id: string | undefined) => getSemarize(sandbox, `/v1/runs/${id}`);
    await poll(ids[0]);
    await poll(ids[2]);
    expect(sandbox.ledger.smallestPollGapMs).toBeUndefined();
    sandbox.clock.advance(1500);
    await poll(ids[0]);
    sandbox.clock.advance(700);
    await poll(ids[0]);
    const { ledger } = sandbox;
    expect([ledger.posts, ledger.distinctRuns, ledger.polls(), ledger.polls(ids[2])]).toEqual([3, 2, 4, 1]);
    expect(ledger.postsPerKey()).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    );
    expect(ledger.smallestPollGapMs).toBe(700);
  });

  it.each(['text', 'turns'] as const)(
    'tell the call of a run by the words of its transcript, sent as %s',
    async (form) => {
      const calls = [
        { id: '1', started: noon - 5 * hour },
        { id: '2', started: noon - 4 * hour },
      ];
      const sandbox = await openSandbox({ calls });
      await transcripts(sandbox);
      const transcript = await textOfCall(sandbox, '2', form);
      await postRun(sandbox, { key: 'k', body: { kit_code: kitA, input: { transcript } } });
      expect(sandbox.ledger.runsPer('2', kitA).map(({ key }) => key)).toEqual(['k']);
      expect([sandbox.ledger.runsPer('1', kitA), sandbox.ledger.runsPer('2', kitB)]).toEqual([[], []]);
    },
  );

  it('tell the call from its first part and from its corrected words as well', async () => {
    const sandbox = await openSandbox({
      calls: [{ id: '1', started: noon - hour, completeAt: noon + hour, textEditedAt: noon + 2 * hour }],
    });
    for (let version = 0; version < 3; version++) {
      const transcript = await textOfCall(sandbox, '1');
      await postRun(sandbox, { body: { kit_code: kitA, input: { transcript } } });
      sandbox.clock.advance(hour);
    }
    expect(new Set(sandbox.ledger.runsPer('1', kitA).map(({ textHash }) => textHash)).size).toBe(3);
  });
});

describe('kit schemas and the test endpoint', () => {
  it('show the bricks of a kit by code, id or version, and make no run', async () => {
    const sandbox = await openSandbox();
    const schema = async (query: string) => getSemarize(sandbox, `/v1/kits/schema?${query}`);
    for (const query of [`kit_code=${kitA}`, 'kit_id=kit_meddicc', `kit_version_id=${newVersion}`])
      expect((await schema(query)).json).toMatchObject({ kit_code: kitA, kit_version_id: newVersion });
    expect((await schema('')).json.error).toBe('kit_code_or_kit_version_id_required');
    expect((await schema('kit_code=ZZZZZZZZ')).json.error).toBe('kit_not_found');
    const test = await ask(sandbox, '/v1/test', {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.semarizeApiKey}` },
      body: JSON.stringify(runBody()),
    });
    expect(test.json.bricks).toHaveProperty('overall_score');
    expect(sandbox.ledger.distinctRuns).toBe(0);
  });
});
