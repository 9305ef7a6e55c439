// What every wire form of our messages offers: lines out of messages, and what a line asks of the loader.
import type { ConfiguredStream, Stream } from '../core/catalog.ts';
import type { JsonObject } from '../core/json.ts';
import type { Message, StatusMessage } from '../core/message.ts';
import type { StreamRef } from '../core/state.ts';
import type { RecordEnvelope } from '../jsonl/scan.ts';

/** One wire form. What differs is said in its fields, so that nobody has to ask which one it is. */
export interface Dialect<ForEncoder extends readonly unknown[], ForDecoder extends readonly unknown[]> {
  /** Where a record's parts stand in its line. */
  readonly envelope: RecordEnvelope;
  /** Do streams come in messages of their own? Otherwise a catalog names all of them before the first line. */
  readonly declaresStreams: boolean;
  /** Does a state stand for all streams, and for every state before it? Otherwise for one stream. */
  readonly hasWholeStates: boolean;
  /** Are logs lines among the others? Otherwise they go to stderr. */
  readonly carriesLogs: boolean;
  /** Is how a stream is doing a line of its own? Otherwise only its start is seen, if streams are declared. */
  readonly carriesStatuses: boolean;
  /** Does a line that cannot be read end a load? Otherwise it is told and left out. */
  readonly endsAtBrokenLine: boolean;
  /** What discovery prints. */
  encodeCatalog(streams: readonly Stream[]): string;
  createEncoder(...given: ForEncoder): Encoder;
  createDecoder(...given: ForDecoder): Decoder;
  /**
   * @param text of the file behind `--state`
   * @param shownPath how messages name that file
   * @throws ConnectorError (config) for what is no state, an empty text included: it never means "from the start"
   */
  parseState(text: string, shownPath: string): SavedState;
}

/** What an earlier read said of where it was. */
export interface SavedState {
  /** By stream. */
  readonly streams: ReadonlyMap<string, JsonObject>;
  /** What else stands in it, which belongs to a host or to nobody, and is not lost. */
  readonly others: JsonObject;
}

/** Of a first read. */
export const noState: SavedState = { streams: new Map(), others: {} };

export interface Encoder {
  /** The lines before the first message; empty when there are none. */
  start(): string;
  /** The lines of a message, each ended by `\n`; empty when the dialect has no word for it. Call it in the order of the messages. */
  encode(message: Message): string;
}

export interface Decoder {
  /**
   * What one line asks the loader to do. Never throws for what the line contains. The result's bytes may be views into `line`.
   * @param line without its ending
   */
  decode(line: Buffer): Decoded;
}

export type Decoded =
  | DecodedRecord
  | DecodedState
  /** A stream comes, or comes with another schema or key from here on. */
  | { readonly kind: 'schema'; readonly stream: ConfiguredStream }
  /** How the stream is doing, or its source as a whole when `stream` is undefined. */
  | { readonly kind: 'status'; readonly stream: ConfiguredStream | undefined; readonly status: StatusMessage['status'] }
  | DecodedActivation
  | DecodedBatch
  /** A message that the loader does not need. */
  | { readonly kind: 'ignored' }
  /** A message type that the dialect does not know. `type` is the sender's text: untrusted, maybe long. */
  | { readonly kind: 'unknown'; readonly type: string }
  /** Not a message. `reason` says why, without content of the line. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** A message that must not be left out and cannot be taken. `reason` says why, without content of the line. */
  | { readonly kind: 'refused'; readonly reason: string; readonly hint: string };

export interface DecodedRecord {
  readonly kind: 'record';
  /** Undefined when the catalog has no such stream. */
  readonly stream: ConfiguredStream | undefined;
  /** The sender's name for the stream: untrusted text. */
  readonly name: string;
  /** One JSON object on one line that DuckDB's JSON reader takes and understands as JSON.parse does. */
  readonly data: Uint8Array;
  /** Milliseconds since the epoch; undefined when the sender did not say. */
  readonly emittedAt: number | undefined;
  /** The host's remarks on the record, as JSON text. */
  readonly meta: string | undefined;
  /** Is the stream declared anew, from this record on? */
  readonly isDeclaredAnew?: boolean | undefined;
}

/** From here on this version of the stream's table is the live one: rows of older versions, or of none, are not. */
export interface DecodedActivation {
  readonly kind: 'activation';
  /** As it is declared from here on. */
  readonly stream: ConfiguredStream;
  /** A whole number. */
  readonly version: string;
  /** Do such rows go? Otherwise they are marked as deleted. */
  readonly isHard: boolean;
  readonly isDeclaredAnew: boolean;
}

/** Records that lie in files, one JSON object a line. */
export interface DecodedBatch {
  readonly kind: 'batch';
  /** As the sender names them: untrusted text. */
  readonly files: readonly string[];
  /** The message that a record in one of the files would have come in. @param data one JSON object */
  toRecordLine(data: Uint8Array): Buffer;
}

/** Records of the state's stream (or of all) since its last state: taken in, and refused for want of a key. */
export interface StateCounts {
  readonly records: number;
  readonly rejected: number;
}

export interface DecodedState {
  readonly kind: 'state';
  /**
   * The stream it speaks for. Undefined = all of them: it may be acknowledged when every record before it is durable.
   */
  readonly stream: ConfiguredStream | undefined;
  /** The stream that it says is still being read. */
  readonly underWay?: StreamRef | undefined;
  /** It speaks for a stream that the catalog does not have; its content is left out. */
  readonly unknownStream?: StreamRef | undefined;
  /** Parsed, so large numbers in it may be rounded; null asks to forget. What goes back is `acknowledge`'s line. */
  readonly state: JsonObject | null;
  /** The line, ended by `\n`, that tells the sender that the state is durable: in its own bytes. */
  acknowledge(counts: StateCounts): Buffer;
}
