// What callers of the loader hand it and may ask of it.
import type { ConfiguredCatalog, ConfiguredStream } from '../core/catalog.ts';
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import type { Destination } from '../core/destination.ts';
import type { JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import type { StatusMessage } from '../core/message.ts';
import type { StreamRef } from '../core/state.ts';
import type { OnMissingCompletion } from './finish.ts';
import type { Envelope } from './stage.ts';
import type { Acknowledge } from './states.ts';
import type { LoadSummary } from './summary.ts';

export interface LoaderOptions {
  readonly destination: Destination;
  /** The streams that are known before the first message. */
  readonly catalog: ConfiguredCatalog;
  /** Bytes of staged records after which a batch is committed. */
  readonly batchBytes?: number | undefined;
  /** Records after which a batch is committed, however small they are. */
  readonly batchRows?: number | undefined;
  /** Milliseconds after which a batch is committed however small it is. */
  readonly batchMs?: number | undefined;
  /** Does a state stand for every one before it? Default: for its own stream alone. */
  readonly hasWholeStates?: boolean | undefined;
  /** What becomes of a table that is to be replaced when nobody says whether all came; default `keep_old`. */
  readonly onMissingCompletion?: OnMissingCompletion | undefined;
  readonly clock: Clock;
  readonly crashPoint: CrashPoint;
  readonly log: Log;
}

/**
 * Order is meaning: a state covers the records of its stream that came before it. One batch may be committed while the next
 * one is staged, never more; whoever adds waits then. An error of a commit is thrown by the next call, and by every one after
 * it; a failed commit acknowledges nothing.
 */
export interface Loader {
  /**
   * A stream comes, or comes with another schema, key or mode from here on: records that are waiting are stored as they were
   * declared.
   * @throws ConnectorError (config) for a mode that cannot be kept
   */
  declare(stream: ConfiguredStream): Promise<void> | void;
  /** The door for records made in this process. */
  addRow(stream: string, row: JsonObject, emittedAt: number): Promise<void>;
  /**
   * The door for records that arrive as lines. Returns a promise only when there is something to wait for.
   * @param data bytes of one JSON object on one line, in a form that DuckDB's JSON reader takes; copied
   */
  addLine(stream: ConfiguredStream, data: Uint8Array, envelope: Envelope): Promise<void> | void;
  /**
   * @param stream undefined = the state speaks for all streams
   * @param state null = forget the state
   * @param acknowledge called once, after the commit that covers the state, in the order of arrival
   * @param underWay the stream that it says is still being read
   */
  addState(
    stream: StreamRef | string | undefined,
    state: JsonObject | null,
    acknowledge?: Acknowledge,
    underWay?: StreamRef,
  ): Promise<void> | void;
  /** What the source says of a stream, or of all of which it said nothing yet. A table that is replaced waits for `complete`. */
  noteStatus(stream: StreamRef | undefined, status: StatusMessage['status']): void;
  /** From here on this version of the table is the live one: at the end, rows of older ones go or are marked (`isHard`: go). */
  activate(stream: ConfiguredStream, version: string, isHard: boolean): void;
  /** Commits what is staged and waits for it. */
  flush(): Promise<void>;
  /**
   * Commits the rest; the tables of all known streams exist afterwards. Tables that are to be replaced are, when all of their rows
   * came; the summary says which are not. Nothing may be added after it.
   * @param isDamaged something that was sent is not here, so no table is known to be whole
   */
  finish(isDamaged?: boolean): Promise<LoadSummary>;
  /** Drops what is not committed; waits for a commit that is under way. Never throws. */
  abort(): Promise<void>;
}
