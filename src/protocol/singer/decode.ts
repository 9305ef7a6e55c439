// Singer lines to what the loader does with them. Records are routed by their bytes; a schema stands before its records.
import type { ConfiguredStream } from '../../core/catalog.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import {
  type ExactObject,
  type ExactValue,
  NumberLiteral,
  parseExactly,
  writeExactly,
} from '../../jsonl/full-parse.ts';
import { readMember } from '../../jsonl/members.ts';
import { type RecordEnvelope, type Scanner, stageableData } from '../../jsonl/scan.ts';
import type { Decoded, Decoder } from '../dialect.ts';
import { createLineDecoder, malformed } from '../line-decoder.ts';
import { createRoutes } from '../routes.ts';
import { readBatchMessage } from './batch.ts';
import { readSchemaMessage, type SchemaOptions } from './schema.ts';
import { createVersions, versionOf } from './versions.ts';

export const recordEnvelope: RecordEnvelope = {
  type: 'RECORD',
  body: undefined,
  stream: 'stream',
  namespace: undefined,
  data: 'record',
  emittedAt: 'time_extracted',
  meta: 'version',
};

export interface DecoderOptions extends SchemaOptions {
  /** Told once for each field that records have and their schema does not: it is not stored. */
  readonly onUndeclared?: ((stream: string, property: string) => void) | undefined;
  /** Are messages obeyed that make a version of a table the live one? */
  readonly obeysActivations: boolean;
  /** Told of such a message that is not obeyed: records of its stream came that carry no version, and nobody knows which is theirs. */
  readonly onUnversioned?: ((stream: string) => void) | undefined;
  /** Milliseconds since the epoch: when a record is taken in. */
  readonly now: () => number;
}

const lookedAtRecords = 100;

export function createSingerDecoder(options: DecoderOptions): Decoder {
  const streams = new Map<string, { readonly configured: ConfiguredStream; readonly text: string }>();
  const routes = createRoutes((name) => streams.get(name)?.configured);
  const versions = createVersions();
  const looked = new Map<string, { records: number; readonly fields: Set<string> }>();

  /** What goes into the metadata columns; absent when there are none. */
  function metaOf(stream: ConfiguredStream, timeExtracted: number | undefined, version: string | undefined) {
    if (!options.addRecordMetadata && stream.isVersioned !== true) return undefined;
    return `{"received_at":${options.now()},"has_time":${timeExtracted !== undefined},"version":${version ?? 'null'}}`;
  }

  function toRecord(
    name: string,
    found: ConfiguredStream | undefined,
    data: Uint8Array,
    time: unknown,
    versionText: string | undefined,
  ): Decoded {
    if (found === undefined) return beforeSchema;
    if (options.onUndeclared !== undefined) lookAtFields(name, found, data);
    const emittedAt = typeof time === 'string' ? toMilliseconds(time) : undefined;
    const version = versions.ofRecord(name, versionText);
    const stream = version === undefined ? found : declareVersioned(name, found);
    return {
      kind: 'record',
      stream,
      name,
      data,
      emittedAt,
      meta: metaOf(stream, emittedAt, version),
      isDeclaredAnew: stream !== found,
    };
  }

  /** The stream with a version in each of its records from here on. */
  function declareVersioned(name: string, stream: ConfiguredStream): ConfiguredStream {
    const known = streams.get(name);
    if (stream.isVersioned === true || !options.obeysActivations || known === undefined) return stream;
    const configured = { ...stream, isVersioned: true };
    streams.set(name, { configured, text: known.text });
    routes.clear();
    return configured;
  }

  /** The first records of a stream are enough to see what its schema forgot. */
  function lookAtFields(name: string, { stream }: ConfiguredStream, data: Uint8Array): void {
    const seen = looked.get(name) ?? { records: 0, fields: new Set<string>() };
    if (seen.records >= lookedAtRecords) return;
    seen.records += 1;
    looked.set(name, seen);
    const declared = stream.jsonSchema['properties'];
    for (const field of Object.keys(JSON.parse(Buffer.from(data).toString()) as object)) {
      if (seen.fields.has(field) || field.startsWith('_sdc_')) continue;
      seen.fields.add(field);
      if (isJsonObject(declared) && !Object.hasOwn(declared, field)) options.onUndeclared?.(name, field);
    }
  }

  function decodeRecord(line: Buffer, parts: Scanner): Decoded {
    const { stream, namespace, emittedAt, meta } = parts;
    const route = routes.find(line, stream, namespace);
    const time: unknown =
      emittedAt.start === -1 ? undefined : JSON.parse(line.toString('utf8', emittedAt.start, emittedAt.end));
    const version = meta.start === -1 ? undefined : line.toString('latin1', meta.start, meta.end);
    return toRecord(route.name, route.stream, stageableData(line, parts), time, version);
  }

  /** Types may be written in any case, and numbers with more digits than a double holds. */
  function decodeExactly(line: Buffer): Decoded {
    const message = parseExactly(line.toString('utf8')) as ExactObject;
    const type = message.get('type');
    if (typeof type !== 'string') return malformed('a message without type');
    switch (type.toUpperCase()) {
      case 'RECORD':
        return decodeExactRecord(message);
      case 'SCHEMA':
        return decodeSchema(toPlain(message) as JsonObject);
      case 'STATE':
        return decodeState(line, message.get('value'));
      case 'ACTIVATE_VERSION':
        return decodeActivation(message);
      case 'BATCH':
        return readBatchMessage(toPlain(message) as JsonObject);
      default:
        return { kind: 'unknown', type };
    }
  }

  function decodeExactRecord(message: ExactObject): Decoded {
    const name = message.get('stream');
    const record = message.get('record');
    if (typeof name !== 'string') return malformed('a RECORD whose stream is not a text');
    if (!(record instanceof Map)) return malformed('a RECORD whose record is not an object');
    const time = message.get('time_extracted');
    const version = message.get('version');
    return toRecord(
      name,
      streams.get(name)?.configured,
      Buffer.from(writeExactly(record)),
      time,
      version instanceof NumberLiteral ? version.text : undefined,
    );
  }

  function decodeActivation(message: ExactObject): Decoded {
    const name = message.get('stream');
    const version = message.get('version');
    const text = version instanceof NumberLiteral ? versionOf(version.text) : undefined;
    if (typeof name !== 'string') return malformed('an ACTIVATE_VERSION whose stream is not a text');
    if (text === undefined) return malformed('an ACTIVATE_VERSION whose version is not a whole number');
    const found = streams.get(name)?.configured;
    // Without a SCHEMA there is no table.
    if (!options.obeysActivations || found === undefined) return { kind: 'ignored' };
    if (!versions.activate(name, text)) {
      options.onUnversioned?.(name);
      return { kind: 'ignored' };
    }
    const stream = declareVersioned(name, found);
    return { kind: 'activation', stream, version: text, isHard: options.hardDelete, isDeclaredAnew: stream !== found };
  }

  function decodeSchema(message: JsonObject): Decoded {
    const configured = readSchemaMessage(message, options);
    if (typeof configured === 'string')
      return { kind: 'refused', reason: configured, hint: 'correct the schema in the tap, or deselect the stream' };
    const name = String(message['stream']);
    const text = JSON.stringify(configured);
    // Taps repeat their schemas; only a change is news.
    if (streams.get(name)?.text === text) return { kind: 'ignored' };
    const stream = versions.isKnown(name) ? { ...configured, isVersioned: true } : configured;
    streams.set(name, { configured: stream, text });
    routes.clear();
    return { kind: 'schema', stream };
  }

  function decodeState(line: Buffer, value: ExactValue | undefined): Decoded {
    if (value === undefined) return malformed('a STATE without value');
    // Printed, it would make the host forget what it knows.
    if (!(value instanceof Map) || value.size === 0) return { kind: 'ignored' };
    const text = Buffer.from(readMember(line, 'value') ?? '{}');
    // A convention of many taps, who set it to null at the end of the stream.
    const underWay = value.get('currently_syncing');
    return {
      kind: 'state',
      stream: undefined,
      state: toPlain(value) as JsonObject,
      underWay: typeof underWay === 'string' ? streams.get(underWay)?.configured.stream : undefined,
      acknowledge: () => Buffer.concat([text, Buffer.from('\n')]),
    };
  }

  return createLineDecoder(recordEnvelope, {
    readRecord: decodeRecord,
    readOther: decodeExactly,
    readUnusual: decodeExactly,
  });
}

const beforeSchema: Decoded = {
  kind: 'refused',
  reason: 'a RECORD of a stream that no SCHEMA came for',
  hint: 'the tap must send the SCHEMA of a stream before its records',
};

/** RFC 3339; a time without a zone is taken for UTC. */
function toMilliseconds(text: string): number | undefined {
  const ms = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** As JSON.parse gives it: large numbers may be rounded. */
function toPlain(value: ExactValue): unknown {
  if (value instanceof NumberLiteral) return Number(value.text);
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) return Object.fromEntries(Array.from(value, ([key, member]) => [key, toPlain(member)]));
  return value;
}
