// What buys runs, as the rest sees it: what goes in, and what may be asked of it. Its inside is evaluate.ts.
import type { Clock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import type { ConnectorError } from '../core/errors.ts';
import type { Ledger, LedgerEntry, LedgerQuestion } from '../core/ledger.ts';
import type { Log } from '../core/log.ts';
import type { SemarizeClient } from './client.ts';
import type { EvaluationItem } from './evaluation-entry.ts';
import type { EvaluatorCounts } from './evaluator-counts.ts';
import type { TerminalEntry } from './follow-run.ts';
import type { KeyClass } from './run-body.ts';

export interface EvaluatorOptions {
  readonly client: SemarizeClient;
  readonly ledger: Ledger;
  readonly workspaceLabel: string;
  readonly keyClass: KeyClass;
  /** Most runs that are bought; what Semarize refuses does not count. */
  readonly maxRuns: number;
  /** Runs of this sync under way at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly crashPoint: CrashPoint;
  /** Fired: nothing more is created or polled; answers in flight are awaited for a grace period. */
  readonly signal: AbortSignal;
  /** An item that was to be bought was certainly not, for a reason that may pass: it is free again, and owed. */
  readonly onReturned: (entry: LedgerEntry) => void;
  /** Called before intents are written; throws when the sync has lost its lock. */
  readonly beforePosts: () => Promise<void>;
}

export interface Evaluator {
  /**
   * Takes up what earlier syncs left open. Call once, before anything is bought.
   * @returns items whose call has to be read again: a host's state holds no text.
   */
  resume(): Promise<LedgerEntry[]>;
  /** What is known of a call for a kit: by the ledger, or since it is on its way there. */
  find(question: LedgerQuestion): LedgerEntry | undefined;
  /** Runs that may still be bought; 0 once creation has ended. */
  left(): number;
  /** Buys it, unless creation ends before it is sent: then it is returned. @param attempt 1, or what a person raised it to */
  buy(item: EvaluationItem, attempt: number): void;
  /**
   * Sends an intent of an earlier sync again, for which `resume` asked for the text. Only the same bytes are sent.
   * @returns false when its text has changed: it is frozen then
   */
  resend(item: EvaluationItem): boolean;
  /** Is this an intent that waits for its text? */
  waitsForText(key: string): boolean;
  /** Notes why a text is not sent. */
  skip(item: EvaluationItem, reason: string): Promise<void>;
  /** Terminal entries that became ready since the last call; each is handed on once. */
  takeReady(): TerminalEntry[];
  /** Resolves when something is ready, was written to the ledger, or ended. */
  whenChanged(): Promise<void>;
  isIdle(): boolean;
  /** Do so many items wait that no more should be handed in for now? */
  isFull(): boolean;
  /** Is there nothing to send but what waits to become durable? */
  isStarved(): boolean;
  /** Ends creation and polling, and waits for answers in flight. */
  stop(): Promise<void>;
  counts(): EvaluatorCounts;
  /** Why creation ended early, when it did. */
  failure(): ConnectorError | undefined;
}
