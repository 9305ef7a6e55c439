// What was asked of Semarize, kept so that nothing is bought twice. Three homes: a file (standalone), the source's state
// (under a host), later an object store.
import type { JsonObject } from './json.ts';

/**
 * `intent` about to be sent, or sent with no answer yet · `accepted` a run id is known · `terminal` the run ended and its
 * result is here · `frozen` a person decides · `lost` the server no longer knows the run · `skipped` not sent, with a reason.
 */
export type LedgerStatus = 'intent' | 'accepted' | 'terminal' | 'frozen' | 'lost' | 'skipped';

/** What makes two evaluations the same one, and what the key is made of. */
export interface EvaluationSubject {
  readonly callId: string;
  /** sha256, hex, over everything in `input` that can vary. */
  readonly transcriptHash: string;
  readonly kit: string;
  /** Pinned version, or null. */
  readonly version: string | null;
}

export interface LedgerEntry extends EvaluationSubject {
  /** The Idempotency-Key. */
  readonly key: string;
  readonly status: LedgerStatus;
  readonly attempt: number;
  readonly input: 'text' | 'turns';
  /** Milliseconds since the epoch at which the intent was written. */
  readonly createdAt: number;
  /** ISO instant at which the call started: a column of the run's row. */
  readonly startedAt: string;
  readonly inputChars: number;
  readonly bodySha256: string;
  /** The bytes to POST; dropped once the run's row is committed. In-state ledgers never hold it: it is rebuilt and compared. */
  readonly body?: string | undefined;
  readonly runId?: string | undefined;
  /** The version that the run was made with, once it is known. */
  readonly answered?: string | undefined;
  /** Why it is frozen, lost or skipped. */
  readonly reason?: string | undefined;
  /** Skipped, because Semarize was asked and does not take this text. */
  readonly isRefused?: boolean | undefined;
  /** The whole run object as answered; dropped once the run's row is committed. */
  readonly result?: JsonObject | undefined;
  readonly finishedAt?: number | undefined;
}

/** A call for a kit, asked of a ledger. */
export interface LedgerQuestion {
  readonly callId: string;
  readonly kit: string;
  /** Pinned version, or null. */
  readonly version: string | null;
  /** Versions of the kit that are pinned by kits of their own: what they bought is not this kit's. */
  readonly apart?: ReadonlySet<string> | undefined;
}

/**
 * Does an entry for the same call and kit answer the question? A version is the same when it was asked for, or when it answered
 * without being asked for. Without a pinned version every earlier run counts: history is not bought again because a pin is gone.
 */
export function isSameVersion(
  entry: Pick<LedgerEntry, 'version' | 'answered'>,
  { version, apart }: LedgerQuestion,
): boolean {
  if (entry.version === version) return true;
  if (version === null) return entry.version !== null && apart?.has(entry.version) !== true;
  // Not known yet which one answers: a run under way may well be of this version.
  return entry.version === null && (entry.answered === undefined || entry.answered === version);
}

export interface Ledger {
  /** Has this call been sent to this kit and version, whatever its text was then? Undefined = never. */
  find(question: LedgerQuestion): LedgerEntry | undefined;
  /** Is this run one of ours? */
  knowsRun(runId: string): boolean;
  /**
   * Calls that start before it may have been bought and forgotten; milliseconds since the epoch. Nothing of them is bought unless a
   * person asks for it.
   * @param kit `CODE` or `CODE@VERSION`
   */
  remembersFrom(kit: string): number;
  /** Entries that are not settled: intent, accepted, frozen, lost, and terminal ones whose row is not known to be committed. */
  open(): Iterable<LedgerEntry>;
  /** Returns when the entries are durable (in-state: when they are in a state that was emitted). */
  write(entries: readonly LedgerEntry[]): Promise<void>;
  /** Most intents that are worth being durable before there is room to send them: writing them one by one may be dear. */
  readonly intentsAhead: number;
  /** The row of this terminal entry was handed on: body and result need not be held any more. */
  rowEmitted(entry: LedgerEntry): void;
}
