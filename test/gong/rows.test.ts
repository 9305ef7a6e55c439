import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { isJsonObject } from '../../src/core/json.ts';
import { callRowSchema, transcriptRowSchema } from '../../src/gong/row-schemas.ts';
import { needsUsers, toCallRow, toTranscriptRow, toWithheldTranscriptRow } from '../../src/gong/rows.ts';
import { callSchema, callsAnswerSchema, type GongCall, transcriptSchema } from '../../src/gong/schemas.ts';

const id = '18446744073709551615';
const readAt = Date.parse('2026-03-02T08:00:00Z');
const context = { readAt, users: new Map() };
const available = { status: 'available', reason: null } as const;

/** As Gong writes it, with every block that we ask for. */
const metaData: JsonObject = {
  id,
  url: 'https://us-1.app.gong.io/call?id=1',
  title: 'Demo',
  scheduled: '2026-03-01T10:00:00+02:00',
  started: '2026-03-01T10:02:03.123456+02:00',
  duration: 1790.74,
  primaryUserId: '234',
  direction: 'Conference',
  system: 'Zoom',
  scope: 'External',
  media: 'Video',
  language: 'eng',
  workspaceId: '623',
  purpose: null,
  isPrivate: false,
  customData: null,
};
const sample: JsonObject = {
  metaData,
  context: [
    {
      system: 'Salesforce',
      objects: [
        {
          objectType: 'Opportunity',
          objectId: '006',
          timing: 'TimeOfCall',
          fields: [
            { name: 'StageName', value: 'Discovery' },
            { name: 'Amount', value: '85000.00' },
          ],
        },
        {
          objectType: 'Opportunity',
          objectId: '006',
          timing: 'Now',
          fields: [
            { name: 'StageName', value: 'Closed Won' },
            { name: 'Amount', value: 90000 },
            { name: 'IsClosed', value: 'true' },
          ],
        },
        { objectType: 'Account', objectId: '001', timing: 'Now', fields: [{ name: 'Name', value: 'Acme' }] },
      ],
    },
  ],
  parties: [
    { id: 'p1', speakerId: 's1', userId: '234', name: 'Ann', emailAddress: 'ann@x.example', affiliation: 'Internal' },
    { id: 'p2', speakerId: null, affiliation: 'External', methods: ['Invitee'], context: [] },
  ],
  media: { audioUrl: 'https://media.example/1?X-Amz-Signature=1' },
};

const callOf = (json: JsonValue): GongCall => callSchema.parse(json);
const withMeta = (changes: JsonObject) => callOf({ ...sample, metaData: { ...metaData, ...changes } });

describe('a call', () => {
  test('becomes a row: times in UTC, words in lower case, unset as null, the deal then and now', () => {
    const row = toCallRow(callOf(sample), available, context);
    expect(row).toMatchObject({
      call_id: id,
      started_at: '2026-03-01T08:02:03.123Z',
      scheduled_at: '2026-03-01T08:00:00.000Z',
      duration_s: 1791,
      direction: 'conference',
      scope: 'external',
      recording: 'video',
      purpose: null,
      owner_user_id: '234',
      owner_name: 'Ann',
      owner_email: 'ann@x.example',
      account_name: 'Acme',
      opportunity_id: '006',
      opportunity_count: 1,
      stage_at_call: 'Discovery',
      stage_now: 'Closed Won',
      amount_at_call: 85000,
      amount_now: 90000,
      is_closed_now: true,
      closed_seen_at: '2026-03-02T08:00:00.000Z',
      extracted_at: '2026-03-02T08:00:00.000Z',
    });
    expect(row.parties.map(({ role, name, speaker_id }) => [role, name, speaker_id])).toEqual([
      ['rep', 'Ann', 's1'],
      ['prospect', null, null],
    ]);
    expect(callRowSchema.parse(row)).toEqual(row);
  });

  test('keeps the whole answer in raw, fields of tomorrow included, but no link to media', () => {
    const row = toCallRow(callOf({ ...sample, novelty: { a: [1, null] } }), available, context);
    const { media: _, ...rest } = sample;
    expect(row.raw).toEqual({ ...rest, novelty: { a: [1, null] } });
    expect(JSON.stringify(row)).not.toContain('X-Amz');
  });

  test('has the same hash whatever the order of keys and the signature of its media, another for any other change', () => {
    const hash = (json: JsonObject) => toCallRow(callOf(json), available, context).content_hash;
    const { media: _, ...rest } = sample;
    expect(hash({ media: { audioUrl: 'https://media.example/1?X-Amz-Signature=2' }, ...rest })).toBe(hash(sample));
    expect(hash({ ...sample, novelty: true })).not.toBe(hash(sample));
    expect(hash({ ...sample, parties: [] })).not.toBe(hash(sample));
  });

  test('takes its owner from the parties, else from the users, else from nowhere', () => {
    const users = new Map([['234', { id: '234', firstName: 'Ann', lastName: 'Lee', emailAddress: 'a@x.example' }]]);
    const alone = callOf({ ...sample, parties: null });
    expect(needsUsers(callOf(sample))).toBe(false);
    expect(needsUsers(alone)).toBe(true);
    expect(toCallRow(alone, available, { readAt, users })).toMatchObject({
      owner_name: 'Ann Lee',
      owner_email: 'a@x.example',
    });
    expect(toCallRow(alone, available, context)).toMatchObject({
      owner_user_id: '234',
      owner_name: null,
      owner_email: null,
    });
    expect(needsUsers(withMeta({ primaryUserId: null }))).toBe(false);
  });

  test.each([
    ['a start that is no time', { started: 'soon' }, { started_at: null }],
    ['no duration', { duration: null }, { duration_s: null }],
    ['privacy that is not said', { isPrivate: null }, { is_private: null }],
    ['an empty title', { title: '' }, { title: null }],
  ])('with %s has a row with null in its place', (_, changes, expected) => {
    expect(toCallRow(withMeta(changes), available, context)).toMatchObject(expected);
  });
});

describe('a transcript', () => {
  const spoken = transcriptSchema.parse({
    callId: id,
    transcript: [{ speakerId: 's1', topic: null, sentences: [{ start: 0, end: 500, text: 'Hello.' }] }],
  });

  test('becomes a row of its call', () => {
    const row = toTranscriptRow(callOf(sample), spoken, context);
    expect(row).toMatchObject({ call_id: id, started_at: '2026-03-01T08:02:03.123Z', text: 'Ann (rep): Hello.' });
    expect(transcriptRowSchema.parse(row)).toEqual(row);
  });

  test('of any form has valid rows or none, and never more sentences than were spoken', () => {
    const sentence = fc.record(
      { start: fc.oneof(fc.double(), fc.jsonValue()), end: fc.double(), text: fc.oneof(fc.string(), fc.jsonValue()) },
      { requiredKeys: [] },
    );
    const monologue = fc.record(
      { speakerId: fc.oneof(fc.constantFrom('s1', null, ''), fc.jsonValue()), sentences: fc.array(sentence) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(monologue), (transcript) => {
        const row = toTranscriptRow(callOf(sample), transcriptSchema.parse({ callId: id, transcript }), context);
        const said = transcript.flatMap(({ sentences = [] }) => sentences).map(({ text }) => text);
        const words = said.filter((text) => typeof text === 'string' && text.trim() !== '');
        expect(row?.sentences.length ?? 0).toBe(words.length);
        if (row !== undefined) expect(transcriptRowSchema.safeParse(row).error?.issues ?? []).toEqual([]);
      }),
    );
  });

  test('that is withheld is a row without a word', () => {
    const row = toWithheldTranscriptRow(callOf(sample), context);
    expect(row).toMatchObject({ call_id: id, text: null, sentences: [], n_chars: null });
    expect(transcriptRowSchema.parse(row)).toEqual(row);
  });
});

describe('G24 G25 whatever drifts', () => {
  /** Every place in a value, as the keys that lead there. */
  function pathsIn(value: JsonValue, path: string[] = []): string[][] {
    const children = Array.isArray(value) ? [...value.entries()] : isJsonObject(value) ? Object.entries(value) : [];
    return [
      ...(path.length === 0 ? [] : [path]),
      ...children.flatMap(([key, child]) => pathsIn(child, [...path, String(key)])),
    ];
  }

  function replaceAt(value: JsonValue, [key = '', ...rest]: string[], put: JsonValue): JsonValue {
    const next = (child: JsonValue) => (rest.length === 0 ? put : replaceAt(child, rest, put));
    if (Array.isArray(value)) return value.map((child, index) => (String(index) === key ? next(child) : child));
    return isJsonObject(value) ? { ...value, [key]: next(value[key] ?? null) } : value;
  }

  test('any value in any place gives a valid row, or is refused for the key or the start alone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...pathsIn(sample)),
        fc.oneof(
          fc.jsonValue({ maxDepth: 2 }),
          fc.constantFrom<JsonValue>(1e308, -1, 1e20, '9999-12-31T23:59:59-12:00', '99999999999999', ['x'], [null]),
        ),
        (path, put) => {
          const json = replaceAt(sample, path, put as JsonValue);
          const parsed = callSchema.safeParse(json);
          if (!parsed.success) {
            expect(['metaData', 'metaData.id', 'metaData.started']).toContain(path.slice(0, 2).join('.'));
            return;
          }
          const row = toCallRow(parsed.data, available, context);
          expect(callRowSchema.safeParse(row).error?.issues ?? []).toEqual([]);
          expect(row.call_id).toBe(parsed.data.metaData.id);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test.each([Number('7782342274025937895'), 0, '', null, undefined, ['1']])(
    'the id %j is refused, never repaired',
    (bad) => {
      const { id: _, ...rest } = metaData;
      const answer = {
        records: {},
        calls: [{ ...sample, metaData: { ...rest, ...(bad === undefined ? {} : { id: bad }) } }],
      };
      expect(callsAnswerSchema.safeParse(answer).error?.issues[0]?.path.join('.')).toBe('calls.0.metaData.id');
    },
  );

  test('any text is kept as the id that it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.stringMatching(/^[0-9]{1,20}$/), fc.string({ minLength: 1 })), (text) => {
        expect(toCallRow(withMeta({ id: text }), available, context).call_id).toBe(text);
      }),
    );
  });
});
