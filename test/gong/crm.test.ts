import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/core/json.ts';
import { accountOf, dealsOf, primaryDeal, toCrmObjects, wasClosed } from '../../src/gong/crm.ts';

const callAt = Date.parse('2026-03-10T10:00:00Z');

function opportunity(id: string, timing: 'Now' | 'TimeOfCall', fields: Record<string, unknown>) {
  return {
    objectType: 'Opportunity',
    objectId: id,
    timing,
    fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
  };
}

const primaryOf = (...objects: ReturnType<typeof opportunity>[]) =>
  primaryDeal(dealsOf(toCrmObjects([{ system: 'Salesforce', objects: objects as never }])), callAt)?.id;

describe('the primary deal of a call', () => {
  test.each([
    [
      'the earliest close date on or after the call',
      [
        ['b', '2026-04-01'],
        ['a', '2026-05-01'],
        ['c', '2026-02-01'],
      ],
      'b',
    ],
    [
      'the day of the call itself counts',
      [
        ['a', '2026-03-10'],
        ['b', '2026-03-11'],
      ],
      'a',
    ],
    [
      'stale dates only: the latest',
      [
        ['a', '2026-01-01'],
        ['b', '2026-02-01'],
      ],
      'b',
    ],
    [
      'ties go to the smallest id',
      [
        ['z', '2026-04-01'],
        ['y', '2026-04-01'],
      ],
      'y',
    ],
  ] as const)('%s', (_, deals, expected) => {
    expect(
      primaryOf(
        ...deals.map(([id, CloseDate]) => opportunity(id, 'TimeOfCall', { CloseDate, StageName: 'Discovery' })),
      ),
    ).toBe(expected);
  });

  test('a deal that was closed at the time of the call is none, by flag or by stage', () => {
    expect(primaryOf(opportunity('a', 'TimeOfCall', { CloseDate: '2026-04-01', StageName: 'Closed Won' }))).toBe(
      undefined,
    );
    expect(
      primaryOf(opportunity('a', 'TimeOfCall', { CloseDate: '2026-04-01', StageName: 'Odd', IsClosed: 'true' })),
    ).toBe(undefined);
    // Closed now, open then: it was this deal's call.
    expect(
      primaryOf(
        opportunity('a', 'TimeOfCall', { CloseDate: '2026-04-01', StageName: 'Discovery', IsClosed: false }),
        opportunity('a', 'Now', { CloseDate: '2026-04-01', StageName: 'Closed Won', IsClosed: true }),
      ),
    ).toBe('a');
  });
});

test('values of any JSON type and both vendors’ field names are read; what is not of the kind is null', () => {
  const [deal] = dealsOf(
    toCrmObjects([
      {
        system: 'HubSpot',
        objects: [
          opportunity('1', 'Now', {
            dealname: 'Acme',
            dealstage: 'closedwon',
            amount: '85000.50',
            closedate: '1775001600000',
            hs_is_closed_won: 'true',
          }) as never,
          opportunity('1', 'TimeOfCall', {
            Amount: 'a lot',
            CloseDate: '2026-04-01T23:30:00-07:00',
            Probability: 20,
            IsClosed: 'no',
            Name: '',
          }) as never,
        ],
      },
    ]),
  );
  expect(deal?.now).toMatchObject({
    name: 'Acme',
    stage: 'closedwon',
    amount: 85000.5,
    closeDate: '2026-04-01',
    isWon: true,
    isClosed: null,
  });
  expect(deal?.atCall).toMatchObject({
    name: null,
    amount: null,
    closeDate: '2026-04-02',
    probability: 20,
    isClosed: null,
  });
  expect(wasClosed(deal?.now)).toBe(true);
});

test.each<[JsonValue, string | null]>([
  ['2026-04-01', '2026-04-01'],
  ['2026-04-01T23:30:00-07:00', '2026-04-02'],
  ['1775001600000', '2026-04-01'],
  [1775001600000, '2026-04-01'],
  ['2026-02-30', null],
  ['next month', null],
  ['', null],
  [1e20, null],
  [true, null],
  [{ year: 2026 }, null],
  [null, null],
])('the close date %j is the day %j', (value, expected) => {
  const [deal] = dealsOf(
    toCrmObjects([{ system: 'x', objects: [opportunity('1', 'Now', { CloseDate: value })] as never }]),
  );
  expect(deal?.now?.closeDate).toBe(expected);
});

test('a field that is called like a prototype is a field', () => {
  const [object] = toCrmObjects([
    { system: 'x', objects: [opportunity('1', 'Now', JSON.parse('{"__proto__": 1, "constructor": 2}'))] as never },
  ]);
  expect(Object.keys(object?.fields ?? {})).toEqual(['__proto__', 'constructor']);
});

test('the account is what is known now, else then', () => {
  const account = (timing: string, name: string) => ({
    objectType: 'Account',
    objectId: '001',
    timing,
    fields: [{ name: 'Name', value: name }],
  });
  expect(
    accountOf(toCrmObjects([{ system: 'x', objects: [account('TimeOfCall', 'Old'), account('Now', 'New')] }])),
  ).toEqual({ id: '001', name: 'New' });
  expect(accountOf(toCrmObjects([{ system: 'x', objects: [account('TimeOfCall', 'Old')] }]))).toEqual({
    id: '001',
    name: 'Old',
  });
  expect(accountOf([])).toBe(undefined);
});
