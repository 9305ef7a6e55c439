// The columns of a table as its metadata has them: names and types for every reader, and what ours needs to give back the names and
// types of the stream. Pure.
import { z } from 'zod';
import { ConnectorError } from '../../../core/errors.ts';
import { canonicalJson } from '../../../core/hash.ts';
import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { Column } from '../../../tables/columns.ts';
import type { MetaData } from './actions.ts';
import { plainNames } from './plain-names.ts';
import { fromDelta, parseType, printType, storedType, type Type, toDelta } from './types.ts';

/** A column of a lake's table. `name` and `type` are those of the stream, as a DuckDB file would have them. */
export interface LakeColumn extends Column {
  /** Name in the files and for all other readers. */
  readonly field: string;
  /** What the schema says beside name and type; of others, too. */
  readonly metadata: JsonObject;
}

/** Members of a field's metadata. */
const ours = { property: 'gong_elt.property', name: 'gong_elt.name', type: 'gong_elt.type' } as const;

const schemaSchema = z.object({
  type: z.literal('struct'),
  fields: z.array(
    z.object({
      name: z.string(),
      type: z.custom<JsonValue>((value) => value !== undefined),
      metadata: z.custom<JsonObject>().nullish(),
    }),
  ),
});

/**
 * The columns of a table, without those that it is partitioned by.
 * @param shown how messages name the table
 * @throws ConnectorError (destination) for a schema or a type that we do not know
 */
export function columnsOf({ schemaString, partitionColumns }: MetaData, shown: string): LakeColumn[] {
  const refuse = (what: string, cause?: unknown) =>
    new ConnectorError(`the Delta table ${shown} has ${what}; nothing was changed`, {
      area: 'destination',
      hint: 'read it with the program that changed it, or sync into a new folder',
      fields: { path: shown },
      cause,
    });
  let fields: z.infer<typeof schemaSchema>['fields'];
  try {
    fields = schemaSchema.parse(JSON.parse(schemaString)).fields;
  } catch (cause) {
    throw refuse('a schema that cannot be read', cause);
  }
  return fields
    .filter(({ name }) => !partitionColumns.includes(name))
    .map(({ name, type, metadata }) => {
      const stored = fromDelta(type);
      if (stored === undefined) throw refuse(`a type that this version does not know in its column ${name}`);
      return {
        field: name,
        property: textIn(metadata, ours.property) ?? name,
        name: textIn(metadata, ours.name) ?? name,
        type: typeIn(metadata, stored),
        metadata: metadata ?? {},
      };
    });
}

/** Did somebody else add the column to a table of ours? */
export function isForeign({ metadata }: LakeColumn): boolean {
  return textIn(metadata, ours.property) === undefined;
}

/**
 * `columns`, of which those that the table does not have yet get their names in the files.
 * @param written names of those that the stream writes: the others stay whose they are
 */
export function withFields(
  columns: readonly Column[],
  existing: readonly LakeColumn[],
  partitionColumns: readonly string[],
  written: ReadonlySet<string>,
): LakeColumn[] {
  const known = new Map(existing.map((column) => [column.name, column]));
  const added = columns.filter(({ name }) => !known.has(name));
  const taken = [...existing.map(({ field }) => field), ...partitionColumns];
  const fields = plainNames(
    added.map(({ name }) => name),
    taken,
  );
  const names = new Map(added.map(({ name }, index) => [name, fields[index] ?? name]));
  return columns.map(({ property, name, type }) => {
    const before = known.get(name);
    if (before !== undefined && isForeign(before) && !written.has(name)) return before;
    const metadata = { ...before?.metadata, [ours.property]: property, [ours.name]: name, [ours.type]: type };
    return { property, name, type, field: before?.field ?? names.get(name) ?? name, metadata };
  });
}

/** The text for the metadata. Columns that the table is partitioned by hold text. */
export function schemaString(columns: readonly LakeColumn[], partitionColumns: readonly string[]): string {
  const fields = columns.map(({ field, type, metadata }) => ({
    name: field,
    type: toDelta(storedType(typeOf({ type }))),
    nullable: true,
    metadata,
  }));
  const partitions = partitionColumns.map((name) => ({ name, type: 'string', nullable: true, metadata: {} }));
  return JSON.stringify({ type: 'struct', fields: [...fields, ...partitions] });
}

/** The type of a column, taken apart. */
export function typeOf({ type }: Pick<Column, 'type'>): Type {
  const parsed = parseType(type);
  if (parsed === undefined) throw new ConnectorError(`a column has the type ${type}`, { area: 'bug' });
  return parsed;
}

/** What our metadata says, as long as the schema still agrees with it. */
function typeIn(metadata: JsonObject | null | undefined, stored: Type): string {
  const said = textIn(metadata, ours.type) ?? '';
  const type = parseType(said);
  const agrees = type !== undefined && canonicalJson(toDelta(storedType(type))) === canonicalJson(toDelta(stored));
  return agrees ? said : printType(stored);
}

function textIn(metadata: JsonObject | null | undefined, name: string): string | undefined {
  const value = metadata?.[name];
  return typeof value === 'string' ? value : undefined;
}
