// Airbyte lines to what the loader does with them. Records are routed by their bytes; `null` means absent everywhere.
import { type ConfiguredCatalog, type ConfiguredStream, streamKey } from '../../core/catalog.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { StatusMessage } from '../../core/message.ts';
import { type ExactObject, NumberLiteral, parseExactly, writeExactly } from '../../jsonl/full-parse.ts';
import { setMember } from '../../jsonl/members.ts';
import { type RecordEnvelope, reservedKeyPrefixes, type Scanner, stageableData } from '../../jsonl/scan.ts';
import type { Decoded, DecodedState, Decoder, StateCounts } from '../dialect.ts';
import { createLineDecoder, malformed } from '../line-decoder.ts';
import { createRoutes } from '../routes.ts';

export const recordEnvelope: RecordEnvelope = {
  type: 'RECORD',
  body: 'record',
  stream: 'stream',
  namespace: 'namespace',
  data: 'data',
  emittedAt: 'emitted_at',
  meta: 'meta',
};

export function createAirbyteDecoder(catalog: ConfiguredCatalog): Decoder {
  const findStream = createStreamFinder(catalog);
  const routes = createRoutes(findStream);

  function decodeRecord(line: Buffer, parts: Scanner): Decoded {
    const { emittedAt, meta } = parts;
    const { stream, name } = routes.find(line, parts.stream, parts.namespace);
    return {
      kind: 'record',
      stream,
      name,
      data: stageableData(line, parts),
      emittedAt:
        emittedAt.start === -1 ? undefined : toMilliseconds(line.toString('latin1', emittedAt.start, emittedAt.end)),
      meta: meta.start === -1 ? undefined : line.toString('utf8', meta.start, meta.end),
    };
  }

  function decodeExactly(line: Buffer): Decoded {
    const message = parseExactly(line.toString('utf8')) as ExactObject;
    if (message.get('type') !== 'RECORD') return decodeOther(line);
    const record = message.get('record');
    if (!(record instanceof Map)) return malformed('a RECORD without record');
    const name = record.get('stream');
    if (typeof name !== 'string') return malformed('a RECORD whose stream is not a text');
    const data = record.get('data');
    if (!(data instanceof Map)) return malformed('a RECORD whose data is not an object');
    const namespace = record.get('namespace');
    const emittedAt = record.get('emitted_at');
    const meta = record.get('meta') ?? undefined;
    return {
      kind: 'record',
      stream: findStream(name, typeof namespace === 'string' ? namespace : ''),
      name,
      data: Buffer.from(writeExactly(withoutReservedKeys(data))),
      emittedAt: emittedAt instanceof NumberLiteral ? toMilliseconds(emittedAt.text) : undefined,
      meta: meta === undefined ? undefined : writeExactly(meta),
    };
  }

  function decodeOther(line: Buffer): Decoded {
    const message = JSON.parse(line.toString('utf8')) as JsonObject;
    const type = message['type'];
    if (typeof type !== 'string') return malformed('a message without type');
    if (type === 'STATE') return decodeState(line, message['state']);
    if (type === 'TRACE') return decodeTrace(message['trace']);
    return unneededTypes.has(type) ? { kind: 'ignored' } : { kind: 'unknown', type };
  }

  /** How streams are doing; a source that failed as a whole completes none of those that it left open. */
  function decodeTrace(trace: JsonValue | undefined): Decoded {
    const { type, stream_status: status, error } = isJsonObject(trace) ? trace : {};
    if (type === 'ERROR' && isJsonObject(error)) {
      const about = error['stream_descriptor'] ?? null;
      if (about === null) return { kind: 'status', stream: undefined, status: 'incomplete' };
      const stream = describedStream(about);
      return stream ? { kind: 'status', stream, status: 'incomplete' } : { kind: 'ignored' };
    }
    if (type !== 'STREAM_STATUS' || !isJsonObject(status)) return { kind: 'ignored' };
    const stream = describedStream(status['stream_descriptor']);
    const word = statuses.find((known) => known.toUpperCase() === status['status']);
    return stream && word ? { kind: 'status', stream, status: word } : { kind: 'ignored' };
  }

  function describedStream(descriptor: JsonValue | undefined): ConfiguredStream | undefined {
    if (!isJsonObject(descriptor) || typeof descriptor['name'] !== 'string') return undefined;
    return findStream(descriptor['name'], typeof descriptor['namespace'] === 'string' ? descriptor['namespace'] : '');
  }

  function decodeState(line: Buffer, state: JsonValue | undefined): Decoded {
    if (!isJsonObject(state)) return malformed('a STATE without state');
    // A copy: the line is a view into a chunk, and a state may wait for long.
    const own = Buffer.from(line);
    const acknowledge = (counts: StateCounts) => acknowledgeState(own, counts);
    const whole: DecodedState = { kind: 'state', stream: undefined, state: null, acknowledge };
    if (state['type'] === 'GLOBAL') return { ...whole, state: objectOrNull(state['global']) };
    if (state['type'] !== 'STREAM') return { ...whole, state: objectOrNull(state['data']) };
    const descriptor = isJsonObject(state['stream']) ? state['stream']['stream_descriptor'] : undefined;
    if (!isJsonObject(state['stream']) || !isJsonObject(descriptor) || typeof descriptor['name'] !== 'string')
      return malformed('a STATE of no named stream');
    const stream = describedStream(descriptor);
    if (stream) return { ...whole, stream, state: objectOrNull(state['stream']['stream_state']) };
    const { name, namespace } = descriptor;
    return { ...whole, unknownStream: { name, namespace: typeof namespace === 'string' ? namespace : undefined } };
  }

  return createLineDecoder(recordEnvelope, {
    readRecord: decodeRecord,
    readOther: decodeOther,
    readUnusual: decodeExactly,
  });
}

const statuses: readonly StatusMessage['status'][] = ['started', 'running', 'complete', 'incomplete'];

/** Message types of the protocol that ask nothing of a loader. */
const unneededTypes: ReadonlySet<string> = new Set([
  'LOG',
  'SPEC',
  'CONNECTION_STATUS',
  'CATALOG',
  'CONTROL',
  'DESTINATION_CATALOG',
]);

/** Streams by name and namespace. Without a namespace (PyAirbyte leaves it out) the only stream of that name is meant. */
function createStreamFinder(catalog: ConfiguredCatalog) {
  const byKey = new Map<string, ConfiguredStream>();
  const byName = new Map<string, ConfiguredStream | undefined>();
  for (const configured of catalog) {
    const { name } = configured.stream;
    byKey.set(streamKey(configured.stream), configured);
    byName.set(name, byName.has(name) ? undefined : configured);
  }
  return (name: string, namespace: string): ConfiguredStream | undefined =>
    byKey.get(streamKey({ name, namespace })) ?? (namespace === '' ? byName.get(name) : undefined);
}

/** PyAirbyte's replay of its cache gives seconds: as milliseconds, those would lie before March 1973. */
function toMilliseconds(literal: string): number | undefined {
  const value = Number(literal);
  if (!Number.isFinite(value)) return undefined;
  return Math.trunc(Math.abs(value) < 1e11 ? value * 1000 : value);
}

function withoutReservedKeys(data: ExactObject): ExactObject {
  return new Map(Array.from(data).filter(([key]) => !reservedKeyPrefixes.some((prefix) => key.startsWith(prefix))));
}

function acknowledgeState(line: Buffer, { records, rejected }: StateCounts): Buffer {
  // The protocol asks for a decimal point.
  const stats = `{"recordCount":${records}.0${rejected > 0 ? `,"rejectedRecordCount":${rejected}.0` : ''}}`;
  return Buffer.concat([setMember(line, ['state'], 'destinationStats', stats), Buffer.from('\n')]);
}

function objectOrNull(value: JsonValue | undefined): JsonObject | null {
  return isJsonObject(value) ? value : null;
}
