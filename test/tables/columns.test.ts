// From JSON Schema to columns, and how a table follows a schema that changes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toJsonSchema } from '../../src/core/json-schema.ts';
import { callRowSchema, transcriptRowSchema } from '../../src/gong/row-schemas.ts';
import { fieldAt, fieldsOf, foldCase, hasCaseTwins, nameColumns } from '../../src/tables/columns.ts';
import { commonType, planChange } from '../../src/tables/evolve.ts';

describe('the type of a field', () => {
  test.each([
    [{ type: 'string' }, 'VARCHAR'],
    [{ type: ['null', 'boolean'] }, 'BOOLEAN'],
    [{ type: 'integer' }, 'BIGINT'],
    [{ type: 'number', airbyte_type: 'integer' }, 'BIGINT'],
    [{ type: 'number' }, 'DOUBLE'],
    [{ type: ['integer', 'number'] }, 'DOUBLE'],
    [{ type: 'string', format: 'date' }, 'DATE'],
    [{ type: 'string', format: 'date-time' }, 'TIMESTAMP WITH TIME ZONE'],
    [{ type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' }, 'TIMESTAMP'],
    [{ type: 'string', format: 'time' }, 'TIME'],
    [{ type: 'string', format: 'time', airbyte_type: 'time_with_timezone' }, 'TIME WITH TIME ZONE'],
    [{ type: 'string', format: 'email' }, 'VARCHAR'],
    [{ type: ['string', 'integer'] }, 'JSON'],
    [{ type: ['string', 'integer', 'number'] }, 'JSON'],
    [{ type: 'number', 'x-decimal': { precision: 38, scale: 38 } }, 'DECIMAL(38,38)'],
    [{ type: 'number', 'x-decimal': { precision: 1, scale: 0 } }, 'DECIMAL(1,0)'],
    [{ type: 'number', 'x-decimal': { precision: 39, scale: 2 } }, 'DECIMAL(38,9)'],
    [{ type: 'number', 'x-decimal': { precision: 0, scale: 0 } }, 'DECIMAL(38,9)'],
    [{ type: 'number', 'x-decimal': { precision: 5, scale: 6 } }, 'DECIMAL(38,9)'],
    [{ oneOf: [{ type: 'string' }, { type: 'integer' }] }, 'JSON'],
    [{ type: 'array', items: { type: 'string' } }, 'JSON'],
    [{ type: 'object', properties: { a: { type: 'string' } } }, 'JSON'],
    [{}, 'JSON'],
    [{ type: 'null' }, 'JSON'],
    [true, 'JSON'],
    [{ type: 'array', 'x-columns': 'closed', items: { type: 'string' } }, 'VARCHAR[]'],
    [{ type: 'array', 'x-columns': 'closed' }, 'JSON'],
    [{ type: 'object', 'x-columns': 'closed', properties: {} }, 'JSON'],
    [
      {
        type: 'object',
        'x-columns': 'closed',
        properties: { a: { type: 'integer' }, 'b "c"': {}, d: { type: 'array', items: { type: 'number' } } },
      },
      'STRUCT("a" BIGINT, "b ""c""" JSON, "d" DOUBLE[])',
    ],
    [{ type: 'object', 'x-columns': 'closed', properties: { id: { type: 'string' }, Id: { type: 'string' } } }, 'JSON'],
  ])('of %j is %s', (definition, type) => {
    expect(fieldsOf({ type: 'object', properties: { f: definition } })).toMatchObject([{ property: 'f', type }]);
  });

  test.each([
    [{ type: 'integer' }, 'whole'],
    [{ type: 'number' }, 'any'],
    [{ type: 'string', 'x-decimal': {} }, 'any'],
    [{ type: 'number', 'x-decimal': { scale: 2 } }, 'whole'],
    [{ type: 'number', 'x-decimal': { precision: 39, scale: 2 } }, 'any'],
    [{ type: 'number', 'x-decimal': { precision: 38, scale: 2 } }, undefined],
    [{ type: 'string' }, undefined],
  ])('of %j grows by %s numbers', (definition, grows) => {
    expect(fieldsOf({ properties: { f: definition } })[0]?.grows).toBe(grows);
  });

  test('at a path is that of the field there', () => {
    const inner = { type: 'object', properties: { n: { type: 'integer' }, o: { oneOf: [{ type: 'integer' }] } } };
    const schema = { properties: { a: inner, b: true } };
    expect(fieldAt(schema, ['a', 'n'])?.type).toBe('BIGINT');
    expect(fieldAt(schema, ['a', 'o'])?.type).toBe('JSON');
    expect(fieldAt(schema, ['a'])?.type).toBe('JSON');
    expect([fieldAt(schema, ['a', 'x']), fieldAt(schema, ['b', 'n']), fieldAt(schema, [])]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('is LIST and STRUCT for the nested values of our own rows', () => {
    const types = new Map(
      [...fieldsOf(toJsonSchema(callRowSchema)), ...fieldsOf(toJsonSchema(transcriptRowSchema))].map(
        ({ property, type }) => [property, type],
      ),
    );
    expect(types.get('parties')).toMatch(
      /^STRUCT\("party_id" VARCHAR, .*"methods" VARCHAR\[\], "crm_ids" STRUCT\(.*\)\[\]\)\[\]$/,
    );
    expect(types.get('crm_objects')).toMatch(/"fields" JSON\)\[\]$/);
    expect(types.get('sentences')).toMatch(/^STRUCT\("idx" BIGINT, .*"text" VARCHAR\)\[\]$/);
    expect(types.get('raw')).toBe('JSON');
    expect(types.get('started_at')).toBe('TIMESTAMP WITH TIME ZONE');
  });

  test('there is none without properties', () => {
    expect(fieldsOf({})).toEqual([]);
  });
});

describe('names of columns', () => {
  const fields = (...properties: string[]) => properties.map((property) => ({ property, type: 'VARCHAR' }));
  const names = (columns: readonly { property: string; name: string }[]) => columns.map(({ name }) => name);

  test('are those of the properties, a number behind the later of case twins', () => {
    expect(names(nameColumns(fields('id', 'b', 'Id', 'ID'), new Map(), []))).toEqual(['id_3', 'b', 'Id_2', 'ID']);
  });

  test('do not depend on the order of the properties, are never equal for SQL, and avoid what is reserved', () => {
    const name = fc.oneof(
      fc.constantFrom('id', 'Id', 'ID', 'iD', 'id_2', 'Id_2', '__proto__', 'constructor'),
      fc.string({ minLength: 1 }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 12 }), (properties) => {
        const columns = nameColumns(fields(...properties), new Map(), ['reserved', 'Id_3']);
        const folded = columns.map((column) => foldCase(column.name));
        expect(new Set([...folded, 'reserved', 'id_3']).size).toBe(columns.length + 2);
        const reversed = nameColumns(fields(...[...properties].reverse()), new Map(), ['reserved', 'Id_3']);
        expect(names(reversed).reverse()).toEqual(names(columns));
      }),
    );
  });

  test('stay what they were when a twin appears that would come first', () => {
    const known = new Map([['id', 'id']]);
    expect(names(nameColumns(fields('Id', 'id'), known, []))).toEqual(['Id_2', 'id']);
  });

  test('twins are noticed by ASCII case only, as DuckDB does', () => {
    expect(hasCaseTwins(fields('a', 'A'))).toBe(true);
    expect(hasCaseTwins(fields('é', 'É'))).toBe(false);
    expect(hasCaseTwins(fields('Seq'), ['seq'])).toBe(true);
  });
});

describe('a table and a schema that changed', () => {
  const column = (name: string, type: string) => ({ property: name, name, type });

  test('adds what is new, keeps what is gone, and finds columns whatever their case', () => {
    expect(
      planChange(
        [column('id', 'VARCHAR'), column('new', 'BIGINT')],
        [
          { name: 'ID', type: 'VARCHAR' },
          { name: 'gone', type: 'DATE' },
        ],
      ),
    ).toEqual({
      columns: [{ property: 'id', name: 'ID', type: 'VARCHAR' }, column('new', 'BIGINT')],
      add: [column('new', 'BIGINT')],
      widen: [],
    });
  });

  test.each([
    ['BIGINT', 'DECIMAL(38,0)', 'DECIMAL(38,0)'],
    ['DECIMAL(38,0)', 'BIGINT', 'DECIMAL(38,0)'],
    ['BIGINT', 'DOUBLE', 'DOUBLE'],
    ['DOUBLE', 'BIGINT', 'DOUBLE'],
    ['DATE', 'TIMESTAMP WITH TIME ZONE', 'TIMESTAMP WITH TIME ZONE'],
    ['TIMESTAMP WITH TIME ZONE', 'DATE', 'TIMESTAMP WITH TIME ZONE'],
    ['BOOLEAN', 'BIGINT', 'VARCHAR'],
    ['VARCHAR', 'BIGINT', 'VARCHAR'],
    ['VARCHAR', 'JSON', 'JSON'],
    ['JSON', 'VARCHAR', 'JSON'],
    ['STRUCT(a BIGINT)', 'STRUCT(a BIGINT, b BIGINT)', 'JSON'],
    ['STRUCT(a BIGINT)[]', 'VARCHAR', 'JSON'],
    ['VARCHAR', 'STRUCT(a BIGINT)', 'JSON'],
    ['BIGINT', 'VARCHAR[]', 'JSON'],
    ['DECIMAL(38,0)', 'DOUBLE', 'DECIMAL(38,0)'],
    ['DOUBLE', 'DECIMAL(38,0)', 'DECIMAL(38,0)'],
    ['DOUBLE', 'DECIMAL(10,2)', 'DECIMAL(38,2)'],
    ['BIGINT', 'DECIMAL(10,2)', 'DECIMAL(38,2)'],
    ['DECIMAL(10,2)', 'BIGINT', 'DECIMAL(10,2)'],
    ['DECIMAL(10,2)', 'DECIMAL(20,6)', 'DECIMAL(20,6)'],
    ['DECIMAL(20,6)', 'DECIMAL(10,2)', 'DECIMAL(20,6)'],
    ['DECIMAL(10,2)', 'DECIMAL(10,6)', 'DECIMAL(14,6)'],
    ['DECIMAL(38,2)', 'DECIMAL(38,4)', 'DECIMAL(38,4)'],
    ['DECIMAL(10,2)', 'VARCHAR', 'VARCHAR'],
    ['DECIMAL(10,2)', 'JSON', 'JSON'],
    // Somebody altered the column: theirs is kept.
    ['INTEGER', 'BIGINT', 'INTEGER'],
  ])('brings %s and %s together as %s', (existing, wanted, common) => {
    expect(commonType(existing, wanted)).toBe(common);
  });

  test('ends at the same type whatever the order of the changes', () => {
    const type = fc.constantFrom(
      'BIGINT',
      'DECIMAL(38,0)',
      'DOUBLE',
      'DATE',
      'TIMESTAMP',
      'VARCHAR',
      'BOOLEAN',
      'JSON',
      'TIME',
    );
    fc.assert(
      fc.property(type, type, (a, b) => {
        expect(commonType(a, b)).toBe(commonType(b, a));
        expect(commonType(commonType(a, b), a)).toBe(commonType(a, b));
      }),
    );
  });
});
