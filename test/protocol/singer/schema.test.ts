// The several ways in which taps write types, and what becomes of them.
import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';
import { readSchemaMessage, type SchemaOptions, toSingerSchema } from '../../../src/protocol/singer/schema.ts';
import { describeStream, streamNames } from '../../../src/source/streams.ts';
import { fieldsOf } from '../../../src/tables/columns.ts';

const options: SchemaOptions = {
  loadMethod: 'upsert',
  hasDefaultSchema: false,
  addRecordMetadata: false,
  isStrict: true,
  hardDelete: false,
};

function read(message: JsonObject, changes: Partial<SchemaOptions> = {}) {
  const configured = readSchemaMessage({ type: 'SCHEMA', stream: 's', ...message }, { ...options, ...changes });
  if (typeof configured === 'string') throw new Error(configured);
  return configured;
}

/** The type of the column that a property gets. */
function typeOf(definition: JsonValue): string | undefined {
  const { stream } = read({ schema: { properties: { p: definition } } });
  return fieldsOf(stream.jsonSchema)[0]?.type;
}

test.each<[string, JsonValue, string]>([
  ['a nullable text', { type: ['null', 'string'] }, 'VARCHAR'],
  ['an instant', { type: ['null', 'string'], format: 'date-time' }, 'TIMESTAMP WITH TIME ZONE'],
  ['a day', { type: 'string', format: 'date' }, 'DATE'],
  ['an integer', { type: ['integer', 'null'] }, 'BIGINT'],
  ['a number', { type: 'number' }, 'DOUBLE'],
  ['a number in cents', { type: ['null', 'number'], multipleOf: 0.01 }, 'DECIMAL(38,2)'],
  ['a number in steps of five', { type: 'number', multipleOf: 5 }, 'DOUBLE'],
  ['a number in quarters', { type: 'number', multipleOf: 0.25 }, 'DECIMAL(38,2)'],
  ['a number in very small steps', { type: 'number', multipleOf: 1e-30 }, 'DECIMAL(38,30)'],
  ['a number in steps too small for a column', { type: 'number', multipleOf: 1e-39 }, 'DOUBLE'],
  ['an integer in steps', { type: 'integer', multipleOf: 0.5 }, 'BIGINT'],
  ['a decimal of singer-python', { type: ['null', 'string'], format: 'singer.decimal' }, 'DECIMAL(38,9)'],
  ['a decimal of the SDK', { type: 'string', format: 'x-singer.decimal', precision: 10, scale: 4 }, 'DECIMAL(10,4)'],
  ['a decimal that no column holds', { type: 'string', format: 'x-singer.decimal', precision: 99 }, 'DECIMAL(38,9)'],
  ['nothing at all', {}, 'JSON'],
  ['an object', { type: 'object', properties: { a: { type: 'string' } } }, 'JSON'],
  ['one type or null', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'BIGINT'],
  [
    'an instant or null',
    { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
    'TIMESTAMP WITH TIME ZONE',
  ],
  [
    'an instant or any text',
    { anyOf: [{ type: 'string', format: 'date-time' }, { type: ['string', 'null'] }] },
    'VARCHAR',
  ],
  ['two scalars', { anyOf: [{ type: 'integer' }, { type: 'boolean' }] }, 'VARCHAR'],
  ['a scalar or an object', { oneOf: [{ type: 'string' }, { type: 'object' }] }, 'JSON'],
  ['several scalar types in a list', { type: ['integer', 'string', 'null'] }, 'JSON'],
])('%s', (_, definition, type) => {
  expect(typeOf(definition)).toBe(type);
});

describe('the stream', () => {
  const schema = { properties: { id: { type: 'string' }, at: { type: 'string' } }, required: ['id'] };

  test('is upserted by its key, and appended without one or when asked for it', () => {
    expect(read({ schema, key_properties: ['id'] })).toMatchObject({
      destinationSyncMode: 'append_dedup',
      primaryKey: [['id']],
      cursorField: [],
      isStrict: true,
    });
    expect(read({ schema, key_properties: [] }).destinationSyncMode).toBe('append');
    expect(read({ schema }).destinationSyncMode).toBe('append');
    expect(read({ schema, key_properties: ['id'] }, { loadMethod: 'append-only' })).toMatchObject({
      destinationSyncMode: 'append',
      primaryKey: [['id']],
    });
  });

  test.each([
    ['public-users', { name: 'users', namespace: 'public' }],
    ['db-public-users', { name: 'users', namespace: 'public' }],
    ['a-b-c-d', { name: 'a-b-c-d' }],
    ['-users', { name: '-users' }],
    ['users', { name: 'users' }],
  ])('%s is a table of the schema that its name names', (stream, wanted) => {
    const { name, namespace } = read({ stream, schema }).stream;
    expect({ name, namespace }).toEqual({ namespace: undefined, ...wanted });
    expect(read({ stream, schema }, { hasDefaultSchema: true }).stream).toMatchObject({ name: stream });
  });

  test('leaves columns of other targets out, but for the mark of deletion when ours are asked for', () => {
    const sdc = { properties: { id: {}, _sdc_extracted_at: {}, _sdc_deleted_at: {} } };
    const names = (changes: Partial<SchemaOptions>) =>
      Object.keys((read({ schema: sdc }, changes).stream.jsonSchema['properties'] ?? {}) as object);
    expect(names({})).toEqual(['id']);
    expect(names({ addRecordMetadata: true })).toEqual(['id', '_sdc_deleted_at']);
  });
});

test.each(streamNames)('our stream %s is written without the words of other hosts, and keeps its columns', (name) => {
  const { jsonSchema } = describeStream(name);
  const written = toSingerSchema(jsonSchema, ['call_id']);
  const text = JSON.stringify(written);
  for (const word of ['$schema', 'airbyte_type', '$ref', 'anyOf', 'const']) expect(text).not.toContain(`"${word}"`);
  expect(written['required']).toEqual(['call_id']);
  const back = read({ schema: written }).stream.jsonSchema;
  expect(fieldsOf(back)).toEqual(fieldsOf(jsonSchema));
  expect(isJsonObject(back['properties'])).toBe(true);
});
