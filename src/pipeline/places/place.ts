// A place where rows are: what stands beside them, and how each of it is opened. A file and a lake differ in here and nowhere else.
import type { CreatedMarts, MartsOptions } from '../../analytics/marts.ts';
import type { AnalyticsSettings } from '../../analytics/settings.ts';
import type { Analysis } from '../../analytics/statistics/results.ts';
import type { StreamsSchemaOptions } from '../../analytics/streams-schema.ts';
import type { Destination } from '../../core/destination.ts';
import type { ConnectorError } from '../../core/errors.ts';
import type { Database } from '../../duckdb/connection.ts';
import type { Session } from '../../duckdb/session.ts';
import type { ImportTable, MergeCounts, StagedRows } from '../../import/merge.ts';
import type { SyncLock } from '../../ledger/lock-holder.ts';
import type { StandaloneLedger } from '../../ledger/standalone.ts';
import type { RecordMetadata } from '../../tables/record-metadata.ts';
import type { Environment, ReadingEnvironment } from '../environment.ts';

export interface Place {
  /** For work. */
  readonly path: string;
  /** For words: as the person wrote it. */
  readonly shown: string;
  /** What was bought: one JSON line a step. */
  readonly ledgerPath: string;
  readonly lockPath: string;
  /** May SQL of a reader change what is there, so that it has to be a SELECT? */
  readonly takesOnlySelects: boolean;
  /** Has anybody written rows here? */
  isPresent(environment: ReadingEnvironment): Promise<boolean>;
  openDestination(options: DestinationOptions, environment: Environment): Promise<Destination>;
  openLedger(environment: ReadingEnvironment, options?: { readonly readOnly?: boolean }): Promise<StandaloneLedger>;
  /** Was anything ever bought into this place? */
  hasLedger(environment: ReadingEnvironment): Promise<boolean>;
  /** What `check` says of it beside that it can be written: the room that is left, or how names are given. */
  remark(): Promise<string>;
  /** @throws ConnectorError area `busy` while another sync holds it */
  acquireLock(environment: Environment): Promise<SyncLock>;
  /**
   * The streams as tables or views of the current schema, and the marts: where no place keeps them they are made in memory.
   * @throws ConnectorError `busy`, `destination`
   */
  openReader(environment: ReadingEnvironment, options?: ReaderOptions): Promise<Database>;
  /** The tables or views of streams, of all schemas, that a reader opened. */
  streamTables(session: Session): Promise<StreamTable[]>;
  /**
   * Makes the marts anew where they are kept, else keeps their settings for those who read. They can be made again at any time, so a file that is held or a name that is taken
   * is no reason to call a sync incomplete.
   * @param settings undefined: those of the last time
   * @returns why there are none, or undefined
   */
  refreshMarts(
    settings: AnalyticsSettings | undefined,
    environment: ReadingEnvironment,
  ): Promise<ConnectorError | undefined>;
  /**
   * The same for a person who asks for marts: errors are thrown, and what was made is told.
   * @throws ConnectorError
   */
  makeMarts(
    settings: AnalyticsSettings | undefined,
    environment: ReadingEnvironment,
    options?: MadeWith,
  ): Promise<MadeMarts>;
  /**
   * Merges rows from outside into one of the ext_* tables, all or nothing. Whoever calls it holds the lock.
   * @throws ConnectorError `busy`, `destination`, `config` where the table is a view of somebody's
   */
  importRows(rows: ImportedRows, environment: Environment): Promise<MergeCounts>;
  /**
   * Keeps the results of an analysis in the place of the last ones, where readers find them in the marts.
   * @throws ConnectorError `busy`, `destination`
   */
  keepAnalysis(analysis: Analysis, environment: ReadingEnvironment): Promise<void>;
}

export interface MadeWith extends MartsOptions, StreamsSchemaOptions {}

export interface MadeMarts extends CreatedMarts {
  /** Where they stand. */
  readonly schema: string;
}

export interface ImportedRows extends StagedRows {
  readonly table: ImportTable;
}

export interface ReaderOptions {
  /**
   * Asked for the reader's settings of the marts when they have to be made; undefined: those of the last `refreshMarts`. Without it
   * there are no marts.
   */
  readonly marts?: () => Promise<AnalyticsSettings | undefined>;
  /** Where SQL may read and write files; default: nowhere. */
  readonly folders?: readonly string[];
  /** Single files beside these. */
  readonly files?: readonly string[];
  /** Milliseconds to wait for a file that somebody writes; default: 10 seconds. */
  readonly waitMs?: number | undefined;
  /** What DuckDB may use, as it reads it; default: `512MB`. */
  readonly memoryLimit?: string;
  /** Streams without a namespace that are asked for, where the others would cost something; default: all. */
  readonly streams?: readonly string[];
}

export interface StreamTable {
  readonly schema: string;
  readonly table: string;
  /** A name for a file of its rows, unlike that of any other. */
  readonly fileName: string;
}

export interface DestinationOptions {
  /** Milliseconds to wait for a file that somebody holds; default: not at all. */
  readonly waitMs?: number | undefined;
  /** Whose state it is; default: that of our own syncs. */
  readonly connection?: string | undefined;
  /** Schema of a file for streams without a namespace; default: main. */
  readonly schema?: string | undefined;
  /** Memory of DuckDB while it writes; default: fitted to the records. */
  readonly memoryLimit?: string | undefined;
  /** Columns beside the streams' own; default: none, since these are rows for people. */
  readonly metadata?: RecordMetadata | undefined;
}
