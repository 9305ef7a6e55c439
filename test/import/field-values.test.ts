import { describe, expect, test } from 'vitest';
import { findColumns } from '../../src/import/columns.ts';
import { FieldProblem, toFlag, toInstant, toNumber, toText } from '../../src/import/field-values.ts';

describe('a field', () => {
  test.each([
    ['2026-06-01', '2026-06-01T00:00:00.000Z'],
    ['2026-06-01 10:00', '2026-06-01T10:00:00.000Z'],
    ['2026-06-01T10:00:00', '2026-06-01T10:00:00.000Z'],
    ['2026-06-01T10:00:00.500+0530', '2026-06-01T04:30:00.500Z'],
    ['2026-06-01 10:00:00-07', '2026-06-01T17:00:00.000Z'],
    ['2026-06-01 10:00:00 UTC', '2026-06-01T10:00:00.000Z'],
    [' ', undefined],
    [null, undefined],
  ])('%j is the instant %s', (value, expected) => {
    expect(toInstant(value)).toBe(expected);
  });

  test.each(['31.12.2026', '6/1/2026', '2026-06-31', '2026-13-01', '2026-06-01T25:00', 'soon', '20260601'])(
    '%j is no date',
    (value) => {
      expect(() => toInstant(value)).toThrow(FieldProblem);
    },
  );

  test('is a number with or without thousands, and nothing else', () => {
    expect(['85,000.50', '1,234,567', '-3', '1e3', 7, ''].map(toNumber)).toEqual([
      85000.5,
      1234567,
      -3,
      1000,
      7,
      undefined,
    ]);
    for (const value of ['85.000,50', '$5', '1,23', 'NaN', 'Infinity'])
      expect(() => toNumber(value)).toThrow(FieldProblem);
  });

  test('is true or false in the words of spreadsheets', () => {
    expect(['TRUE', 'no', 'Y', '0', true, null].map(toFlag)).toEqual([true, false, true, false, true, undefined]);
    expect(() => toFlag('won')).toThrow(FieldProblem);
    expect(toText('\ud800 x ')).toBe('\ufffd x');
  });
});

describe('findColumns', () => {
  const wanted = { required: ['opportunity_id', 'is_won'], optional: ['amount'] };
  const find = (header: string[], map = {}) => {
    const { places, unread } = findColumns(header, wanted, map, 'deals.csv');
    return { places: Object.fromEntries(places), unread };
  };

  test('knows a column by its name, whatever its spelling, and by what a person says', () => {
    expect(find(['Is Won', 'OpportunityId', 'x', 'AMOUNT'])).toEqual({
      places: { opportunity_id: 1, is_won: 0, amount: 3 },
      unread: ['x'],
    });
    expect(find(['Id', 'is_won'], { opportunity_id: 'Id' }).places).toEqual({ opportunity_id: 0, is_won: 1 });
  });

  test.each([
    [['Id', 'Won'], {}, /no column opportunity_id; it has no column is_won/],
    [['opportunity_id', 'is_won', 'Is Won'], {}, /several columns are called is_won/],
    [['opportunity_id', 'is_won'], { amount: 'Sum' }, /no column Sum \(for amount\)/],
    [['opportunity_id', 'is_won'], { amuont: 'is_won' }, /amuont is no column of ours/],
  ])('refuses %j with %j, and says which columns there are', (header, map, message) => {
    expect(() => find(header, map)).toThrow(
      expect.objectContaining({
        area: 'config',
        message: expect.stringMatching(message),
        hint: expect.stringContaining(header.join(', ')),
      }),
    );
  });
});
