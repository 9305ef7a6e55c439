// The sandbox's Gong, point by point of what a fake of it must do.
import { describe, expect, it } from 'vitest';
import {
  ask,
  basic,
  extensive,
  getGong,
  hour,
  idsOf,
  minute,
  noon,
  openSandbox,
  postGong,
  transcriptIdsOf,
  transcripts,
} from './open-sandbox.ts';

const iso = (ms: number) => new Date(ms).toISOString();
const noCalls = 'No calls found corresponding to the provided filters';

describe('1: access', () => {
  it('answers a missing or wrong key with 401, WWW-Authenticate and a body with blanks before the colons', async () => {
    const sandbox = await openSandbox();
    const none = await ask(sandbox, '/v2/users');
    const wrong = await ask(sandbox, '/v2/users', { headers: { authorization: 'Basic d3Jvbmc6a2V5' } });
    expect([none.status, wrong.status]).toEqual([401, 401]);
    expect(wrong.headers.get('www-authenticate')).toBe('Basic realm="Gong.io API"');
    expect(wrong.json.errors).toEqual(['Validate credentials failed. Please check your credentials and try again.']);
    expect(wrong.text).toContain('"requestId" : "');
  });

  it('answers a missing scope with 401 and names it', async () => {
    const sandbox = await openSandbox({ settings: { scopes: ['api:calls:read:extensive'] } });
    expect((await extensive(sandbox)).status).toBe(200);
    const refused = await transcripts(sandbox);
    expect(refused.status).toBe(401);
    expect(refused.json.errors).toEqual(["You don't have permission to use 'api:calls:read:transcript' in your app."]);
    const media = await extensive(sandbox, { filter: {}, contentSelector: { exposedFields: { media: true } } });
    expect(media.json.errors?.[0]).toContain('api:calls:read:media-url');
  });

  it('refuses an address with 403, and the right key on the wrong host with 401', async () => {
    const sandbox = await openSandbox();
    sandbox.settings.ipRefused = true;
    expect((await extensive(sandbox)).status).toBe(403);
    sandbox.settings.wrongHost = true;
    expect((await extensive(sandbox)).status).toBe(401);
  });

  it('shows a key without call visibility what an empty account shows', async () => {
    const sandbox = await openSandbox({ settings: { blindKey: true } });
    const reply = await extensive(sandbox);
    expect(reply.status).toBe(404);
    expect(reply.json.errors).toEqual([noCalls]);
    expect((await getGong(sandbox, '/v2/users')).status).toBe(200);
  });

  it('keeps unknown paths, wrong methods and wrong media types apart', async () => {
    const sandbox = await openSandbox();
    const unknown = await getGong(sandbox, '/v2/nothing');
    expect(unknown.status).toBe(404);
    expect(unknown.json.errors?.[0]).not.toMatch(/corresponding to the provided filters/);
    expect((await ask(sandbox, '/v2/nothing')).status).toBe(401);
    const put = await ask(sandbox, '/v2/users', { method: 'PUT', headers: { authorization: basic(sandbox) } });
    expect([put.status, put.json.errors]).toEqual([405, ['Method Not Allowed']]);
    const plain = await ask(sandbox, '/v2/calls/extensive', {
      method: 'POST',
      headers: { authorization: basic(sandbox), 'content-type': 'text/plain' },
      body: '{"filter":{}}',
    });
    expect([plain.status, plain.json.errors]).toEqual([415, ['Unsupported Media Type']]);
  });
});

describe('2: which time is filtered', () => {
  const calls = [
    { id: '1', started: '2026-11-18T00:10:00Z', scheduled: '2026-11-17T23:50:00Z', direction: 'Conference' as const },
    { id: '2', started: '2026-11-18T00:10:00Z', scheduled: '2026-11-17T23:50:00Z', direction: 'Outbound' as const },
  ];

  it('filters conferences by their planned time on GET /v2/calls, everything by its start elsewhere', async () => {
    const sandbox = await openSandbox({ calls });
    const before = 'fromDateTime=2026-11-17T00:00:00Z&toDateTime=2026-11-18T00:00:00Z';
    const listed = await getGong(sandbox, `/v2/calls?${before}`);
    expect(idsOf(listed)).toEqual(['1']);
    const upToIt = await getGong(sandbox, '/v2/calls?toDateTime=2026-11-17T23:50:00Z');
    expect(upToIt.status).toBe(404);
    const filter = { fromDateTime: '2026-11-18T00:00:00Z', toDateTime: '2026-11-19T00:00:00Z' };
    expect(idsOf(await extensive(sandbox, { filter }))).toEqual(['1', '2']);
    expect(transcriptIdsOf(await transcripts(sandbox, { filter }))).toEqual(['1', '2']);
  });

  it('includes fromDateTime and excludes toDateTime, to the millisecond and in any offset', async () => {
    const at = noon - 5 * hour;
    const sandbox = await openSandbox({
      calls: [
        { id: '1', started: at },
        { id: '2', started: at + 1 },
      ],
    });
    const ask2 = (from: string, to: string) => extensive(sandbox, { filter: { fromDateTime: from, toDateTime: to } });
    expect(idsOf(await ask2(iso(at), iso(at + 1)))).toEqual(['1']);
    expect(idsOf(await ask2(iso(at + 1), iso(at + 2)))).toEqual(['2']);
    expect(idsOf(await ask2('2026-11-18T09:00:00+02:00', '2026-11-18T00:00:00.001-07:00'))).toEqual(['1']);
  });

  it('refuses reversed dates and dates without an offset', async () => {
    const sandbox = await openSandbox();
    const reversed = await extensive(sandbox, { filter: { fromDateTime: iso(noon), toDateTime: iso(noon) } });
    expect([reversed.status, reversed.json.errors?.[0]]).toEqual([
      400,
      'filter.fromDateTime: must be before toDateTime',
    ]);
    expect((await extensive(sandbox, { filter: { fromDateTime: '2026-11-18T00:00:00' } })).status).toBe(400);
    expect((await extensive(sandbox, {})).status).toBe(400);
  });

  it('meets all of dates, ids, workspace and host, where several are asked', async () => {
    const sandbox = await openSandbox({
      calls: [
        { id: '1', started: noon - 9 * hour, workspaceId: 'w1' },
        { id: '2', started: noon - 5 * hour, workspaceId: 'w1' },
        { id: '3', started: noon - 5 * hour, workspaceId: 'w2', host: 4 },
      ],
    });
    const fromDateTime = iso(noon - 6 * hour);
    expect(idsOf(await extensive(sandbox, { filter: { fromDateTime, callIds: ['1', '2'] } }))).toEqual(['2']);
    expect(idsOf(await extensive(sandbox, { filter: { fromDateTime, workspaceId: 'w1' } }))).toEqual(['2']);
    const host = sandbox.world.users[4]?.id;
    expect(idsOf(await extensive(sandbox, { filter: { primaryUserIds: [host] } }))).toEqual(['3']);
  });
});

describe('3: pages and cursors', () => {
  const calls = Array.from({ length: 5 }, (_, i) => ({ id: `${i}`, started: noon - (9 - i) * hour }));

  it('numbers pages from 0 and leaves the cursor out on the last one', async () => {
    const sandbox = await openSandbox({ calls, settings: { pageSize: 2 } });
    const seen: string[] = [];
    const records: unknown[] = [];
    let cursor: string | undefined;
    do {
      const reply = await extensive(sandbox, { filter: {}, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...idsOf(reply));
      cursor = reply.json.records?.cursor;
      records.push({ ...reply.json.records, cursor: cursor === undefined ? 'none' : 'some' });
    } while (cursor !== undefined);
    expect(seen).toEqual(['0', '1', '2', '3', '4']);
    expect(records).toEqual([
      { totalRecords: 5, currentPageSize: 2, currentPageNumber: 0, cursor: 'some' },
      { totalRecords: 5, currentPageSize: 2, currentPageNumber: 1, cursor: 'some' },
      { totalRecords: 5, currentPageSize: 1, currentPageNumber: 2, cursor: 'none' },
    ]);
    const whole = await extensive(await openSandbox({ calls: calls.slice(0, 4), settings: { pageSize: 2 } }));
    expect(whole.json.records).toHaveProperty('cursor');
  });

  it('has pages of 100 by default, and no cursor key at exactly 100', async () => {
    const hundred = Array.from({ length: 101 }, (_, i) => ({ started: noon - 9 * hour + i * 1000 }));
    const more = await extensive(await openSandbox({ calls: hundred }));
    expect([more.json.calls?.length, typeof more.json.records?.cursor]).toEqual([100, 'string']);
    const exact = await extensive(await openSandbox({ calls: hundred.slice(1) }));
    expect([exact.json.calls?.length, exact.json.records]).toEqual([
      100,
      { totalRecords: 100, currentPageSize: 100, currentPageNumber: 0 },
    ]);
  });

  it('lets a cursor expire an hour after the first page of its sequence, not after its own', async () => {
    const sandbox = await openSandbox({ calls, settings: { pageSize: 2 } });
    const first = await extensive(sandbox);
    sandbox.clock.advance(50 * minute);
    const second = await extensive(sandbox, { filter: {}, cursor: first.json.records?.cursor });
    expect(second.status).toBe(200);
    sandbox.clock.advance(10 * minute);
    const third = await extensive(sandbox, { filter: {}, cursor: second.json.records?.cursor });
    expect(third.status).toBe(400);
    expect(third.json.errors?.[0]).toMatch(/cursor has expired/i);
  });

  it('refuses a forged cursor', async () => {
    const sandbox = await openSandbox({ calls, settings: { pageSize: 2 } });
    const cursor = (await extensive(sandbox)).json.records?.cursor ?? '';
    const [head, payload, signature] = cursor.split('.');
    const content = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as Record<string, unknown>;
    const forged = Buffer.from(JSON.stringify({ ...content, pageNumber: 0 })).toString('base64url');
    const reply = await extensive(sandbox, { filter: {}, cursor: `${head}.${forged}.${signature}` });
    expect([reply.status, reply.json.errors]).toEqual([400, ['Invalid cursor.']]);
  });

  it('pages by position, so that a call which appears in front shifts the rest', async () => {
    const late = { id: 'late', started: noon - 12 * hour, visibleAt: noon + minute };
    const sandbox = await openSandbox({ calls: [...calls, late], settings: { pageSize: 2 } });
    const first = await extensive(sandbox);
    sandbox.clock.advance(minute);
    const second = await extensive(sandbox, { filter: {}, cursor: first.json.records?.cursor });
    expect([idsOf(first), idsOf(second)]).toEqual([
      ['0', '1'],
      ['1', '2'],
    ]);
  });
});

describe('4: what is ignored and what is bound to a cursor', () => {
  const calls = Array.from({ length: 3 }, (_, i) => ({ id: `${i}`, started: noon - (9 - i) * hour }));

  it('ignores query parameters on POST', async () => {
    const sandbox = await openSandbox({ calls, settings: { pageSize: 2 } });
    const cursor = (await extensive(sandbox)).json.records?.cursor ?? '';
    const reply = await postGong(sandbox, `/v2/calls/extensive?cursor=${cursor}&fromDateTime=${iso(noon)}`, {
      filter: {},
    });
    expect(idsOf(reply)).toEqual(['0', '1']);
  });

  it('refuses a cursor with a changed filter or on another endpoint', async () => {
    const sandbox = await openSandbox({ calls, settings: { pageSize: 2 } });
    const cursor = (await extensive(sandbox)).json.records?.cursor;
    const changed = await extensive(sandbox, { filter: { fromDateTime: iso(noon - 9 * hour) }, cursor });
    expect(changed.status).toBe(400);
    expect(changed.json.errors?.[0]).not.toMatch(/expired/);
    expect((await transcripts(sandbox, { filter: {}, cursor })).status).toBe(400);
  });
});

describe('5: nothing found', () => {
  it('answers an empty filtered list with the exact 404 on all three call lists', async () => {
    const sandbox = await openSandbox();
    const filter = { fromDateTime: '2020-01-01T00:00:00Z', toDateTime: '2020-01-02T00:00:00Z' };
    const replies = [
      await extensive(sandbox, { filter }),
      await transcripts(sandbox, { filter }),
      await getGong(sandbox, `/v2/calls?${new URLSearchParams(filter)}`),
      await extensive(sandbox, { filter: { callIds: ['404'] } }),
    ];
    expect(replies.map((reply) => [reply.status, reply.json.errors])).toEqual(replies.map(() => [404, [noCalls]]));
  });

  it('answers an unknown call by its id, and a known one with its metaData', async () => {
    const sandbox = await openSandbox({
      calls: [
        { id: '7', started: noon - 5 * hour },
        { id: '8', started: noon - hour, visibleAt: noon + hour },
      ],
    });
    const unknown = await getGong(sandbox, '/v2/calls/8');
    expect([unknown.status, unknown.json.errors]).toEqual([404, ['Call ID 8 was not found']]);
    expect((await getGong(sandbox, '/v2/calls/7')).json.call).toMatchObject({ id: '7', isPrivate: false });
  });

  it('lists users in pages and workspaces whole, with 200', async () => {
    const sandbox = await openSandbox({ settings: { pageSize: 4 } });
    const first = await getGong(sandbox, '/v2/users?limit=1');
    expect(first.json.users).toHaveLength(4);
    expect(first.json.users?.[0]).toMatchObject({ active: true, managerId: null, phoneNumber: null });
    const next = await getGong(sandbox, `/v2/users?limit=1&cursor=${first.json.records?.cursor}`);
    expect(next.json.records?.currentPageNumber).toBe(1);
    const { workspaces } = (await getGong(sandbox, '/v2/workspaces')).json;
    expect(workspaces?.map(({ name }) => name)).toContain('Initial workspace');
  });

  it('answers an unfiltered empty list with 200', async () => {
    const sandbox = await openSandbox();
    const world = { ...sandbox.world, users: [] };
    const empty = await openSandbox({ world });
    const reply = await getGong(empty, '/v2/users');
    expect([reply.status, reply.json.users]).toEqual([200, []]);
  });
});

describe('6: lists of ids', () => {
  it('refuses an empty list, and takes more than 100 ids unless strict', async () => {
    const sandbox = await openSandbox();
    expect((await extensive(sandbox, { filter: { callIds: [] } })).status).toBe(400);
    expect((await transcripts(sandbox, { filter: { callIds: [] } })).status).toBe(400);
    const callIds = [...Array.from({ length: 100 }, (_, i) => `${i}`), sandbox.world.calls[0]?.id];
    expect(idsOf(await extensive(sandbox, { filter: { callIds } }))).toHaveLength(1);
    sandbox.settings.strictCallIds = true;
    expect((await extensive(sandbox, { filter: { callIds } })).status).toBe(400);
    expect((await extensive(sandbox, { filter: { callIds: callIds.slice(1) } })).status).toBe(200);
  });

  it('refuses ids that are numbers', async () => {
    const sandbox = await openSandbox();
    expect((await extensive(sandbox, { filter: { callIds: [7782342274025937] } })).status).toBe(400);
  });
});

describe('7: content selector', () => {
  const deals = [
    { id: '006A', stageAtCall: 'Qualification', stageNow: 'Negotiation/Review', stageChangesAt: noon - hour },
  ];
  const calls = [{ id: '1', started: noon - 5 * hour, deals }];

  it('returns metaData alone without a selector', async () => {
    const reply = await extensive(await openSandbox({ calls }));
    expect(Object.keys(reply.json.calls?.[0] ?? {})).toEqual(['metaData']);
    expect(reply.json.calls?.[0]?.metaData).toMatchObject({
      id: '1',
      purpose: null,
      customData: null,
      clientUniqueId: null,
    });
  });

  it('returns each object once per asked timing, with the stage of then and of now', async () => {
    const contentSelector = { context: 'Extended', contextTiming: ['Now', 'TimeOfCall'] };
    const reply = await extensive(await openSandbox({ calls }), { filter: {}, contentSelector });
    const objects = reply.json.calls?.[0]?.context?.[0]?.objects ?? [];
    const stages = objects
      .filter(({ objectType }) => objectType === 'Opportunity')
      .map(({ timing, fields }) => [timing, fields.find(({ name }) => name === 'StageName')?.value]);
    expect(stages).toEqual([
      ['Now', 'Negotiation/Review'],
      ['TimeOfCall', 'Qualification'],
    ]);
    expect(objects.filter(({ objectType }) => objectType === 'Account')).toHaveLength(2);
  });

  it('returns objects without fields for Basic, and allows timings only with Extended', async () => {
    const sandbox = await openSandbox({ calls });
    const basicOnly = await extensive(sandbox, { filter: {}, contentSelector: { context: 'Basic' } });
    const [opportunity] = basicOnly.json.calls?.[0]?.context?.[0]?.objects ?? [];
    expect(opportunity).toEqual({ objectType: 'Opportunity', objectId: '006A', fields: [] });
    const wrong = { context: 'Basic', contextTiming: ['Now'] };
    expect((await extensive(sandbox, { filter: {}, contentSelector: wrong })).status).toBe(400);
  });

  it('writes context [] without a CRM link and collaboration {} without comments', async () => {
    const sandbox = await openSandbox();
    const contentSelector = {
      context: 'Extended',
      exposedFields: {
        parties: true,
        collaboration: { publicComments: true },
        content: { brief: true, pointsOfInterest: true },
      },
    };
    const [call] = (await extensive(sandbox, { filter: {}, contentSelector })).json.calls ?? [];
    expect(call).toMatchObject({ context: [], collaboration: {} });
    expect(Object.keys(call?.content ?? {})).toEqual(['brief']);
    expect(call).not.toHaveProperty('interaction');
    expect(call?.parties?.[0]).toMatchObject({ affiliation: 'Internal' });
  });
});

describe('8: life cycle', () => {
  it('counts a call that is still processed, then lists it, then has its transcript, then Gong’s own content', async () => {
    const started = noon - 2 * hour;
    const sandbox = await openSandbox({
      calls: [
        { id: 'old', started: noon - 9 * hour },
        {
          id: 'new',
          started,
          durationS: 3600,
          visibleAt: noon + 18 * hour,
          transcriptAt: noon + 20 * hour,
          contentAt: noon + 21 * hour,
        },
        { id: 'future', started: noon + 300 * hour },
      ],
    });
    const contentSelector = { exposedFields: { content: { brief: true } } };
    const look = async () => {
      const listed = await extensive(sandbox, { filter: {}, contentSelector });
      const told = await transcripts(sandbox, { filter: { callIds: ['new'] } });
      const call = listed.json.calls?.find(({ metaData }) => metaData.id === 'new');
      return [listed.json.records?.totalRecords, call !== undefined, told.status, call?.content !== undefined];
    };
    expect(await look()).toEqual([2, false, 404, false]);
    sandbox.clock.set(noon + 18 * hour);
    expect(await look()).toEqual([2, true, 404, false]);
    sandbox.clock.set(noon + 20 * hour);
    expect(await look()).toEqual([2, true, 200, false]);
    sandbox.clock.set(noon + 21 * hour);
    expect(await look()).toEqual([2, true, 200, true]);
  });

  it('shows the first part of a transcript while Gong works, and corrected words later', async () => {
    const sandbox = await openSandbox({
      calls: [{ id: '1', started: noon - hour, completeAt: noon + hour, textEditedAt: noon + 2 * hour }],
    });
    const words = async () =>
      ((await transcripts(sandbox)).json.callTranscripts?.[0]?.transcript ?? [])
        .flatMap(({ sentences }) => sentences)
        .map(({ text }) => text);
    const partial = await words();
    sandbox.clock.advance(hour);
    const complete = await words();
    sandbox.clock.advance(hour);
    const edited = await words();
    expect(partial.length).toBeLessThan(complete.length);
    expect(complete.slice(0, partial.length)).toEqual(partial);
    expect(edited).not.toEqual(complete);
    expect(edited.slice(1)).toEqual(complete.slice(1));
  });

  it('edits, turns private and erases', async () => {
    const sandbox = await openSandbox({
      calls: [
        { id: '0', started: noon - 5 * hour },
        {
          id: '1',
          started: noon - 5 * hour,
          editedAt: noon + hour,
          private: noon + 2 * hour,
          erasedAt: noon + 3 * hour,
        },
      ],
    });
    const look = async () =>
      (await extensive(sandbox)).json.calls?.find(({ metaData }) => metaData.id === '1')?.metaData;
    const before = await look();
    sandbox.clock.advance(hour);
    const edited = await look();
    expect(edited?.title).not.toBe(before?.title);
    expect(edited?.isPrivate).toBe(false);
    sandbox.clock.advance(hour);
    expect((await look())?.isPrivate).toBe(true);
    sandbox.clock.advance(hour);
    expect(await look()).toBeUndefined();
    expect((await transcripts(sandbox, { filter: { callIds: ['1'] } })).status).toBe(404);
    expect((await getGong(sandbox, '/v2/calls/1')).status).toBe(404);
  });

  it('serves the transcripts of private calls or not', async () => {
    const sandbox = await openSandbox({ calls: [{ id: '1', started: noon - 5 * hour, private: true }] });
    expect(transcriptIdsOf(await transcripts(sandbox))).toEqual(['1']);
    sandbox.settings.transcriptsOfPrivateCalls = false;
    expect((await transcripts(sandbox)).status).toBe(404);
  });

  it('can show a transcript before the call itself', async () => {
    const calls = [{ id: '1', started: noon - 5 * hour, visibleAt: noon + hour, transcriptAt: noon - hour }];
    const sandbox = await openSandbox({ calls });
    expect((await transcripts(sandbox)).status).toBe(404);
    sandbox.settings.transcriptBeforeCall = true;
    expect(transcriptIdsOf(await transcripts(sandbox))).toEqual(['1']);
    expect((await extensive(sandbox)).status).toBe(404);
  });
});

describe('9: odd but right data', () => {
  it('leaves out the transcripts that are not there', async () => {
    const sandbox = await openSandbox({
      calls: [
        { id: '1', started: noon - 5 * hour },
        { id: '2', started: noon - 5 * hour, transcriptAt: null },
        { id: '3', started: noon - 5 * hour, transcript: [] },
      ],
    });
    const reply = await transcripts(sandbox, { filter: { callIds: ['1', '2', '3', 'unknown'] } });
    expect(transcriptIdsOf(reply)).toEqual(['1', '3']);
    expect(reply.json.callTranscripts?.[1]?.transcript).toEqual([]);
  });

  it('writes times with the host’s offset, and microseconds only where there are some', async () => {
    const started = '2026-11-18T06:00:00.041Z';
    const sandbox = await openSandbox({
      calls: [
        { started: '2026-11-18T05:00:00Z', utcOffsetMinutes: -420 },
        { started, micros: 977 },
        { started: '2026-11-18T07:00:00.500Z', utcOffsetMinutes: 330 },
      ],
    });
    const reply = await extensive(sandbox);
    expect(reply.json.calls?.map(({ metaData }) => metaData.started)).toEqual([
      '2026-11-17T22:00:00-07:00',
      '2026-11-18T08:00:00.041977+02:00',
      '2026-11-18T12:30:00.500+05:30',
    ]);
  });

  it('takes parties, null speakers and null topics as given, and leaves parties out where there are none', async () => {
    const monologue = { speakerId: null, topic: null, sentences: [{ start: 0, end: 900, text: 'Hello.' }] };
    const party = {
      id: '18446744073709551001',
      speakerId: null,
      affiliation: 'Unknown' as const,
      methods: ['Invitee'],
    };
    const sandbox = await openSandbox({
      calls: [
        { id: '1', started: noon - 5 * hour, transcript: [monologue], parties: [party] },
        { id: '2', started: noon - 5 * hour, parties: null },
      ],
    });
    const contentSelector = { exposedFields: { parties: true } };
    const reply = await extensive(sandbox, { filter: {}, contentSelector });
    expect(reply.json.calls?.[0]?.parties).toEqual([{ ...party, context: [] }]);
    expect(reply.json.calls?.[1]).not.toHaveProperty('parties');
    expect((await transcripts(sandbox)).json.callTranscripts?.[0]?.transcript).toEqual([monologue]);
  });
});

describe('10: limits and faults', () => {
  it('allows three requests a second and asks for one second of patience', async () => {
    const sandbox = await openSandbox({ settings: { gongRequestsPerSecond: 3 } });
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await extensive(sandbox)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await extensive(sandbox)).headers.get('retry-after')).toBe('1');
    sandbox.clock.advance(1000);
    expect((await extensive(sandbox)).status).toBe(200);
  });

  it('counts a day, asks for hours of patience, and is good again after them', async () => {
    const sandbox = await openSandbox({ settings: { gongRequestsPerDay: 2 } });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await extensive(sandbox)).status);
    expect(statuses).toEqual([200, 200, 429]);
    sandbox.clock.advance(3000);
    expect((await extensive(sandbox)).headers.get('retry-after')).toBe('17997');
    sandbox.clock.advance(17_997_000);
    expect((await extensive(sandbox)).status).toBe(200);
  });

  it('counts no refused key against the limits', async () => {
    const sandbox = await openSandbox({ settings: { gongRequestsPerSecond: 1 } });
    for (let i = 0; i < 3; i++) expect((await ask(sandbox, '/v2/users')).status).toBe(401);
    expect((await extensive(sandbox)).status).toBe(200);
  });

  it('tells the time by its own clock, none, or another one', async () => {
    const sandbox = await openSandbox();
    expect((await extensive(sandbox)).headers.get('date')).toBe('Wed, 18 Nov 2026 12:00:00 GMT');
    sandbox.settings.dateHeader = 10 * minute;
    expect((await extensive(sandbox)).headers.get('date')).toBe('Wed, 18 Nov 2026 12:10:00 GMT');
    sandbox.settings.dateHeader = 'none';
    expect((await extensive(sandbox)).headers.get('date')).toBeNull();
  });
});

describe('11: media links', () => {
  it('differ on every read', async () => {
    const sandbox = await openSandbox();
    const contentSelector = { exposedFields: { media: true } };
    const read = async () => (await extensive(sandbox, { filter: {}, contentSelector })).json.calls?.[0]?.media;
    const [first, second] = [await read(), await read()];
    expect(first?.audioUrl).toContain('X-Amz-Expires=28799');
    expect(first).not.toEqual(second);
  });
});

describe('12: order', () => {
  const calls = Array.from({ length: 12 }, (_, i) => ({ id: `${i}`, started: noon - (40 - i) * hour }));

  it('is by start, and in the other mode neither that nor different from page to page', async () => {
    const sandbox = await openSandbox({ calls: calls.toReversed(), settings: { pageSize: 5 } });
    const readAll = async () => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const reply = await extensive(sandbox, { filter: {}, ...(cursor === undefined ? {} : { cursor }) });
        ids.push(...idsOf(reply));
        cursor = reply.json.records?.cursor;
      } while (cursor !== undefined);
      return ids;
    };
    const ids = calls.map(({ id }) => id);
    expect(await readAll()).toEqual(ids);
    sandbox.settings.order = 'shuffled';
    const shuffled = await readAll();
    expect(shuffled).not.toEqual(ids);
    expect(shuffled.toSorted()).toEqual(ids.toSorted());
  });

  it('keeps two calls that start at the same instant, across a page edge', async () => {
    const twins = [
      { id: 'a', started: noon - 5 * hour },
      { id: 'b', started: noon - 5 * hour },
    ];
    const sandbox = await openSandbox({ calls: twins, settings: { pageSize: 1 } });
    const first = await extensive(sandbox);
    const second = await extensive(sandbox, { filter: {}, cursor: first.json.records?.cursor });
    expect([...idsOf(first), ...idsOf(second)]).toEqual(['a', 'b']);
  });
});

it('puts the request id of the body into x-traceid too', async () => {
  const reply = await extensive(await openSandbox());
  expect(reply.json.requestId).toBe(reply.headers.get('x-traceid'));
  expect(reply.headers.get('content-type')).toBe('application/json;charset=UTF-8');
});
