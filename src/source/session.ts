// What one read holds: settings, clients, states, counts. The stages (page.ts, runs.ts, read.ts) work on it.
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { Message } from '../core/message.ts';
import type { GongClient } from '../gong/client.ts';
import type { GongUser } from '../gong/schemas.ts';
import type { Evaluator } from '../semarize/evaluator.ts';
import type { KeyClass } from '../semarize/run-body.ts';
import type { CallCounts, Counts } from './completeness.ts';
import type { SourceConfig } from './config.ts';
import type { KitPlan } from './kits.ts';
import type { SourceState } from './state.ts';
import type { StreamName } from './streams.ts';

/** How a page of calls came about: a window being read, the weekly sweep (rows only), or a question by id. */
export type Pass = 'window' | 'sweep' | 'by_id';

export interface Session {
  readonly config: SourceConfig;
  readonly selected: ReadonlySet<StreamName>;
  readonly gong: GongClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly crashPoint: CrashPoint;
  readonly signal: AbortSignal;
  readonly state: SourceState;
  readonly counts: Counts;
  readonly kits: readonly KitPlan[];
  /** Absent when nothing can be bought: no key, no kit, or the stream is not selected. */
  readonly runs: { readonly evaluator: Evaluator; readonly ledger: Ledger; readonly keyClass: KeyClass } | undefined;
  /** Where the listing of each stream starts in this sync; ms since the epoch. */
  readonly lower: { readonly calls: number; readonly transcripts: number };
  /** How far calls were read before this sync; ms since the epoch, null before the first closed window, and for a range. */
  readonly readBefore: number | null;
  /** The bookmarks of both listings before this sync; ms since the epoch. */
  readonly readThrough: { readonly calls: number | null; readonly transcripts: number | null };
  /** Pending and owed calls that were looked at in this sync. */
  readonly touched: Set<string>;
  /** Gong's clock as far as known, never later than ours; ms since the epoch. */
  readonly serverNow: () => number;
  /** Under a host: must a state be emitted now, since intents wait for it? @param isFlush nothing else is read meanwhile */
  readonly mustAnnounce: (isFlush: boolean) => boolean;
  /** The state that holds them. */
  readonly announce: () => Iterable<Message>;
  /** Gong's users by id, read at most once; empty when the key may not read them. */
  readonly users: () => Promise<ReadonlyMap<string, GongUser>>;
}

/** The counts of a pass. */
export function countsOf({ counts }: Session, pass: Pass): CallCounts & { listed: number } {
  return pass === 'window' ? counts.calls : pass === 'sweep' ? counts.swept : counts.byId;
}
