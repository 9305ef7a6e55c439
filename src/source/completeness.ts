// What a sync did and did not do, in numbers: nothing is left out silently. Printed for people, and `--json`.
import type { JsonObject } from '../core/json.ts';

export interface Counts {
  calls: {
    listed: number;
    new: number;
    changed: number;
    unchanged: number;
    private: number;
    excluded: number;
    swept: number;
    gongTotal: number;
    /** New ones that started before the last window's end: Gong showed them late. */
    late: number;
    /** Hours from the start of the latest of them to this sync; it appeared no later than that. */
    latestHours: number;
  };
  transcripts: { asked: number; new: number; changed: number; unchanged: number; withheld: number };
  runs: { waiting: number; unsettled: number; alreadyHad: number };
}

export function createCounts(): Counts {
  return {
    calls: {
      listed: 0,
      new: 0,
      changed: 0,
      unchanged: 0,
      private: 0,
      excluded: 0,
      swept: 0,
      gongTotal: 0,
      late: 0,
      latestHours: 0,
    },
    transcripts: { asked: 0, new: 0, changed: 0, unchanged: 0, withheld: 0 },
    runs: { waiting: 0, unsettled: 0, alreadyHad: 0 },
  };
}

export interface Completeness {
  readonly calls: Counts['calls'];
  readonly transcripts: Counts['transcripts'] & {
    pending: number;
    /** Hours. */
    oldestPendingHours: number | null;
    none: number;
    gaveUp: number;
    forbidden: number;
  };
  readonly runs: Counts['runs'] & {
    /** Is there a Semarize key and a kit? */
    offered: boolean;
    bought: number;
    succeeded: number;
    failed: number;
    collected: number;
    skipped: number;
    frozen: number;
    lost: number;
    open: number;
    limit: number;
  };
  /** ISO instant, or null before the first closed window. */
  readonly closedThrough: string | null;
  readonly gongRequests: { today: number; thisSync: number; perDay: number };
}

export function toReport(completeness: Completeness): JsonObject {
  return completeness as unknown as JsonObject;
}
