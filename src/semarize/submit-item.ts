// Is this call sent to this kit now? What was sent before is not, whatever its text was then; what is on its way counts as sent.
import type { Ledger, LedgerEntry } from '../core/ledger.ts';
import type { Outgoing } from './creation-queue.ts';
import { type EvaluationItem, toFrozen, toSkipped } from './evaluation-entry.ts';
import type { EvaluatorCounts } from './evaluator-counts.ts';

/**
 * `sent` an intent is or will be written · `known` it was sent before, in whatever state it is · `over_limit` the sync's
 * limit is reached · `skipped` this text is not sent, and the ledger says why · `stopped` nothing is created any more.
 */
export type Decision = 'sent' | 'known' | 'over_limit' | 'skipped' | 'stopped';

export interface SubmissionOptions {
  readonly ledger: Ledger;
  readonly record: (entry: LedgerEntry) => Promise<void>;
  readonly counts: EvaluatorCounts;
  readonly minTranscriptChars: number;
  /** Intents without their bytes that may be sent again, by key: they come from a host's state. */
  readonly textless: ReadonlyMap<string, LedgerEntry>;
  readonly buildIntent: (item: EvaluationItem, attempt: number) => LedgerEntry;
  readonly create: (item: Outgoing) => Promise<Decision>;
}

export function createSubmission(options: SubmissionOptions): (item: EvaluationItem) => Promise<Decision> {
  const { ledger, record, counts, textless, buildIntent, create } = options;
  /** Items between here and the ledger, by call, kit and version. */
  const deciding = new Map<string, Promise<Decision>>();

  async function decide(item: EvaluationItem): Promise<Decision> {
    const known = ledger.find(item);
    if (known?.status === 'intent' && known.body === undefined) return await resend(known, item);
    if (known !== undefined && known.status !== 'skipped') return 'known';
    if (known?.isRefused && known.transcriptHash === item.transcriptHash) return 'known';
    const entry = buildIntent(item, known?.attempt ?? 1);
    if (item.text.length >= options.minTranscriptChars) return await create({ entry, wasSent: false });
    const reason = `transcript of ${item.text.length} characters, under min_transcript_chars`;
    counts.skipped += 1;
    if (known?.reason !== reason) await record(toSkipped(entry, reason));
    return 'skipped';
  }

  /** The bytes are built again, and only the same bytes are sent. */
  async function resend(known: LedgerEntry, item: EvaluationItem): Promise<Decision> {
    const entry = textless.get(known.key);
    if (entry === undefined) return 'known';
    const { body, bodySha256 } = buildIntent(item, known.attempt);
    if (bodySha256 === known.bodySha256) return await create({ entry: { ...entry, body }, wasSent: true });
    counts.open -= 1;
    counts.frozen += 1;
    await record(toFrozen(known, 'sent without an answer, and its text has changed since'));
    return 'known';
  }

  return (item) => {
    const subject = JSON.stringify([item.callId, item.kit, item.version]);
    const earlier = deciding.get(subject);
    if (earlier !== undefined) return earlier;
    // A call may come twice in a listing, the second time with another text.
    const decision = decide(item).finally(() => deciding.delete(subject));
    deciding.set(subject, decision);
    return decision;
  };
}
