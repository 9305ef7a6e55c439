// What a destination holds already, told by whoever can ask it: then a source needs no memory of what it emitted, and that has no edge.
import type { JsonObject } from '../core/json.ts';
import { contentOf, withheld } from './page.ts';
import { createSeen, type Seen } from './seen.ts';
import type { SourceState } from './state.ts';

/** A row's key and what decides whether it is the same as one that is read now. */
export type HeldRow = JsonObject;

export interface HeldRows {
  /** `call_id, content_hash, transcript_status, transcript_status_reason`. */
  readonly calls: AsyncIterable<HeldRow>;
  /** `call_id, transcript_hash, is_withheld`. */
  readonly transcripts: AsyncIterable<HeldRow>;
}

/** Puts what the destination holds in the place of what a state remembers. */
export async function rememberHeldRows(state: SourceState, held: HeldRows): Promise<void> {
  state.calls.seen = await toSeen(held.calls, (row) => contentOf(row as unknown as Parameters<typeof contentOf>[0]));
  state.transcripts.seen = await toSeen(held.transcripts, (row) =>
    row['is_withheld'] === true ? withheld : String(row['transcript_hash']),
  );
}

async function toSeen(rows: AsyncIterable<HeldRow>, contentOfRow: (row: HeldRow) => string): Promise<Seen> {
  const seen = createSeen('', Number.POSITIVE_INFINITY);
  for await (const row of rows) seen.put(String(row['call_id']), contentOfRow(row));
  return seen;
}
