// From "this call for this kit" to a ledger entry with its key and its bytes.
import type { LedgerEntry } from '../core/ledger.ts';
import { buildIdempotencyKey, buildRunBody, hashBody, type KeyClass } from './run-body.ts';

/** One call for one kit. */
export interface EvaluationItem {
  readonly callId: string;
  /** ISO instant. */
  readonly startedAt: string;
  readonly text: string;
  readonly transcriptHash: string;
  readonly kit: string;
  readonly version: string | null;
  readonly input: 'text' | 'turns';
}

/** @param now milliseconds since the epoch */
export function buildIntent(
  item: EvaluationItem,
  attempt: number,
  workspaceLabel: string,
  keyClass: KeyClass,
  now: number,
): LedgerEntry & { body: string } {
  const body = buildRunBody(item.input, { text: item.text }, item.kit, item.version);
  return {
    key: buildIdempotencyKey({ ...item, attempt }, workspaceLabel, keyClass),
    status: 'intent',
    callId: item.callId,
    transcriptHash: item.transcriptHash,
    kit: item.kit,
    version: item.version,
    attempt,
    input: item.input,
    createdAt: now,
    startedAt: item.startedAt,
    inputChars: item.text.length,
    bodySha256: hashBody(body),
    body,
  };
}

/** Held back for a reason that may pass: too short, a wrong key, an unknown kit. It may be sent later. */
export function toSkipped(entry: LedgerEntry, reason: string): LedgerEntry {
  const { body: _, ...rest } = entry;
  return { ...rest, status: 'skipped', reason };
}

/** Semarize was asked and does not take this text. */
export function toRefused(entry: LedgerEntry, reason: string): LedgerEntry {
  return { ...toSkipped(entry, reason), isRefused: true };
}

/** A person decides; until then it is counted by every sync. */
export function toFrozen(entry: LedgerEntry, reason: string): LedgerEntry {
  return { ...entry, status: 'frozen', reason };
}
