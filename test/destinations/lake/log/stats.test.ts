import { describe, expect, test } from 'vitest';
import { mayHold, parseStatistics, rowsIn, statsText } from '../../../../src/destinations/lake/log/stats.ts';

const column = (name: string, type: string) => ({ name, field: name, property: name, type, metadata: {} });
const textOf = (type: string, found: Record<string, string>) =>
  JSON.parse(statsText(1, [column('c', type)], new Set(), new Map([['"c"', new Map(Object.entries(found))]])));

describe('bounds of a column', () => {
  test.each([
    ['BIGINT', { min: '-9', max: '12' }, -9, 12],
    ['DOUBLE', { min: '-0.5', max: '1e300' }, -0.5, 1e300],
    ['DATE', { min: '2026-01-01', max: '2026-01-02' }, '2026-01-01', '2026-01-02'],
    ['VARCHAR', { min: 'a', max: 'é😀' }, 'a', 'é😀'],
    // Cut to milliseconds downwards, and rounded up.
    [
      'TIMESTAMP WITH TIME ZONE',
      { min: '2026-01-02 03:04:05.123999+00', max: '2026-12-31 23:59:59.999001+00' },
      '2026-01-02T03:04:05.123Z',
      '2027-01-01T00:00:00.000Z',
    ],
    [
      'TIMESTAMP WITH TIME ZONE',
      { min: '2026-01-02 03:04:05+00', max: '2026-01-02 03:04:05.12+00' },
      '2026-01-02T03:04:05.000Z',
      '2026-01-02T03:04:05.120Z',
    ],
  ])('of type %s: %j', (type, found, min, max) => {
    expect(textOf(type, found)).toMatchObject({ minValues: { c: min }, maxValues: { c: max } });
  });

  test.each([
    ['with NaN', 'DOUBLE', { min: '1', max: '2', has_nan: 'true' }],
    ['with long texts, which may be cut', 'VARCHAR', { min: 'a', max: 'x'.repeat(65) }],
    ['of NULLs only', 'VARCHAR', { null_count: '1' }],
    ['that is JSON', 'JSON', { min: '{}', max: '{}' }],
    [
      'beyond the years that readers know',
      'TIMESTAMP WITH TIME ZONE',
      { min: '9999-01-01 00:00:00+00', max: '9999-12-31 23:59:59.999999+00' },
    ],
    ['with decimals, which readers take for doubles', 'DECIMAL(38,0)', { min: '1', max: '2' }],
  ])('%s are left out', (_, type, found) => {
    expect(textOf(type, found)).toMatchObject({ minValues: {}, maxValues: {} });
  });

  test('keep every digit of whole numbers', () => {
    const text = statsText(
      1,
      [column('c', 'BIGINT')],
      new Set(),
      new Map([
        [
          '"c"',
          new Map([
            ['min', '9007199254740993'],
            ['max', '9223372036854775807'],
          ]),
        ],
      ]),
    );
    expect(text).toContain('"minValues":{"c":9007199254740993}');
    expect(text).toContain('"maxValues":{"c":9223372036854775807}');
  });

  test('are those of the key and of 31 others, however many columns there are', () => {
    const columns = Array.from({ length: 100 }, (_, n) => column(`c${n}`, 'BIGINT'));
    const found = new Map(
      columns.map(({ name }) => [
        `"${name}"`,
        new Map([
          ['min', '1'],
          ['max', '2'],
        ]),
      ]),
    );
    const { minValues } = JSON.parse(statsText(1, columns, new Set(['c99']), found));
    expect(Object.keys(minValues)).toHaveLength(32);
    expect(minValues).toMatchObject({ c99: 1, c30: 1 });
  });
});

test('what DuckDB answers is read by column', () => {
  const answer = [
    {
      key: '"a"',
      value: [
        { key: 'min', value: '1' },
        { key: 'max', value: '2' },
      ],
    },
  ];
  expect(parseStatistics(answer)).toEqual(
    new Map([
      [
        '"a"',
        new Map([
          ['min', '1'],
          ['max', '2'],
        ]),
      ],
    ]),
  );
  expect(parseStatistics(undefined)).toEqual(new Map());
});

describe('may a file hold a key', () => {
  const stats = '{"numRecords":3,"minValues":{"id":"b"},"maxValues":{"id":"d"}}';
  test.each([
    ['below', 'a', 'az', false],
    ['up to the least', 'a', 'b', true],
    ['inside', 'c', 'c', true],
    ['from the largest', 'd', 'x', true],
    ['above', 'e', 'x', false],
    ['what a cut largest value may hide', 'dz', 'dz', true],
    ['around all of it', 'a', 'z', true],
  ])('%s', (_, least, largest, expected) => {
    expect(mayHold(stats, 'id', least, largest)).toBe(expected);
  });

  test('by bytes, not by UTF-16: U+FFFD is less than an emoji', () => {
    const emoji = '{"minValues":{"id":"\u{1F600}"},"maxValues":{"id":"\u{1F600}"}}';
    expect(mayHold(emoji, 'id', '\uFFFD', '\uFFFD')).toBe(false);
    expect(mayHold(emoji, 'id', '\uFFFD', '\u{1F601}')).toBe(true);
  });

  test.each([undefined, null, '', '{', '{}', '{"minValues":{"id":1},"maxValues":{"id":2}}', '[]'])(
    'always, when statistics are %j',
    (none) => {
      expect(mayHold(none, 'id', 'x', 'y')).toBe(true);
      expect(rowsIn(none)).toBeUndefined();
    },
  );
});
