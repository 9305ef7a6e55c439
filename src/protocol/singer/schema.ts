// Schemas on their way in and out of Singer messages: what other taps write, in the words that our columns are made from.
import type { ConfiguredStream, JsonSchema, Stream } from '../../core/catalog.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

export type LoadMethod = 'append-only' | 'upsert' | 'overwrite';

export interface SchemaOptions {
  /** How a stream with a key is stored; one without is appended. */
  readonly loadMethod: LoadMethod;
  /** Does the user choose the schema of the database? If not, a stream `schema-table` names its own. */
  readonly hasDefaultSchema: boolean;
  /** Are columns `_sdc_…` ours to fill? A tap's own go either way, but for the mark of deletion. */
  readonly addRecordMetadata: boolean;
  readonly isStrict: boolean;
  /** Do rows go that are deleted at their source? Otherwise they are marked. */
  readonly hardDelete: boolean;
}

/** @returns the stream that a SCHEMA message declares, or why it declares none. */
export function readSchemaMessage(message: JsonObject, options: SchemaOptions): ConfiguredStream | string {
  const { stream: streamName, schema, key_properties: keys } = message;
  if (typeof streamName !== 'string' || streamName === '') return 'a SCHEMA without stream';
  const ofStream = `of stream ${JSON.stringify(streamName)}`;
  if (!isJsonObject(schema)) return `a SCHEMA ${ofStream} without schema`;
  const properties = schema['properties'];
  if (!isJsonObject(properties) || Object.keys(properties).length === 0)
    return `a SCHEMA ${ofStream} that declares no properties`;
  const keyNames = Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [];
  if (!keyNames.every((key) => Object.hasOwn(properties, key)))
    return `a SCHEMA ${ofStream} whose key_properties are no properties of it`;
  const primaryKey = keyNames.map((key) => [key]);
  const own = Object.entries(properties).filter(([name]) => isOwn(name, options));
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const isUpsert = options.loadMethod === 'upsert' && primaryKey.length > 0;
  return {
    stream: {
      ...nameOf(streamName, options.hasDefaultSchema),
      jsonSchema: {
        type: 'object',
        properties: Object.fromEntries(own.map(([name, definition]) => [name, toPlainTypes(definition)])),
        required: required.filter((name) => typeof name === 'string'),
      },
      primaryKey,
      // A bookmark says where the tap goes on, not which row is newer: that is the later one.
      cursorField: [],
      syncModes: ['full_refresh', 'incremental'],
    },
    syncMode: 'incremental',
    destinationSyncMode: options.loadMethod === 'overwrite' ? 'overwrite' : isUpsert ? 'append_dedup' : 'append',
    primaryKey,
    cursorField: [],
    isStrict: options.isStrict,
    deletionField: options.hardDelete && Object.hasOwn(properties, deletedAt) ? deletedAt : undefined,
  };
}

const deletedAt = '_sdc_deleted_at';

function isOwn(name: string, { addRecordMetadata, hardDelete }: SchemaOptions): boolean {
  return !name.startsWith('_sdc_') || ((addRecordMetadata || hardDelete) && name === deletedAt);
}

/** Taps of databases call their streams `schema-table` or `catalog-schema-table`. */
function nameOf(streamName: string, hasDefaultSchema: boolean): Pick<Stream, 'name' | 'namespace' | 'origin'> {
  const parts = streamName.split('-');
  const name = parts.at(-1);
  const namespace = parts.at(-2);
  if (hasDefaultSchema || parts.length > 3 || !name || !namespace) return { name: streamName };
  return { name, namespace, origin: streamName };
}

const decimalFormats: readonly JsonValue[] = ['singer.decimal', 'x-singer.decimal'];

/** A type that our columns understand, of the several ways in which taps write one. */
function toPlainTypes(definition: JsonValue): JsonValue {
  if (!isJsonObject(definition)) return definition;
  const variants = [definition['anyOf'], definition['oneOf']].find(Array.isArray);
  if (variants !== undefined && definition['type'] === undefined) return mergeVariants(variants);
  if (decimalFormats.includes(definition['format'] ?? null))
    return decimalOf(definition, { precision: definition['precision'], scale: definition['scale'] });
  const digits = fractionDigits(definition['multipleOf']);
  if (digits !== undefined && typesOf(definition).join() === 'number') return decimalOf(definition, { scale: digits });
  return definition;
}

/** What all variants but null have in common: their own type when there is one, text for scalars, JSON for the rest. */
function mergeVariants(variants: readonly JsonValue[]): JsonValue {
  const plain = variants.filter(isJsonObject).map(toPlainTypes).filter(isJsonObject);
  const own = plain.filter((variant) => typesOf(variant).length > 0);
  const [first] = own;
  if (first === undefined) return {};
  const meaning = ({ type: _, ...rest }: JsonObject, types: readonly string[]) => JSON.stringify([types, rest]);
  if (own.every((variant) => meaning(variant, typesOf(variant)) === meaning(first, typesOf(first))))
    return { ...first, type: [...typesOf(first), 'null'] };
  const types = new Set(own.flatMap(typesOf));
  if (types.has('object') || types.has('array')) return {};
  const [only] = types;
  if (types.size === 1 && only !== undefined && only !== 'string') return { type: [only, 'null'] };
  return { type: ['string', 'null'] };
}

/** @param digits in all and behind the point, as far as the schema says */
function decimalOf(definition: JsonObject, digits: { precision?: JsonValue; scale?: JsonValue }): JsonSchema {
  return { type: definition['type'] ?? ['string', 'null'], 'x-decimal': JSON.parse(JSON.stringify(digits)) };
}

/** Digits behind the point of any multiple of `step`: 2 for 0.01 and for 0.25. Undefined where no DECIMAL has so many. */
function fractionDigits(step: JsonValue | undefined): number | undefined {
  if (typeof step !== 'number' || !(step > 0 && step < 1)) return undefined;
  const [mantissa = '', exponent = '0'] = String(step).split('e');
  const digits = (mantissa.split('.')[1]?.length ?? 0) - Number(exponent);
  return digits <= 38 ? digits : undefined;
}

function typesOf(definition: JsonObject): string[] {
  const type = definition['type'];
  const listed = Array.isArray(type) ? type : [type];
  return listed.filter((name): name is string => typeof name === 'string' && name !== 'null');
}

/** Our row schema as every validator in use reads it: without the keywords of other hosts. */
export function toSingerSchema({ $schema: _, title: __, ...schema }: JsonSchema, keys: readonly string[]): JsonSchema {
  return { ...withoutAirbyteTypes(schema), required: [...keys] };
}

function withoutAirbyteTypes(schema: JsonObject): JsonObject {
  const { airbyte_type: _, ...rest } = schema;
  const { properties, items } = rest;
  return {
    ...rest,
    ...(isJsonObject(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, member]) => [
              name,
              isJsonObject(member) ? withoutAirbyteTypes(member) : member,
            ]),
          ),
        }
      : {}),
    ...(isJsonObject(items) ? { items: withoutAirbyteTypes(items) } : {}),
  };
}
