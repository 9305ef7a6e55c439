// SQL that carries a value from the type of our tables to the one in their files, and back. Pure.
import { quoteIdent, quoteLiteral } from '../../../duckdb/sql.ts';
import { printType, storedType, type Type } from './types.ts';

/** `value` of `type` as it stands in the files. */
export function toStored(value: string, type: Type): string {
  return convert(value, type, storedType(type), 'out');
}

/** The stored `value` as `type` again. */
export function fromStored(value: string, type: Type): string {
  return convert(value, storedType(type), type, 'in');
}

function convert(value: string, from: Type, to: Type, way: 'in' | 'out', depth = 0): string {
  if (printType(from) === printType(to)) return value;
  if (from.kind === 'list' && to.kind === 'list') {
    const item = `x${depth}`;
    return `list_transform(${value}, lambda ${item}: ${convert(item, from.item, to.item, way, depth + 1)})`;
  }
  if (from.kind === 'struct' && to.kind === 'struct') {
    const members = to.members.map((member, index) => {
      const source = from.members[index] ?? member;
      const inner = `struct_extract(${value}, ${quoteLiteral(source.name)})`;
      return `${quoteIdent(member.name)} := ${convert(inner, source.type, member.type, way, depth)}`;
    });
    return `CASE WHEN ${value} IS NOT NULL THEN struct_pack(${members.join(', ')}) END`;
  }
  // So that two writers in two zones write the same text for the same time.
  if (way === 'out' && printType(from) === 'TIME WITH TIME ZONE') return `CAST(${value} AT TIME ZONE 'UTC' AS VARCHAR)`;
  return `CAST(${value} AS ${printType(to)})`;
}
