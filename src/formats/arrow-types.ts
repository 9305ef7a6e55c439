// Column types as Arrow has them (arrow.apache.org/docs/format/Columnar.html).
import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Map_,
  Struct,
  TimeMicrosecond,
  Timestamp,
  TimeUnit,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import type { ValueType } from '../duckdb/value-types.ts';

/** The most digits of a 128-bit decimal; whole numbers of 128 bits travel as such, as DuckDB itself sends them. */
export const mostDigits = 38;

const timeUnits = {
  s: TimeUnit.SECOND,
  ms: TimeUnit.MILLISECOND,
  us: TimeUnit.MICROSECOND,
  ns: TimeUnit.NANOSECOND,
} as const;

export function arrowTypeOf(type: ValueType): DataType {
  switch (type.kind) {
    case 'boolean':
      return new Bool();
    case 'text':
      return new Utf8();
    case 'blob':
      return new Binary();
    case 'date':
      return new DateDay();
    case 'time':
      return new TimeMicrosecond();
    case 'timestamp':
      return new Timestamp(timeUnits[type.unit], type.hasZone ? 'UTC' : null);
    case 'decimal':
      return new Decimal(type.scale, type.precision);
    case 'float':
      return type.bits === 32 ? new Float32() : new Float64();
    case 'integer':
      return integerType(type.bits, type.signed);
    case 'list':
      return new List(nullable('item', type.of));
    case 'struct':
      return new Struct(type.fields.map((field) => nullable(field.name, field.type)));
    case 'map': {
      const entry = new Struct([new Field('key', arrowTypeOf(type.key), false), nullable('value', type.value)]);
      return new Map_(new Field('entries', entry as never, false));
    }
  }
}

function integerType(bits: 8 | 16 | 32 | 64 | 128, signed: boolean): DataType {
  switch (bits) {
    case 8:
      return signed ? new Int8() : new Uint8();
    case 16:
      return signed ? new Int16() : new Uint16();
    case 32:
      return signed ? new Int32() : new Uint32();
    case 64:
      return signed ? new Int64() : new Uint64();
    case 128:
      return new Decimal(0, mostDigits);
  }
}

export function nullable(name: string, type: ValueType): Field {
  return new Field(name, arrowTypeOf(type), true);
}
