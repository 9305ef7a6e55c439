// What every wire form of our messages offers: lines out of messages, and what a line asks of the loader.
import type { ConfiguredStream } from '../core/catalog.ts';
import type { JsonObject } from '../core/json.ts';
import type { Message } from '../core/message.ts';

export interface Encoder {
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
}

/** Records of the state's stream (or of all) since its last state: taken in, and refused for want of a key. */
export interface StateCounts {
  readonly records: number;
  readonly rejected: number;
}

export interface DecodedState {
  readonly kind: 'state';
  /**
   * The stream it speaks for. Undefined = all of them: it may be acknowledged when every record before it is durable. A state
   * of a stream that the catalog does not have counts as one of all, without content.
   */
  readonly stream: ConfiguredStream | undefined;
  /** Parsed, so large numbers in it may be rounded; null asks to forget. What goes back is `acknowledge`'s line. */
  readonly state: JsonObject | null;
  /** The line, ended by `\n`, that tells the sender that the state is durable: in its own bytes. */
  acknowledge(counts: StateCounts): Buffer;
}
