// The types of a result's columns in words of our own, and its values as plain JavaScript: for formats that keep types.
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  DuckDBTypeId,
} from '@duckdb/node-api';

/** What has no kind of its own here (UUID, ENUM, INTERVAL, BIT, UNION, TIMETZ, …) is text, as DuckDB prints it. */
export type ValueType =
  | { readonly kind: 'boolean' | 'text' | 'blob' | 'date' | 'time' }
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 32 | 64 | 128; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bits: 32 | 64 }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'timestamp'; readonly unit: 's' | 'ms' | 'us' | 'ns'; readonly hasZone: boolean }
  | { readonly kind: 'list'; readonly of: ValueType }
  | { readonly kind: 'struct'; readonly fields: readonly { readonly name: string; readonly type: ValueType }[] }
  | { readonly kind: 'map'; readonly key: ValueType; readonly value: ValueType };

/**
 * By kind: `boolean`; text string; `blob` bytes; integers up to 32 bits and floats number, wider ones bigint; `decimal` bigint
 * without its point; `date` days since 1970; `time` bigint of microseconds; `timestamp` bigint of its unit since 1970; list and
 * struct (in the order of its fields) array; `map` array of pairs.
 */
export type PlainValue = null | boolean | string | number | bigint | Uint8Array | readonly PlainValue[];

const simpleTypes: ReadonlyMap<DuckDBTypeId, ValueType> = new Map<DuckDBTypeId, ValueType>([
  [DuckDBTypeId.BOOLEAN, { kind: 'boolean' }],
  [DuckDBTypeId.TINYINT, { kind: 'integer', bits: 8, signed: true }],
  [DuckDBTypeId.SMALLINT, { kind: 'integer', bits: 16, signed: true }],
  [DuckDBTypeId.INTEGER, { kind: 'integer', bits: 32, signed: true }],
  [DuckDBTypeId.BIGINT, { kind: 'integer', bits: 64, signed: true }],
  [DuckDBTypeId.HUGEINT, { kind: 'integer', bits: 128, signed: true }],
  [DuckDBTypeId.UTINYINT, { kind: 'integer', bits: 8, signed: false }],
  [DuckDBTypeId.USMALLINT, { kind: 'integer', bits: 16, signed: false }],
  [DuckDBTypeId.UINTEGER, { kind: 'integer', bits: 32, signed: false }],
  [DuckDBTypeId.UBIGINT, { kind: 'integer', bits: 64, signed: false }],
  [DuckDBTypeId.UHUGEINT, { kind: 'integer', bits: 128, signed: false }],
  [DuckDBTypeId.FLOAT, { kind: 'float', bits: 32 }],
  [DuckDBTypeId.DOUBLE, { kind: 'float', bits: 64 }],
  [DuckDBTypeId.BLOB, { kind: 'blob' }],
  [DuckDBTypeId.DATE, { kind: 'date' }],
  [DuckDBTypeId.TIME, { kind: 'time' }],
  [DuckDBTypeId.TIMESTAMP_S, { kind: 'timestamp', unit: 's', hasZone: false }],
  [DuckDBTypeId.TIMESTAMP_MS, { kind: 'timestamp', unit: 'ms', hasZone: false }],
  [DuckDBTypeId.TIMESTAMP, { kind: 'timestamp', unit: 'us', hasZone: false }],
  [DuckDBTypeId.TIMESTAMP_NS, { kind: 'timestamp', unit: 'ns', hasZone: false }],
  [DuckDBTypeId.TIMESTAMP_TZ, { kind: 'timestamp', unit: 'us', hasZone: true }],
]);

export function valueTypeOf(type: DuckDBType): ValueType {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL:
      return { kind: 'decimal', precision: type.width, scale: type.scale };
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return { kind: 'list', of: valueTypeOf(type.valueType) };
    case DuckDBTypeId.STRUCT:
      return {
        kind: 'struct',
        fields: type.entryNames.map((name, index) => ({ name, type: typeAt(type.entryTypes, index) })),
      };
    case DuckDBTypeId.MAP:
      return { kind: 'map', key: valueTypeOf(type.keyType), value: valueTypeOf(type.valueType) };
    default:
      return simpleTypes.get(type.typeId) ?? { kind: 'text' };
  }
}

function typeAt(types: readonly DuckDBType[], index: number): ValueType {
  const type = types[index];
  return type === undefined ? { kind: 'text' } : valueTypeOf(type);
}

/** A value of DuckDB's in the form that `PlainValue` names for its kind. */
export function plainValue(value: DuckDBValue, type: ValueType): PlainValue {
  if (value === null) return null;
  if (type.kind === 'text') return String(value);
  if (typeof value !== 'object') return value;
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const of: ValueType = type.kind === 'list' ? type.of : { kind: 'text' };
    return value.items.map((item) => plainValue(item, of));
  }
  if (value instanceof DuckDBStructValue && type.kind === 'struct')
    return type.fields.map((field) => plainValue(value.entries[field.name] ?? null, field.type));
  if (value instanceof DuckDBMapValue && type.kind === 'map')
    return value.entries.map((entry) => [plainValue(entry.key, type.key), plainValue(entry.value, type.value)]);
  if (value instanceof DuckDBDecimalValue) return value.value;
  if (value instanceof DuckDBBlobValue) return value.bytes;
  if (value instanceof DuckDBDateValue) return value.days;
  if (value instanceof DuckDBTimeValue) return value.micros;
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue) return value.micros;
  if (value instanceof DuckDBTimestampSecondsValue) return value.seconds;
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.millis;
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos;
  return String(value);
}
