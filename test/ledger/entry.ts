// An entry of a ledger for tests, whole and boring.
import type { LedgerEntry } from '../../src/core/ledger.ts';

export const transcript = 'Ada (rep): hello\nBo (prospect): Grüße 👋';

/** An intent for call number `n`; its body holds the words. */
export function entryOf(n: number, changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    key: `gs1:${n}`,
    status: 'intent',
    callId: `778234227402593780${n}`,
    transcriptHash: `hash-${n}`,
    kit: 'A1B2C3D4',
    version: null,
    attempt: 1,
    input: 'text',
    createdAt: Date.parse('2026-03-02T08:00:00Z') + n,
    startedAt: '2026-03-01T08:00:00.000Z',
    inputChars: transcript.length,
    bodySha256: `sha-${n}`,
    body: JSON.stringify({ input: { transcript } }),
    ...changes,
  };
}

/** The entry after each step of a run that went well. */
export function stepsOf(n: number): LedgerEntry[] {
  const intent = entryOf(n);
  const accepted: LedgerEntry = { ...intent, status: 'accepted', runId: `run_${n}` };
  const { body: _, ...rest } = accepted;
  const result = { run_id: `run_${n}`, status: 'succeeded', output: { bricks: { pain: { value: 64 } } } };
  return [intent, accepted, { ...rest, status: 'terminal', result, finishedAt: intent.createdAt + 5000 }];
}
