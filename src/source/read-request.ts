// What one read or plan is asked for.
import type { JsonObject } from '../core/json.ts';
import type { Ledger } from '../core/ledger.ts';
import type { KitConfig } from './config.ts';
import type { HeldRows } from './held-rows.ts';

export interface ReadRequest {
  /** Selected streams; default: all that the configuration offers. */
  readonly streams?: readonly string[] | undefined;
  /** Saved states by stream. */
  readonly states: ReadonlyMap<string, JsonObject>;
  /** Read this span (ms since the epoch) instead of what is new; bookmarks stay. */
  readonly range?: { readonly from?: number | undefined; readonly until?: number | undefined } | undefined;
  /** A try-out: at most this many calls; bookmarks stay. */
  readonly limit?: number | undefined;
  /** Only these kits; together with a range they are bought for its older calls as well. */
  readonly kits?: readonly KitConfig[] | undefined;
  readonly maxRuns?: number | undefined;
  /** Absent under a host: what was bought is then kept in the state. */
  readonly ledger?: Ledger | undefined;
  /** Absent under a host: what was emitted is then remembered by the state, as far as there is room. */
  readonly held?: HeldRows | undefined;
  /** Throws when the sync has lost its lock: asked before each chunk of POSTs. */
  readonly beforePosts?: (() => Promise<void>) | undefined;
  readonly signal: AbortSignal;
}
