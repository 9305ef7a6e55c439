// What a destination owes its callers. The loader (load/loader.ts) is the only caller of `commit`.
import type { ConfiguredCatalog, ConfiguredStream } from './catalog.ts';
import type { JsonObject } from './json.ts';

/** The state row of one connection as it is durable now. */
export interface SavedState {
  /** Grows by one with each commit; a commit against another `seq` than the one read is refused. */
  readonly seq: number;
  readonly streams: Readonly<Record<string, JsonObject>>;
}

/**
 * Rows of one stream, as newline-delimited JSON objects in files. Each object is a record's data plus the members of
 * `stagedMembers` below, which the loader adds.
 */
export interface StagedStream {
  readonly configured: ConfiguredStream;
  readonly files: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  /** Bytes of the longest line: the JSON reader's buffers are fitted to it. */
  readonly longestLine: number;
  /** Line of the input that a record came in, counted from 1, by its arrival number; undefined when it came in none. */
  readonly lineOf?: ((seq: number) => number | undefined) | undefined;
  /** Do these rows replace all that are stored? Undefined: they join them. */
  readonly refresh?: Refresh | undefined;
}

/**
 * New content for a whole table. Its rows are kept beside the table, which stays as it is for readers, until a `swap` is committed.
 * A destination finds what it keeps beside a table again by the key, also in another process. When somebody else ended a refresh
 * that this process has begun, the next commit of it is refused (`busy`): what is left would not be all. Rows kept under a
 * generation were told as stored: when the stream comes without a refresh, they join the table as its mode says; other kept rows go.
 */
export interface Refresh {
  /** What was kept beside the table under another key does not belong to it. */
  readonly key: string;
  /**
   * Number of the refresh, when the host counts them. What was kept beside under the same number goes on. A table without rows, or
   * one that holds rows of this generation already, has nothing to replace: the rows go straight into it then.
   */
  readonly generation?: number | undefined;
}

/** What becomes of a whole table, in the same commit as the rows and states of a batch, and after the rows. */
export type TableAction =
  /** What is kept beside the table under this key becomes the table. Nothing happens when nothing is. */
  | { readonly kind: 'swap'; readonly configured: ConfiguredStream; readonly refresh: Refresh }
  /** What is kept beside the table under this key goes. */
  | { readonly kind: 'discard'; readonly configured: ConfiguredStream; readonly refresh: Refresh }
  /** Rows of an older version than `version` (a whole number as text), or of none, go, or are marked as deleted unless they are. */
  | {
      readonly kind: 'retire';
      readonly configured: ConfiguredStream;
      readonly version: string;
      readonly isHard: boolean;
    };

/** Members that the loader adds to each staged object: arrival number (grows over a whole load), and the host's envelope. */
export const stagedMembers = {
  seq: '__gong_elt_seq',
  emittedAt: '__gong_elt_emitted_at',
  meta: '__gong_elt_meta',
} as const;

export interface Batch {
  /** Unique per batch; a batch id that is already committed is a no-op, so a batch may be replayed after a lost answer. */
  readonly id: string;
  readonly streams: readonly StagedStream[];
  /** New values by stream; null forgets one; streams that are not named keep theirs. */
  readonly states: Readonly<Record<string, JsonObject | null>>;
  readonly actions?: readonly TableAction[] | undefined;
}

export interface CommittedStream {
  readonly stream: string;
  readonly namespace?: string | undefined;
  readonly staged: number;
  /** Rows that the table gained or that replaced an older version. */
  readonly written: number;
  /** Rows that lost against a newer version of their key, inside the batch or in the table. */
  readonly superseded: number;
  /** Rows without a key: not stored. */
  readonly rejected: number;
  /** Values that did not fit their column: stored as NULL and noted. */
  readonly nulled: number;
  /** Values that were stored without their last digits: fractions in a DOUBLE, nanoseconds. */
  readonly rounded: number;
  /** Records that said that their row is deleted, and were the newest of their key: neither is stored now. Undefined = none. */
  readonly deleted?: number | undefined;
  /** Stored rows that an action took away or marked as deleted. Undefined = none. */
  readonly removed?: number | undefined;
  /** The rows are kept beside the table, until a swap. */
  readonly isBeside?: boolean | undefined;
  /** The table that they are kept beside has no rows: there is nothing to keep. */
  readonly replacesNothing?: boolean | undefined;
}

/**
 * Contract: `preflight` before anything is spent; then `readState`; then any number of `commit`s, one at a time; `release`
 * whenever no batch waits (others may then open the file); `close` at the end. Every method may throw ConnectorError with
 * area `destination` or `busy`. After `commit` returned, its rows and states survive SIGKILL and a lost page cache. States are
 * never visible before the rows they speak of; where rows can be visible before them, the same batch sent again is not stored
 * twice.
 */
export interface Destination {
  /** For messages: the file or folder as the user wrote it. */
  readonly name: string;
  /** Where the loader puts the files of a batch: a folder that nobody else uses, and that the destination can read. */
  readonly stagingFolder: string;
  /**
   * Removes what dead processes left, opens for writing, checks room, format and whose the tables are, closes. Leaves nothing behind.
   * @param catalog the streams that are known to come; default: none
   */
  preflight(catalog?: ConfiguredCatalog): Promise<void>;
  /** The state of this connection, or undefined when there never was one. */
  readState(): Promise<SavedState | undefined>;
  commit(batch: Batch): Promise<readonly CommittedStream[]>;
  release(): Promise<void>;
  close(): Promise<void>;
}
