// The catalog as Airbyte writes it: what discovery prints, and the streams of it that a host chose.
import type {
  ConfiguredCatalog,
  ConfiguredStream,
  DestinationSyncMode,
  JsonSchema,
  Stream,
  SyncMode,
} from '../../core/catalog.ts';
import { streamKey } from '../../core/catalog.ts';
import { ConnectorError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { toJsonLine } from '../../jsonl/json-line.ts';

const syncModes: readonly SyncMode[] = ['full_refresh', 'incremental'];
const destinationSyncModes: readonly DestinationSyncMode[] = ['append', 'overwrite', 'append_dedup'];

/** Sources that follow a database's log set it in the last record of a row. */
const deletionField = '_ab_cdc_deleted_at';

export function encodeCatalog(streams: readonly Stream[]): string {
  return toJsonLine({ type: 'CATALOG', catalog: { streams: streams.map(toAirbyteStream) } });
}

function toAirbyteStream(stream: Stream): JsonObject {
  const hasCursor = stream.cursorField.length > 0;
  return {
    name: stream.name,
    ...(stream.namespace === undefined ? {} : { namespace: stream.namespace }),
    json_schema: stream.jsonSchema,
    supported_sync_modes: [...stream.syncModes],
    source_defined_cursor: hasCursor,
    ...(hasCursor ? { default_cursor_field: [...stream.cursorField] } : {}),
    source_defined_primary_key: stream.primaryKey.map((path) => [...path]),
    is_resumable: stream.syncModes.includes('incremental'),
  };
}

/**
 * @param value the parsed file behind `--catalog`
 * @param bindingMode the mode that the caller acts on and that must therefore be known; hosts fill the other with anything
 * @throws ConnectorError `config` that lists every problem with its place.
 */
export function parseConfiguredCatalog(
  value: unknown,
  bindingMode: 'sync_mode' | 'destination_sync_mode',
): ConfiguredCatalog {
  const problems: string[] = [];
  const entries = isJsonObject(value) ? value['streams'] : undefined;
  if (!Array.isArray(entries)) throw refuse(['it has no list "streams"']);
  const catalog: ConfiguredStream[] = [];
  const keys = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const place = `streams[${index}]`;
    const configured = readConfiguredStream(entry, place, bindingMode, problems);
    if (!configured) continue;
    const key = streamKey(configured.stream);
    if (keys.has(key)) problems.push(`${place} names a stream for the second time`);
    keys.add(key);
    catalog.push(configured);
  }
  if (problems.length > 0) throw refuse(problems);
  return catalog;
}

function readConfiguredStream(
  entry: JsonValue,
  place: string,
  bindingMode: 'sync_mode' | 'destination_sync_mode',
  problems: string[],
): ConfiguredStream | undefined {
  const found = isJsonObject(entry) ? entry['stream'] : undefined;
  if (!isJsonObject(entry) || !isJsonObject(found)) {
    problems.push(`${place}.stream is missing`);
    return undefined;
  }
  const stream = readStream(found, `${place}.stream`, problems);
  const readMode = <Mode extends string>(key: string, known: readonly Mode[], whenFree: Mode): Mode => {
    const mode = known.find((candidate) => candidate === entry[key]);
    if (mode === undefined && key === bindingMode) problems.push(`${place}.${key} is none of ${known.join(', ')}`);
    return mode ?? whenFree;
  };
  const readPart = <Part>(key: string, read: (part: JsonValue) => Part | undefined, absent: Part): Part => {
    const part = entry[key] ?? null;
    if (part === null) return absent;
    const result = read(part);
    if (result === undefined) problems.push(`${place}.${key} has a wrong form`);
    return result ?? absent;
  };
  const primaryKey = readPart('primary_key', toPaths, []);
  const cursorField = readPart('cursor_field', toPath, []);
  const properties = stream.jsonSchema['properties'];
  return {
    stream,
    syncMode: readMode('sync_mode', syncModes, 'full_refresh'),
    destinationSyncMode: readMode('destination_sync_mode', destinationSyncModes, 'append'),
    primaryKey: primaryKey.length > 0 ? primaryKey : stream.primaryKey,
    cursorField: cursorField.length > 0 ? cursorField : stream.cursorField,
    generationId: readPart<number | undefined>('generation_id', toWholeNumber, undefined),
    minimumGenerationId: readPart<number | undefined>('minimum_generation_id', toWholeNumber, undefined),
    syncId: readPart<number | undefined>('sync_id', toWholeNumber, undefined),
    deletionField: isJsonObject(properties) && Object.hasOwn(properties, deletionField) ? deletionField : undefined,
  };
}

function readStream(value: JsonObject, place: string, problems: string[]): Stream {
  const name = value['name'];
  if (typeof name !== 'string' || name === '') problems.push(`${place}.name is missing or empty`);
  const jsonSchema = value['json_schema'];
  if (!isJsonObject(jsonSchema)) problems.push(`${place}.json_schema is no object`);
  const namespace = value['namespace'];
  const supported = value['supported_sync_modes'];
  return {
    name: typeof name === 'string' ? name : '',
    namespace: typeof namespace === 'string' && namespace !== '' ? namespace : undefined,
    jsonSchema: isJsonObject(jsonSchema) ? (jsonSchema satisfies JsonSchema) : {},
    primaryKey: toPaths(value['source_defined_primary_key'] ?? []) ?? [],
    cursorField: toPath(value['default_cursor_field'] ?? []) ?? [],
    syncModes: syncModes.filter((mode) => Array.isArray(supported) && supported.includes(mode)),
  };
}

function toPath(value: JsonValue): string[] | undefined {
  return Array.isArray(value) && value.every((step) => typeof step === 'string') ? value : undefined;
}

function toPaths(value: JsonValue): string[][] | undefined {
  if (!Array.isArray(value)) return undefined;
  const paths = value.map(toPath).filter((path) => path !== undefined && path.length > 0);
  return paths.length === value.length ? (paths as string[][]) : undefined;
}

function toWholeNumber(value: JsonValue): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

function refuse(problems: readonly string[]): ConnectorError {
  return new ConnectorError(`The configured catalog cannot be used: ${problems.join('; ')}.`, {
    area: 'config',
    hint: 'let the host write it from the output of discover',
  });
}
