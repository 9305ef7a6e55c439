// A call on its way through a read.
import type { JsonObject } from '../core/json.ts';
import type { TranscriptRow } from '../gong/row-schemas.ts';
import type { GongCall, GongTranscript } from '../gong/schemas.ts';
import type { StreamName } from './streams.ts';

export interface PreparedCall {
  readonly call: GongCall;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Was its transcript asked for? */
  readonly asked: boolean;
  readonly transcript: GongTranscript | undefined;
  readonly forbidden: boolean;
}

/** What became of one call: its rows where they are news, and its transcript for the kits. */
export interface CallOutcome {
  readonly prepared: PreparedCall;
  readonly rows: readonly { stream: StreamName; row: JsonObject }[];
  readonly transcript: TranscriptRow | undefined;
}
