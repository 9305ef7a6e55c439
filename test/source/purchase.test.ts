// The one decision about money, as a table: each rule, its bounds, and which of two rules comes first.
import { describe, expect, test } from 'vitest';
import type { CallFacts, TranscriptFacts } from '../../src/source/facts.ts';
import { decidePurchase, type KitTerms, type KnownRun, type PurchaseLimits } from '../../src/source/purchase.ts';

const hour = 3_600_000;
const now = Date.parse('2026-03-20T08:00:00Z');
const start = now - 100 * hour;

interface Case {
  call?: Partial<CallFacts>;
  transcript?: TranscriptFacts;
  kit?: Partial<KitTerms>;
  known?: Partial<KnownRun>;
  limits?: Partial<PurchaseLimits>;
}

const available = (chars = 1000, hash = 'h'): TranscriptFacts => ({ status: 'available', hash, chars });

function decide({ call, transcript, kit, known, limits }: Case): string {
  const decision = decidePurchase(
    {
      id: '1',
      startedAt: start,
      endedAt: start + hour,
      isPrivate: false,
      durationSeconds: 3600,
      language: 'eng',
      ...call,
    },
    transcript ?? available(),
    { from: start - 10 * hour, minDurationSeconds: 0, lower: start - 5 * hour, closed: [], ...kit },
    { isOwed: false, entry: undefined, waitsForText: false, isOfUnknownVersion: false, ...known },
    { now, settleMs: 2 * hour, minChars: 200, left: 5, hasStopped: false, isAsked: true, ...limits },
  );
  if (decision.do === 'buy') return `buy ${decision.attempt}`;
  return 'why' in decision ? `${decision.do} ${decision.why}` : decision.do;
}

const entry = (
  status: NonNullable<KnownRun['entry']>['status'],
  more: Partial<NonNullable<KnownRun['entry']>> = {},
) => ({
  entry: { status, transcriptHash: 'h', attempt: 1, ...more },
});

describe('a call and a kit', () => {
  test.each<[string, Case, string]>([
    ['nothing is known', {}, 'buy 1'],
    ['private', { call: { isPrivate: true } }, 'skip private'],
    ['a millisecond before the kit’s start', { kit: { from: start + 1 } }, 'skip before_start'],
    ['at the kit’s start', { kit: { from: start } }, 'buy 1'],
    ['299 of 300 seconds', { call: { durationSeconds: 299 }, kit: { minDurationSeconds: 300 } }, 'skip short_call'],
    ['300 of 300 seconds', { call: { durationSeconds: 300 }, kit: { minDurationSeconds: 300 } }, 'buy 1'],
    ['301 of 300 seconds', { call: { durationSeconds: 301 }, kit: { minDurationSeconds: 300 } }, 'buy 1'],
    ['no shortest duration', { call: { durationSeconds: 0 } }, 'buy 1'],
  ])('%s: %3$s', (_, given, decision) => {
    expect(decide(given)).toBe(decision);
  });
});

describe('what was closed is not bought unless it is owed', () => {
  test.each<[string, Case, string]>([
    ['before the look-back', { kit: { lower: start + 1 } }, 'skip closed'],
    ['where the look-back begins', { kit: { lower: start } }, 'buy 1'],
    ['at the begin of a closed span', { kit: { closed: [[start, start + 1]] } }, 'skip closed'],
    ['at the end of a closed span', { kit: { closed: [[start - 1, start]] } }, 'buy 1'],
    [
      'in the second closed span',
      {
        kit: {
          closed: [
            [0, 1],
            [start - 1, start + 1],
          ],
        },
      },
      'skip closed',
    ],
    ['owed, before the look-back', { kit: { lower: start + 1 }, known: { isOwed: true } }, 'buy 1'],
    ['owed, in a closed span', { kit: { closed: [[start, start + 1]] }, known: { isOwed: true } }, 'buy 1'],
    ['not asked for', { limits: { isAsked: false } }, 'skip closed'],
    ['not asked for, but owed', { limits: { isAsked: false }, known: { isOwed: true } }, 'buy 1'],
    ['owed, but the start moved past it', { kit: { from: start + 1 }, known: { isOwed: true } }, 'skip before_start'],
    ['owed, but private now', { call: { isPrivate: true }, known: { isOwed: true } }, 'skip private'],
  ])('%s: %3$s', (_, given, decision) => {
    expect(decide(given)).toBe(decision);
  });
});

describe('what the ledger knows', () => {
  test.each<[string, Case, string]>([
    ['an intent that is sent', { known: entry('intent') }, 'skip bought'],
    ['an intent that waits for its text', { known: { ...entry('intent'), waitsForText: true } }, 'resend'],
    ['an accepted run', { known: entry('accepted') }, 'skip bought'],
    ['a run that ended', { known: entry('terminal') }, 'skip bought'],
    [
      'under way, of a version that may be another',
      { known: { ...entry('accepted'), isOfUnknownVersion: true } },
      'wait unknown_version',
    ],
    ['bought, and owed all the same', { known: { ...entry('terminal'), isOwed: true } }, 'skip bought'],
    ['frozen', { known: entry('frozen') }, 'skip frozen'],
    ['lost', { known: entry('lost') }, 'skip lost'],
    ['skipped for a reason that may pass', { known: entry('skipped', { attempt: 3 }) }, 'buy 3'],
    ['this text was refused', { known: entry('skipped', { isRefused: true }) }, 'skip refused'],
    ['another text was refused', { known: entry('skipped', { isRefused: true, transcriptHash: 'x' }) }, 'buy 1'],
    [
      'some text was refused, and this one is not read',
      { known: entry('skipped', { isRefused: true }), transcript: { status: 'unknown' } },
      'skip refused',
    ],
  ])('%s: %3$s', (_, given, decision) => {
    expect(decide(given)).toBe(decision);
  });
});

describe('the transcript', () => {
  test.each<[string, Case, string]>([
    ['not read', { transcript: { status: 'unknown' } }, 'buy 1'],
    ['not there yet', { transcript: { status: 'pending' } }, 'wait no_transcript'],
    [
      'not there yet, of an intent that waits for it',
      { transcript: { status: 'pending' }, known: { ...entry('intent'), waitsForText: true } },
      'wait no_transcript',
    ],
    ['never there', { transcript: { status: 'none' } }, 'skip without_transcript'],
    ['199 of 200 characters', { transcript: available(199) }, 'skip short_text'],
    ['200 of 200 characters', { transcript: available(200) }, 'buy 1'],
    ['a millisecond too young', { call: { endedAt: now - 2 * hour + 1 } }, 'wait unsettled'],
    ['just old enough', { call: { endedAt: now - 2 * hour } }, 'buy 1'],
    ['too short, and may still grow', { transcript: available(1), call: { endedAt: now } }, 'wait unsettled'],
  ])('%s: %3$s', (_, given, decision) => {
    expect(decide(given)).toBe(decision);
  });
});

describe('the limit', () => {
  test.each<[string, Case, string]>([
    ['one is left', { limits: { left: 1 } }, 'buy 1'],
    ['none is left', { limits: { left: 0 } }, 'wait limit'],
    ['nothing is bought any more', { limits: { left: 0, hasStopped: true } }, 'wait stopped'],
    [
      'none is left for an intent',
      { limits: { left: 0 }, known: { ...entry('intent'), waitsForText: true } },
      'wait limit',
    ],
    ['none is left, and it is bought', { limits: { left: 0 }, known: entry('terminal') }, 'skip bought'],
    ['none is left, and the text is too short', { limits: { left: 0 }, transcript: available(1) }, 'skip short_text'],
    [
      'none is left, and there is no text',
      { limits: { left: 0 }, transcript: { status: 'pending' } },
      'wait no_transcript',
    ],
  ])('%s: %3$s', (_, given, decision) => {
    expect(decide(given)).toBe(decision);
  });
});
