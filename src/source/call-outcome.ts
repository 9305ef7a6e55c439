// A call on its way through a read.
import type { JsonObject } from '../core/json.ts';
import type { TranscriptRow } from '../gong/row-schemas.ts';
import type { GongCall, GongTranscript } from '../gong/schemas.ts';
import type { CallFacts } from './facts.ts';
import type { StreamName } from './streams.ts';

export interface PreparedCall {
  readonly call: GongCall;
  readonly facts: CallFacts;
  /** Was its transcript asked for? */
  readonly asked: boolean;
  readonly transcript: GongTranscript | undefined;
  /** Why the one that was asked for cannot be read, where that is known. */
  readonly unreadable: 'forbidden' | 'too_large' | undefined;
}

/** What became of one call: its rows where they are news, and its transcript for the kits. */
export interface CallOutcome {
  readonly prepared: PreparedCall;
  /** Has it come up in this window, sweep or question before? Then it is counted already. */
  readonly isRepeated: boolean;
  readonly rows: readonly { stream: StreamName; row: JsonObject }[];
  readonly transcript: TranscriptRow | undefined;
  /** Are words of it known to be missing? Then it is stored, asked for again, and not evaluated. */
  readonly isIncomplete: boolean;
}
