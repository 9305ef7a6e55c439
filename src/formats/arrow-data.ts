// The values of one column as Arrow's buffers.
import { type Data, type DataType, makeData } from 'apache-arrow';
import { ConnectorError } from '../core/errors.ts';
import type { PlainValue, ValueType } from '../duckdb/value-types.ts';
import { mostDigits } from './arrow-types.ts';

/**
 * @param arrow of `arrowTypeOf(type)`
 * @throws ConnectorError (config) for a whole number of more digits than Arrow's decimals have
 */
export function arrowData(values: readonly PlainValue[], type: ValueType, arrow: DataType): Data {
  const length = values.length;
  const nullCount = values.filter((value) => value === null).length;
  const nullBitmap = nullCount === 0 ? undefined : bitmap(values.map((value) => value !== null));
  const base = { type: arrow, length, nullCount, nullBitmap };
  switch (type.kind) {
    case 'boolean':
      return data({ ...base, data: bitmap(values.map((value) => value === true)) });
    case 'text':
    case 'blob':
      return data({ ...base, ...bytesOf(values) });
    case 'list':
    case 'map':
      return data({ ...base, ...itemsOf(values, type, arrow) });
    case 'struct':
      return data({
        ...base,
        children: type.fields.map((field, index) =>
          arrowData(
            values.map((value) => memberOf(value, index)),
            field.type,
            childOf(arrow, index),
          ),
        ),
      });
    case 'decimal':
      return data({ ...base, data: decimals(values) });
    case 'integer':
      return data({ ...base, data: type.bits === 128 ? decimals(values) : numbers(values, arrow) });
    default:
      return data({ ...base, data: numbers(values, arrow) });
  }
}

/** The buffers fit the type by the cases above, which the library's types cannot say. */
function data(parts: { readonly type: DataType } & Record<string, unknown>): Data {
  return makeData(parts as never);
}

function childOf(arrow: DataType, index: number): DataType {
  return (arrow.children[index] as { type: DataType }).type;
}

function memberOf(value: PlainValue, index: number): PlainValue {
  return Array.isArray(value) ? (value[index] as PlainValue) : null;
}

/** A bit a value, the first one lowest. */
function bitmap(flags: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 8));
  for (const [index, flag] of flags.entries())
    if (flag) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
  return bits;
}

function numbers(values: readonly PlainValue[], arrow: DataType): ArrayBufferView {
  const buffer = new arrow.ArrayType(values.length);
  const zero = buffer instanceof BigInt64Array || buffer instanceof BigUint64Array ? 0n : 0;
  for (const [index, value] of values.entries()) buffer[index] = value ?? zero;
  return buffer;
}

const bound = 10n ** BigInt(mostDigits);

/** 128 bits a value, in four words, the lowest first. */
function decimals(values: readonly PlainValue[]): Uint32Array {
  const words = new Uint32Array(values.length * 4);
  for (const [index, value] of values.entries()) {
    const number = BigInt((value ?? 0n) as bigint);
    if (number >= bound || number <= -bound)
      throw new ConnectorError(
        `A whole number has more than ${mostDigits} digits, which Arrow’s decimals do not hold.`,
        {
          area: 'config',
          hint: 'cast the column to VARCHAR, or choose another format',
        },
      );
    for (let word = 0; word < 4; word += 1)
      words[index * 4 + word] = Number(BigInt.asUintN(32, number >> BigInt(32 * word)));
  }
  return words;
}

function bytesOf(values: readonly PlainValue[]): { valueOffsets: Int32Array; data: Uint8Array } {
  const pieces = values.map((value) =>
    value === null ? empty : typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array),
  );
  return { valueOffsets: offsetsOf(pieces), data: Buffer.concat(pieces) };
}

const empty = new Uint8Array(0);

function itemsOf(
  values: readonly PlainValue[],
  type: Extract<ValueType, { kind: 'list' | 'map' }>,
  arrow: DataType,
): { valueOffsets: Int32Array; child: Data } {
  const lists = values.map((value) => (Array.isArray(value) ? (value as readonly PlainValue[]) : []));
  const itemType: ValueType =
    type.kind === 'list'
      ? type.of
      : {
          kind: 'struct',
          fields: [
            { name: 'key', type: type.key },
            { name: 'value', type: type.value },
          ],
        };
  return { valueOffsets: offsetsOf(lists), child: arrowData(lists.flat(), itemType, childOf(arrow, 0)) };
}

function offsetsOf(parts: readonly { readonly length: number }[]): Int32Array {
  const offsets = new Int32Array(parts.length + 1);
  for (const [index, { length }] of parts.entries()) offsets[index + 1] = (offsets[index] ?? 0) + length;
  return offsets;
}
