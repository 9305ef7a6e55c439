// A dialect as the contract sees it: what its hosts do with its lines, messages to try it with, and what becomes of them.
import type { Stream } from '../../src/core/catalog.ts';
import { ConnectorError } from '../../src/core/errors.ts';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import type { Message, StatusMessage } from '../../src/core/message.ts';
import {
  type Decoded,
  type DecodedRecord,
  type DecodedState,
  type Decoder,
  type Dialect,
  type Encoder,
  noState,
  type SavedState,
  type StateCounts,
} from '../../src/protocol/dialect.ts';

/** One dialect, and how its hosts handle what it says. Texts are JSON. */
export interface DialectUnderTest {
  readonly dialect: Omit<Dialect<never, never>, 'createEncoder' | 'createDecoder'>;
  /** @param streams that a host chose as they are */
  createEncoder(streams: readonly Stream[], saved: SavedState): Encoder;
  /** A decoder that has heard of these streams, in whatever way the dialect tells of them. */
  createDecoder(streams: readonly Stream[]): Decoder;
  /** A record as somebody else writes it. @param type as it is spelled @param emittedAt the time's member, when there is one */
  recordLine(parts: { type?: string; stream?: string; data: string; emittedAt?: string }): string;
  /** Times as they may stand in `recordLine`, with what they mean. */
  readonly times: readonly (readonly [text: string, at: number | undefined])[];
  /** A state of the stream `calls` as somebody else writes it. */
  stateLine(content: string): string;
  /** What a host wants back for a state's line. */
  acknowledgementOf(line: JsonObject, counts: StateCounts): JsonValue;
  /** The file that a host hands to the next read, made of lines that came back. */
  stateFileOf(acknowledged: readonly string[]): string;
  /** States of a first read. */
  readonly firstStates: readonly string[];
  /** Lines that are no messages, beside those that are none in any dialect. */
  readonly brokenLines: readonly string[];
  /** A line that may not be left out and cannot be taken. */
  readonly refusedLine: string | undefined;
  /** What discovery printed, as a host reads it. */
  readDiscovered(text: string): DiscoveredStream[];
  /** Our reading of the catalog that a host makes of what discovery printed. @throws as our reading does */
  choose(streams: readonly Stream[], choice: Choice): ChosenStream[];
  /** Our reading of a catalog file. @throws as it does */
  readCatalog(value: JsonValue): unknown;
}

export interface DiscoveredStream {
  readonly name: string;
  readonly key: readonly (readonly string[])[];
  readonly cursor: readonly string[];
  readonly isFullRefreshOffered: boolean;
}

export interface Choice {
  readonly names: readonly string[];
  /** Read from the start? */
  readonly isFull?: boolean;
  /** Another key than the stream's own. */
  readonly key?: readonly string[];
  /** Fields that are not wanted. */
  readonly without?: readonly string[];
}

export interface ChosenStream {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly key: readonly (readonly string[])[];
  readonly cursor: readonly string[];
  readonly isFull: boolean;
  readonly fields: readonly string[];
}

export const calls: Stream = {
  name: 'calls',
  jsonSchema: {
    type: 'object',
    properties: { id: { type: 'string' }, at: { type: 'string' }, title: { type: 'string' } },
  },
  primaryKey: [['id']],
  cursorField: ['at'],
  syncModes: ['full_refresh', 'incremental'],
};
export const runs: Stream = { ...calls, name: 'runs', primaryKey: [['id'], ['title']], syncModes: ['incremental'] };
export const streams = [calls, runs];

export const at = 1_760_000_000_000;
export const record = (row: JsonObject, stream = 'calls'): Message => ({ type: 'record', stream, row, emittedAt: at });
export const state = (content: JsonObject, stream = 'calls'): Message => ({ type: 'state', stream, state: content });
export const status = (value: StatusMessage['status']): StatusMessage => ({
  type: 'status',
  stream: 'calls',
  status: value,
});
export const waiting: StatusMessage = { type: 'status', stream: 'calls', status: 'running', rateLimitedUntil: at };
export const counts: StateCounts = { records: 3, rejected: 0 };

const linesOf = (text: string) => text.split('\n').slice(0, -1);

export function decode(decoder: Decoder, text: string): Decoded {
  return decoder.decode(Buffer.from(text));
}

/** What a decoder hears of what an encoder says. */
export function hear(subject: DialectUnderTest, messages: readonly Message[], saved = noState): Decoded[] {
  const encoder = subject.createEncoder(streams, saved);
  const decoder = subject.createDecoder(streams);
  const text = encoder.start() + messages.map((message) => encoder.encode(message)).join('');
  return linesOf(text).map((line) => decode(decoder, line));
}

export function asRecord(decoded: Decoded | undefined): DecodedRecord {
  if (decoded?.kind !== 'record') throw new Error(`a ${decoded?.kind ?? 'silence'} instead of a record`);
  return decoded;
}

export function asState(decoded: Decoded | undefined): DecodedState {
  if (decoded?.kind !== 'state') throw new Error(`a ${decoded?.kind ?? 'silence'} instead of a state`);
  return decoded;
}

export const dataOf = (decoded: Decoded | undefined) => Buffer.from(asRecord(decoded).data).toString();

/** What the next read is given after these states came back. */
export function keep(subject: DialectUnderTest, states: readonly DecodedState[]): SavedState {
  const file = subject.stateFileOf(states.map((decoded) => decoded.acknowledge(counts).toString()));
  return subject.dialect.parseState(file, 'state.json');
}

export function refusalOf(run: () => unknown): ConnectorError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConnectorError && error.area === 'config') return error;
    throw error;
  }
  throw new Error('it was taken');
}
