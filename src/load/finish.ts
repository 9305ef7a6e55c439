// When is the new content of a table whole? The end of the input does not say it: a source that died ends its output as well.
// The most dangerous rule of a loader, so it stands alone. Pure.

/** What to do where nobody says whether a source finished: `swap` trusts the end of the input. */
export type OnMissingCompletion = 'keep_old' | 'swap';

export interface FinishFacts {
  /** What the source said of the stream at its end. */
  readonly completion: 'complete' | 'incomplete' | undefined;
  /** Did the source say of any stream how it was doing? Then it would have said of this one that it is complete. */
  readonly tellsStatuses: boolean;
  /** Does the host count refreshes? Such a host says what is complete. */
  readonly hasGeneration: boolean;
  /**
   * The last that came of the stream since it was known; a state of all streams is one of it too. `under_way`: a state that says
   * that the stream is still being read.
   */
  readonly last: 'record' | 'state' | 'under_way' | undefined;
  /** The input ended inside a message, or a message could not be read: something that was sent is not here. */
  readonly isDamaged: boolean;
  /** Has the table no rows that could be kept? */
  readonly replacesNothing: boolean;
}

export type Verdict =
  | { readonly isWhole: true }
  /** `isFailure`: the load is not complete. `reason` completes "its rows stay as they were: …". */
  | { readonly isWhole: false; readonly isFailure: boolean; readonly reason: string };

const whole: Verdict = { isWhole: true };

/** Do the rows that came replace the old ones? */
export function judgeRefresh(facts: FinishFacts, onMissing: OnMissingCompletion): Verdict {
  const { completion, tellsStatuses, hasGeneration, last, isDamaged, replacesNothing } = facts;
  if (completion === 'incomplete') return failed('its source said that it is not complete');
  if (isDamaged) return failed('a part of the input could not be read');
  if (completion === 'complete') return whole;
  const trusted = onMissing === 'swap' ? whole : undefined;
  if (hasGeneration || tellsStatuses) return trusted ?? failed('its source did not say that it is complete');
  // Taps that send no states fill a new table as they would by appending.
  if (last === 'state' || (last === 'record' && replacesNothing)) return whole;
  if (last !== undefined) return trusted ?? failed(openReasons[last]);
  return trusted ?? { isWhole: false, isFailure: false, reason: 'neither a record nor a state of it came' };
}

/**
 * Do the rows of older versions go, once a version of the table was made the live one?
 * @param facts.hasRecordsSince did records of the stream come after that message? Taps send it before their records, or behind
 */
export function judgeActivation(
  { hasRecordsSince, last, isDamaged }: Pick<FinishFacts, 'last' | 'isDamaged'> & { readonly hasRecordsSince: boolean },
  onMissing: OnMissingCompletion,
): Verdict {
  if (isDamaged) return failed('a part of the input could not be read');
  if (!hasRecordsSince || last === 'state' || onMissing === 'swap') return whole;
  return failed(openReasons[last ?? 'record']);
}

const openReasons = {
  record:
    'no state came after its last record, so its source may have died (for one that sends no states: on_missing_completion: swap)',
  under_way: 'the last state says that it is still being read',
} as const;

function failed(reason: string): Verdict {
  return { isWhole: false, isFailure: true, reason };
}
