// The catalog of a Singer tap: what discovery prints, and what of it a host's catalog selects.
import type { JsonSchema, Stream } from '../../core/catalog.ts';
import { ConnectorError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { toSingerSchema } from './schema.ts';

/** In lines, since people read and change it. */
export function encodeCatalog(streams: readonly Stream[]): string {
  return `${JSON.stringify(toSingerCatalog(streams), null, 2)}\n`;
}

/** Metadata for the stream and for every property: a host makes up what is left out, and then it cannot be deselected. */
export function toSingerCatalog(streams: readonly Stream[]): JsonObject {
  return { streams: streams.map(describe) };
}

function describe(stream: Stream): JsonObject {
  const keys = keysOf(stream);
  const replicationKey = stream.cursorField[0] ?? null;
  const always = alwaysSelected(stream);
  const isIncrementalOnly = !stream.syncModes.includes('full_refresh');
  return {
    tap_stream_id: stream.name,
    stream: stream.name,
    schema: toSingerSchema(stream.jsonSchema, keys),
    key_properties: keys,
    replication_key: replicationKey,
    replication_method: 'INCREMENTAL',
    is_view: false,
    metadata: [
      {
        breadcrumb: [],
        metadata: {
          inclusion: 'available',
          'selected-by-default': true,
          'table-key-properties': keys,
          'valid-replication-keys': [...stream.cursorField],
          'replication-key': replicationKey,
          ...(isIncrementalOnly ? { 'forced-replication-method': 'INCREMENTAL' } : {}),
        },
      },
      ...propertiesOf(stream.jsonSchema).map((property) => ({
        breadcrumb: ['properties', property],
        metadata: { inclusion: always.has(property) ? 'automatic' : 'available' },
      })),
    ],
  };
}

export interface SelectedStream {
  readonly stream: Stream;
  /** Without what is not selected. */
  readonly schema: JsonSchema;
  /** Top-level fields of its records; undefined = all. */
  readonly properties: ReadonlySet<string> | undefined;
  /** Shall it be read from its start? */
  readonly isFullTable: boolean;
}

export interface Selection {
  readonly streams: readonly SelectedStream[];
  /** What the catalog asks for and does not get. */
  readonly warnings: readonly string[];
}

/** All fields of every stream. */
export function selectEverything(streams: readonly Stream[]): Selection {
  return { streams: streams.map((stream) => selectFields(stream, {}, false)), warnings: [] };
}

/**
 * What a host's catalog selects, in the order of `streams`. A stream that is not in it is not selected.
 * @throws ConnectorError (config) for what is no catalog, and for a selected stream that is none of ours
 */
export function readSelection(catalog: JsonValue, streams: readonly Stream[]): Selection {
  const entries = isJsonObject(catalog) ? catalog['streams'] : undefined;
  if (!Array.isArray(entries) || !entries.every(isJsonObject))
    throw new ConnectorError('The catalog has no list of streams.', {
      area: 'config',
      hint: 'give the tap the output of --discover, with your selection in its metadata',
    });
  const byName = new Map(entries.filter(isSelected).map((entry) => [nameOf(entry), entry]));
  const unknown = [...byName.keys()].filter((name) => !streams.some((stream) => stream.name === name));
  if (unknown.length > 0)
    throw new ConnectorError(
      `With this configuration there is no stream ${unknown.map((name) => `"${name.slice(0, 100)}"`).join(', ')}.`,
      {
        area: 'config',
        hint: 'run --discover again and select among its streams; semarize_runs needs semarize_api_key',
      },
    );
  const warnings: string[] = [];
  const selected = streams.flatMap((stream) => {
    const entry = byName.get(stream.name);
    if (entry === undefined) return [];
    const wanted = methodOf(entry);
    const isFullTable = wanted === 'FULL_TABLE' && stream.syncModes.includes('full_refresh');
    if (wanted !== undefined && wanted !== 'INCREMENTAL' && !isFullTable)
      warnings.push(`stream ${stream.name} is read incrementally: it has no replication method ${wanted.slice(0, 40)}`);
    const keys = keysOf(stream);
    const asked = entry['key_properties'] ?? metadataAt(entry, []).get('key-properties');
    if (Array.isArray(asked) && JSON.stringify(asked) !== JSON.stringify(keys))
      warnings.push(`stream ${stream.name} keeps its key ${keys.join(', ')}`);
    return [selectFields(stream, entry, isFullTable)];
  });
  return { streams: selected, warnings };
}

function selectFields(stream: Stream, entry: JsonObject, isFullTable: boolean): SelectedStream {
  const always = alwaysSelected(stream);
  const all = propertiesOf(stream.jsonSchema);
  const chosen = all.filter((property) => always.has(property) || isPropertySelected(entry, property));
  const schema = toSingerSchema(stream.jsonSchema, keysOf(stream));
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  return {
    stream,
    schema: {
      ...schema,
      properties: Object.fromEntries(Object.entries(properties).filter(([name]) => chosen.includes(name))),
    },
    properties: chosen.length === all.length ? undefined : new Set(chosen),
    isFullTable,
  };
}

/** Hosts differ in which one they fill. */
function nameOf(entry: JsonObject): string {
  return String(entry['tap_stream_id'] ?? entry['stream'] ?? '');
}

function isSelected(entry: JsonObject): boolean {
  const hasMetadata = Array.isArray(entry['metadata']) && entry['metadata'].length > 0;
  const schema = entry['schema'];
  const legacy = readFlag(entry['selected']) ?? (isJsonObject(schema) ? readFlag(schema['selected']) : undefined);
  if (!hasMetadata) return legacy ?? true;
  return decide(metadataAt(entry, []), legacy) ?? false;
}

function isPropertySelected(entry: JsonObject, property: string): boolean {
  const schema = entry['schema'];
  const properties = isJsonObject(schema) ? schema['properties'] : undefined;
  const definition = isJsonObject(properties) ? properties[property] : undefined;
  const legacy = isJsonObject(definition) ? readFlag(definition['selected']) : undefined;
  // A field that nobody says anything about goes with its stream.
  return decide(metadataAt(entry, ['properties', property]), legacy) ?? true;
}

/** What metadata says; undefined when it says nothing. */
function decide(metadata: ReadonlyMap<string, JsonValue>, legacy: boolean | undefined): boolean | undefined {
  const inclusion = metadata.get('inclusion');
  if (inclusion === 'unsupported') return false;
  if (inclusion === 'automatic') return true;
  return readFlag(metadata.get('selected')) ?? readFlag(metadata.get('selected-by-default')) ?? legacy;
}

/** The specification has an example with the flag as a text. */
function readFlag(value: JsonValue | undefined): boolean | undefined {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
}

function metadataAt(entry: JsonObject, breadcrumb: readonly string[]): ReadonlyMap<string, JsonValue> {
  const list = Array.isArray(entry['metadata']) ? entry['metadata'] : [];
  const wanted = JSON.stringify(breadcrumb);
  const found = list.filter(isJsonObject).find((item) => JSON.stringify(item['breadcrumb']) === wanted);
  return new Map(Object.entries(isJsonObject(found?.['metadata']) ? found['metadata'] : {}));
}

function methodOf(entry: JsonObject): string | undefined {
  const method = metadataAt(entry, []).get('replication-method') ?? entry['replication_method'];
  return typeof method === 'string' ? method.toUpperCase() : undefined;
}

/** The key, and the field that says which version is newer. */
function alwaysSelected(stream: Stream): ReadonlySet<string> {
  return new Set([...keysOf(stream), ...stream.cursorField]);
}

function keysOf({ primaryKey }: Stream): string[] {
  return primaryKey.flatMap(([first]) => (first === undefined ? [] : [first]));
}

function propertiesOf({ properties }: JsonSchema): string[] {
  return isJsonObject(properties) ? Object.keys(properties) : [];
}
