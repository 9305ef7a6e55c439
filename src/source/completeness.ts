// What a sync did and did not do, in numbers that add up: nothing is left out silently. Printed for people, and `--json`.
import type { JsonObject } from '../core/json.ts';
import type { SkipReason, WaitReason } from './purchase.ts';

/** Each call that came up is exactly one of these. */
export interface CallCounts {
  new: number;
  changed: number;
  unchanged: number;
  /** Their rows, where they have one, are among no others here. */
  private: number;
  /** Private ones that the policy leaves out. */
  excluded: number;
  /** Sent again, since a memory that is full does not know whether they are new. */
  again: number;
  /** The stream calls is not selected. */
  unselected: number;
}

export interface Counts {
  /** Calls of the windows of this sync, each once; with what became of each. */
  readonly calls: CallCounts & {
    listed: number;
    gongTotal: number;
    /** New ones that started before the last window's end: Gong showed them late. */
    late: number;
    /** Hours from the start of the latest of them to this sync; it appeared no later than that. */
    latestHours: number;
  };
  /** The same for the weekly sweep. */
  readonly swept: CallCounts & { listed: number };
  /** The same for calls that were asked for by their ids. */
  readonly byId: CallCounts & { listed: number; asked: number };
  /** asked = new + changed + unchanged + missing. */
  readonly transcripts: {
    asked: number;
    new: number;
    changed: number;
    unchanged: number;
    missing: number;
    withheld: number;
  };
  /** Calls with parts of a form that Gong does not document: parts of the call, and of its transcript, that are left out. */
  readonly damaged: { calls: number; parts: number; words: number };
  /** What was decided, for each call and kit once. */
  readonly purchases: {
    buy: number;
    resend: number;
    wait: Record<WaitReason, number>;
    skip: Record<SkipReason, number>;
  };
}

function callCounts() {
  return { listed: 0, new: 0, changed: 0, unchanged: 0, private: 0, excluded: 0, again: 0, unselected: 0 };
}

export function createCounts(): Counts {
  return {
    calls: { ...callCounts(), gongTotal: 0, late: 0, latestHours: 0 },
    swept: callCounts(),
    byId: { ...callCounts(), asked: 0 },
    transcripts: { asked: 0, new: 0, changed: 0, unchanged: 0, missing: 0, withheld: 0 },
    damaged: { calls: 0, parts: 0, words: 0 },
    purchases: createPurchaseCounts(),
  };
}

export function createPurchaseCounts(): Counts['purchases'] {
  return {
    buy: 0,
    resend: 0,
    wait: { limit: 0, stopped: 0, no_transcript: 0, unsettled: 0, unknown_version: 0 },
    skip: {
      private: 0,
      before_start: 0,
      short_call: 0,
      closed: 0,
      bought: 0,
      refused: 0,
      frozen: 0,
      lost: 0,
      without_transcript: 0,
      short_text: 0,
    },
  };
}

export interface Completeness {
  readonly calls: Counts['calls'];
  readonly swept: Counts['swept'];
  readonly byId: Counts['byId'];
  /** Of this sync, and (pending to tooLarge) as it is now. */
  readonly transcripts: Counts['transcripts'] & {
    pending: number;
    /** Hours. */
    oldestPendingHours: number | null;
    none: number;
    gaveUp: number;
    forbidden: number;
    tooLarge: number;
  };
  readonly damaged: Counts['damaged'];
  readonly purchases: Counts['purchases'];
  /** before + bought + unanswered + conflicts = succeeded + failed + cancelled + open + frozen + lost. */
  readonly runs: {
    /** Is there a Semarize key and a kit? */
    offered: boolean;
    /** Left open by earlier syncs. */
    before: number;
    /** Accepted by Semarize as new. */
    bought: number;
    /** POSTed and not accepted. */
    refused: number;
    unanswered: number;
    conflicts: number;
    succeeded: number;
    failed: number;
    cancelled: number;
    /** Of the rows, those of runs that earlier syncs had paid for. */
    collected: number;
    open: number;
    frozen: number;
    lost: number;
    /** For the limit, or since nothing more could be bought: calls times kits. */
    waiting: number;
    limit: number;
    /** Runs of our kits at Semarize that a host's state does not know; null when nobody looked. */
    unknown: number | null;
  };
  /** ISO instant, or null before the first closed window. */
  readonly closedThrough: string | null;
  readonly gongRequests: { today: number; thisSync: number; perDay: number };
}

export function toReport(completeness: Completeness): JsonObject {
  return completeness as unknown as JsonObject;
}
