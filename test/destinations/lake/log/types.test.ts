import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../../src/core/json.ts';
import { plainNames } from '../../../../src/destinations/lake/log/plain-names.ts';
import {
  fromDelta,
  parseType,
  printType,
  storedType,
  type Type,
  toDelta,
} from '../../../../src/destinations/lake/log/types.ts';
import { openInMemory } from '../../../../src/duckdb/connection.ts';

const scalar = fc.constantFrom(
  'VARCHAR',
  'BIGINT',
  'DOUBLE',
  'BOOLEAN',
  'DATE',
  'JSON',
  'TIME',
  'DECIMAL(38,0)',
  'TIMESTAMP WITH TIME ZONE',
);
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).filter((text) => !text.includes('\0'));
const { type: anyType } = fc.letrec<{ type: Type }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small' },
    scalar.map((of): Type => ({ kind: 'scalar', name: of })),
    tie('type').map((item): Type => ({ kind: 'list', item })),
    fc
      .uniqueArray(fc.tuple(name, tie('type')), { minLength: 1, maxLength: 3, selector: ([of]) => of.toLowerCase() })
      .map((members): Type => ({ kind: 'struct', members: members.map(([of, type]) => ({ name: of, type })) })),
  ),
}));

describe('types', () => {
  test('are read as DuckDB prints them, whatever the names in them', async () => {
    const database = await openInMemory();
    await fc.assert(
      fc.asyncProperty(anyType, async (type) => {
        const [row] = await database.exclusive((session) =>
          session.rows(`DESCRIBE SELECT NULL::${printType(type)} AS x`),
        );
        expect(parseType(String(row?.['column_type']))).toEqual(type);
      }),
      { numRuns: 100 },
    );
    await database.close();
  });

  test('come back from a Delta schema as they are stored', () => {
    fc.assert(
      fc.property(anyType, (type) => {
        const stored = storedType(type);
        expect(fromDelta(JSON.parse(JSON.stringify(toDelta(stored))))).toEqual(stored);
        expect(storedType(stored)).toEqual(stored);
      }),
    );
  });

  test.each([
    'VARCHAR); DROP TABLE x; --',
    'STRUCT(a;b VARCHAR)',
    'STRUCT(a VARCHAR',
    'STRUCT()',
    'VARCHAR[',
    'HUGEINT',
    '',
    'VARCHAR ',
    'DECIMAL(38)',
  ])('a text that is none is none: %j', (text) => {
    expect(parseType(text)).toBeUndefined();
  });

  test.each<JsonValue>([
    'variant',
    'interval',
    { type: 'array', elementType: 'variant' },
    { type: 'struct', fields: [{ name: 'a', type: 'void' }] },
    7,
    null,
  ])('of a Delta schema that we do not know are not guessed: %j', (type) => {
    expect(fromDelta(type)).toBeUndefined();
  });
});

describe('names', () => {
  test('lose what readers trip over, and stay apart when case and accents are folded', () => {
    expect(plainNames(['a b', 'a;b', 'x.y', 'x=y', '"q"', "it's", 'p%', 'n\nl', '', 'plain'])).toEqual([
      'a_b',
      'a_b_2',
      'x_y',
      'x_y_2',
      '_q_',
      'it_s',
      'p_',
      'n_l',
      '_',
      'plain',
    ]);
    expect(plainNames(['Ünit', 'ünit', 'STRASSE', 'straße', 'é', 'é'])).toEqual([
      'Ünit',
      'ünit_2',
      'STRASSE',
      'straße_2',
      'é',
      'é_2',
    ]);
    expect(plainNames(['month'], ['Month'])).toEqual(['month_2']);
  });

  test('are unique for any texts', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (names) => {
        const folded = plainNames(names).map((of) => of.normalize('NFKC').toLowerCase());
        expect(new Set(folded).size).toBe(names.length);
      }),
    );
  });
});
