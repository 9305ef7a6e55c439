// DuckDB's types, as it prints them, and what becomes of them in a Delta table: the type in the schema, and the plain type in the
// files. Pure.
import { ConnectorError } from '../../../core/errors.ts';
import { isJsonObject, type JsonValue } from '../../../core/json.ts';
import { quoteIdent } from '../../../duckdb/sql.ts';
import { plainNames } from './plain-names.ts';

export type Type =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'list'; readonly item: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  | { readonly kind: 'struct'; readonly members: readonly Member[] };

export interface Member {
  readonly name: string;
  readonly type: Type;
}

/** DuckDB's scalars by their names in a Delta schema. Those that stand there twice are read as the first. */
const scalars: readonly (readonly [delta: string, duckDb: string])[] = [
  ['string', 'VARCHAR'],
  ['string', 'JSON'],
  ['string', 'TIME'],
  ['string', 'TIME WITH TIME ZONE'],
  ['long', 'BIGINT'],
  ['integer', 'INTEGER'],
  ['short', 'SMALLINT'],
  ['byte', 'TINYINT'],
  ['double', 'DOUBLE'],
  ['float', 'FLOAT'],
  ['boolean', 'BOOLEAN'],
  ['binary', 'BLOB'],
  ['date', 'DATE'],
  ['timestamp', 'TIMESTAMP WITH TIME ZONE'],
  ['timestamp_ntz', 'TIMESTAMP'],
];

const decimal = /^DECIMAL\(\d+,\d+\)$/;

/** @returns undefined for a text that is no type we know, so that what is one may stand in SQL as it is */
export function parseType(text: string): Type | undefined {
  let at = 0;
  function take(token: string): boolean {
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  }

  function name(): string | undefined {
    const [found] = /^(?:"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*)/.exec(text.slice(at)) ?? [];
    if (found === undefined) return undefined;
    at += found.length;
    return found.startsWith('"') ? found.slice(1, -1).replaceAll('""', '"') : found;
  }

  function members(): Member[] | undefined {
    const found: Member[] = [];
    do {
      const member = name();
      if (member === undefined || !take(' ')) return undefined;
      const of = type();
      if (of === undefined) return undefined;
      found.push({ name: member, type: of });
    } while (take(', '));
    return take(')') ? found : undefined;
  }

  function single(): Type | undefined {
    if (take('STRUCT(')) {
      const found = members();
      return found && { kind: 'struct', members: found };
    }
    if (take('MAP(')) {
      const key = type();
      const value = key && take(', ') ? type() : undefined;
      return key && value && take(')') ? { kind: 'map', key, value } : undefined;
    }
    const [found] = /^DECIMAL\(\d+,\d+\)|^[A-Z]+(?: [A-Z]+)*/.exec(text.slice(at)) ?? [];
    if (found === undefined || !(decimal.test(found) || scalars.some(([, duckDb]) => duckDb === found)))
      return undefined;
    at += found.length;
    return { kind: 'scalar', name: found };
  }

  function type(): Type | undefined {
    let found = single();
    while (found && take('[]')) found = { kind: 'list', item: found };
    return found;
  }

  const found = type();
  return at === text.length ? found : undefined;
}

/** As DuckDB prints it, but for quotes that it leaves out. */
export function printType(type: Type): string {
  switch (type.kind) {
    case 'scalar':
      return type.name;
    case 'list':
      return `${printType(type.item)}[]`;
    case 'map':
      return `MAP(${printType(type.key)}, ${printType(type.value)})`;
    case 'struct':
      return `STRUCT(${type.members.map((member) => `${quoteIdent(member.name)} ${printType(member.type)}`).join(', ')})`;
  }
}

/** What stands in the files for `type`: names that every reader takes, and text for what Parquet or its readers have no type for. */
export function storedType(type: Type): Type {
  switch (type.kind) {
    case 'scalar':
      return { kind: 'scalar', name: isText(type) ? 'VARCHAR' : type.name };
    case 'list':
      return { kind: 'list', item: storedType(type.item) };
    case 'map':
      return { kind: 'map', key: storedType(type.key), value: storedType(type.value) };
    case 'struct': {
      const names = plainNames(type.members.map((member) => member.name));
      return {
        kind: 'struct',
        members: type.members.map((member, index) => ({ name: names[index] ?? '', type: storedType(member.type) })),
      };
    }
  }
}

/** `type`, which is a stored one, in a Delta schema. */
export function toDelta(type: Type): JsonValue {
  switch (type.kind) {
    case 'scalar':
      return deltaScalar(type.name);
    case 'list':
      return { type: 'array', elementType: toDelta(type.item), containsNull: true };
    case 'map':
      return { type: 'map', keyType: toDelta(type.key), valueType: toDelta(type.value), valueContainsNull: true };
    case 'struct':
      return {
        type: 'struct',
        fields: type.members.map((member) => ({
          name: member.name,
          type: toDelta(member.type),
          nullable: true,
          metadata: {},
        })),
      };
  }
}

/** The stored type behind one of a Delta schema; undefined for one that we do not know. */
export function fromDelta(value: JsonValue | undefined): Type | undefined {
  if (typeof value === 'string') {
    const digits = /^decimal\((\d+),\s*(\d+)\)$/.exec(value);
    if (digits !== null) return { kind: 'scalar', name: `DECIMAL(${digits[1]},${digits[2]})` };
    const known = scalars.find(([delta]) => delta === value);
    return known && { kind: 'scalar', name: known[1] };
  }
  if (!isJsonObject(value)) return undefined;
  if (value['type'] === 'array') {
    const item = fromDelta(value['elementType']);
    return item && { kind: 'list', item };
  }
  if (value['type'] === 'map') {
    const key = fromDelta(value['keyType']);
    const of = fromDelta(value['valueType']);
    return key && of && { kind: 'map', key, value: of };
  }
  const fields = value['fields'];
  if (value['type'] !== 'struct' || !Array.isArray(fields)) return undefined;
  const members = fields.map((field) => {
    const type = isJsonObject(field) ? fromDelta(field['type']) : undefined;
    return type && isJsonObject(field) ? { name: String(field['name']), type } : undefined;
  });
  return members.every((member) => member !== undefined) ? { kind: 'struct', members } : undefined;
}

/** Is it `TIMESTAMP`, or does it hold one? */
export function holdsNtz(type: Type): boolean {
  switch (type.kind) {
    case 'scalar':
      return type.name === 'TIMESTAMP';
    case 'list':
      return holdsNtz(type.item);
    case 'map':
      return holdsNtz(type.key) || holdsNtz(type.value);
    case 'struct':
      return type.members.some((member) => holdsNtz(member.type));
  }
}

function isText({ name }: { readonly name: string }): boolean {
  return deltaScalar(name) === 'string';
}

function deltaScalar(name: string): string {
  if (decimal.test(name)) return name.toLowerCase();
  const known = scalars.find(([, duckDb]) => duckDb === name);
  if (known === undefined) throw new ConnectorError(`a Delta table has no type for ${name}`, { area: 'bug' });
  return known[0];
}
