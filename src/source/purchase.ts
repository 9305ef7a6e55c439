// The one decision about money: is this call bought for this kit now? A pure function of what is known. `plan`, `sync` and whatever
// else wants runs asks here and nowhere else. Doubt never buys.
import type { LedgerEntry } from '../core/ledger.ts';
import type { CallFacts, TranscriptFacts } from './facts.ts';

/** What a kit asks of a call. Times in milliseconds since the epoch. */
export interface KitTerms {
  /** Calls that start before it are not bought. */
  readonly from: number;
  readonly minDurationSeconds: number;
  /** Calls that start before it were closed long ago: what was bought of them may be forgotten. */
  readonly lower: number;
  /** Other spans that were closed: half-open. */
  readonly closed: readonly (readonly [from: number, until: number])[];
}

/** What is owed, done and in flight of this call for this kit and version. */
export interface KnownRun {
  /** Found wanting before, and not bought since. */
  readonly isOwed: boolean;
  /** What the ledger has of it, newest attempt. */
  readonly entry: Pick<LedgerEntry, 'status' | 'isRefused' | 'transcriptHash' | 'attempt'> | undefined;
  /** It is an intent of an earlier sync whose text is not here: it may be sent again once the text is read. */
  readonly waitsForText: boolean;
  /** It is under way without a pinned version, and may turn out to be another one than this kit is pinned to. */
  readonly isOfUnknownVersion: boolean;
}

export interface PurchaseLimits {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds after its end that a transcript may still grow. */
  readonly settleMs: number;
  readonly minChars: number;
  /** Runs that may still be bought in this sync. */
  readonly left: number;
  /** May nothing be bought any more for another reason than the limit? */
  readonly hasStopped: boolean;
  /** Does anybody ask for calls that are not owed: a window, or a range? A sweep and a look by id do not. */
  readonly isAsked: boolean;
}

export type WaitReason = 'limit' | 'stopped' | 'no_transcript' | 'unsettled' | 'unknown_version';
export type SkipReason =
  | 'private'
  | 'before_start'
  | 'short_call'
  | 'closed'
  | 'bought'
  | 'refused'
  | 'frozen'
  | 'lost'
  | 'without_transcript'
  | 'short_text';

export type Purchase =
  /** Send it. Without a transcript in hand it would be, if there is one: its text is worth fetching. */
  | { readonly do: 'buy'; readonly attempt: number }
  /** An intent that was perhaps sent: the same bytes again. */
  | { readonly do: 'resend' }
  /** Not now; it stays owed. */
  | { readonly do: 'wait'; readonly why: WaitReason }
  | { readonly do: 'skip'; readonly why: SkipReason };

/** @param transcript `unknown`: decided as if the call had a transcript of any length, so a number made of it is an upper bound */
export function decidePurchase(
  call: CallFacts,
  transcript: TranscriptFacts,
  kit: KitTerms,
  known: KnownRun,
  limits: PurchaseLimits,
): Purchase {
  if (call.isPrivate) return skip('private');
  if (call.startedAt < kit.from) return skip('before_start');
  if (call.durationSeconds < kit.minDurationSeconds) return skip('short_call');
  if (!known.isOwed && !(limits.isAsked && !isClosed(kit, call.startedAt))) return skip('closed');

  // Its own evaluation, or one that it still needs: the answer tells, and no bookmark may pass it before that.
  if (known.isOfUnknownVersion) return wait('unknown_version');
  const { entry, waitsForText } = known;
  const before = entry === undefined ? undefined : outcomeOf(entry, transcript);
  if (before !== undefined && !waitsForText) return skip(before);

  if (transcript.status === 'pending') return wait('no_transcript');
  if (transcript.status === 'none') return skip('without_transcript');
  if (waitsForText) return limits.left > 0 ? { do: 'resend' } : wait(limits.hasStopped ? 'stopped' : 'limit');
  // A short text may still grow.
  if (call.endedAt + limits.settleMs > limits.now) return wait('unsettled');
  if (transcript.status === 'available' && transcript.chars < limits.minChars) return skip('short_text');
  if (limits.left <= 0) return wait(limits.hasStopped ? 'stopped' : 'limit');
  return { do: 'buy', attempt: entry?.attempt ?? 1 };
}

/** Was this time closed so long ago that what was bought in it may be forgotten? */
export function isClosed({ lower, closed }: Pick<KitTerms, 'lower' | 'closed'>, startedAt: number): boolean {
  return startedAt < lower || closed.some(([from, until]) => startedAt >= from && startedAt < until);
}

/** What became of it, if that is the end of the matter. */
function outcomeOf(entry: NonNullable<KnownRun['entry']>, transcript: TranscriptFacts): SkipReason | undefined {
  switch (entry.status) {
    case 'frozen':
    case 'lost':
      return entry.status;
    case 'skipped':
      // Semarize was asked and does not take this text; another text is another matter.
      return entry.isRefused && (transcript.status !== 'available' || transcript.hash === entry.transcriptHash)
        ? 'refused'
        : undefined;
    default:
      return 'bought';
  }
}

function wait(why: WaitReason): Purchase {
  return { do: 'wait', why };
}

function skip(why: SkipReason): Purchase {
  return { do: 'skip', why };
}
