// What a source says and a loader hears, in no dialect. Order is meaning: a state covers every record of its stream before it.
import type { ErrorFields } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { LogLevel } from './log.ts';

export interface RecordMessage {
  type: 'record';
  stream: string;
  row: JsonObject;
  /** Milliseconds since the epoch. */
  emittedAt: number;
}

/** Where a stream may resume, once every record before it is durable. One stream each; `state` is opaque to all but the source. */
export interface StateMessage {
  type: 'state';
  stream: string;
  state: JsonObject;
}

export interface StatusMessage {
  type: 'status';
  stream: string;
  status: 'started' | 'running' | 'complete' | 'incomplete';
  /** Milliseconds since the epoch: the source waits for a quota until then. */
  rateLimitedUntil?: number;
}

export interface LogMessage {
  type: 'log';
  level: LogLevel;
  message: string;
  fields?: ErrorFields;
}

/** The last message of a read that was not stopped: what was listed, emitted, waits, failed (completeness.ts of the source). */
export interface ReportMessage {
  type: 'report';
  report: JsonObject;
}

export type Message = RecordMessage | StateMessage | StatusMessage | LogMessage | ReportMessage;
