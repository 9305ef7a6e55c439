// The four lines at the end of a sync.
import { describe, expect, it } from 'vitest';
import { advice, summaryLines } from '../../src/pipeline/summary.ts';
import { type Completeness, createCounts } from '../../src/source/completeness.ts';

const counts = createCounts();

const report: Completeness = {
  swept: { ...counts.swept, listed: 3, changed: 2, unchanged: 1 },
  byId: { ...counts.byId, asked: 5, listed: 4, unchanged: 4 },
  damaged: counts.damaged,
  purchases: { ...counts.purchases, buy: 103, skip: { ...counts.purchases.skip, bought: 2811, short_text: 4 } },
  calls: {
    ...counts.calls,
    listed: 3412,
    new: 418,
    changed: 61,
    unchanged: 2721,
    private: 212,
    gongTotal: 3415,
    late: 3,
    latestHours: 20,
  },
  transcripts: {
    asked: 418,
    new: 401,
    changed: 0,
    unchanged: 0,
    missing: 17,
    tooLarge: 0,
    withheld: 0,
    pending: 17,
    oldestPendingHours: 3.2,
    none: 3,
    gaveUp: 1,
    forbidden: 0,
  },
  runs: {
    offered: true,
    before: 0,
    bought: 100,
    refused: 3,
    unanswered: 0,
    conflicts: 1,
    succeeded: 97,
    failed: 2,
    cancelled: 1,
    collected: 0,
    frozen: 1,
    lost: 0,
    open: 0,
    limit: 100,
    waiting: 301,
    unknown: null,
  },
  closedThrough: '2026-11-21T09:55:00.000Z',
  gongRequests: { today: 70, thisSync: 70, perDay: 8000 },
};

describe('the summary of a sync', () => {
  it('counts what came, what waits and what failed, each with its next step', () => {
    expect(summaryLines(report).join('\n')).toBe(
      `calls        listed 3,412 · new 418 · changed 61 · unchanged 2,721 · private 212 · late 3 (up to 20 h)      Gong counts 3,415 (3 still processing)
  swept      listed 3 · changed 2 · unchanged 1
  by id      asked 5 · unchanged 4 · not answered 1
transcripts  asked 418 · new 401 · not there 17      now pending 17 (oldest 3 h) · silent 3 · given up 1 → gong-elt state show
runs         bought 100 · refused 3 (nothing was bought) · succeeded 97 · failed 2 → gong-elt runs list --status failed · cancelled 1 → gong-elt runs list --status cancelled · waiting 301 (limit 100: --max-runs) · frozen 1 → gong-elt runs list --status frozen
  not asked  bought before 2,811 · text too short 4
next         windows closed through 2026-11-21T09:55Z · 70 of 8,000 Gong requests used today`,
    );
  });

  it('says nothing of runs where none are offered, nor of a count of Gong that agrees', () => {
    const lines = summaryLines({
      ...report,
      calls: { ...report.calls, gongTotal: 3412 },
      runs: { ...report.runs, offered: false },
      closedThrough: null,
    });
    expect(lines.join('\n')).not.toMatch(/runs|Gong counts/);
    expect(lines.at(-1)).toContain('next         no window is closed yet · 70 of 8,000');
  });
});

describe('the advice after a sync', () => {
  const quiet = { ...report, runs: { ...report.runs, waiting: 0 } };

  it('says how to go on when the budget is spent', () => {
    expect(advice(report)).toEqual([
      'Bought 100 of 401 runs: max_runs_per_sync is 100. Nothing is lost. → the next sync goes on, or now: gong-elt sync --max-runs 301',
    ]);
  });

  it('does not blame the limit for runs that wait for another reason', () => {
    expect(advice({ ...report, runs: { ...report.runs, bought: 60 } })).toEqual([]);
  });

  it('names the scope and the age as causes when no call had a transcript', () => {
    const none = { ...report.transcripts, asked: 50, new: 0, none: 0, pending: 50 };
    const [line] = advice({ ...quiet, transcripts: none });
    expect(line).toMatch(
      /^50 calls asked for, no transcript for any\. The scope api:calls:read:transcript .*→ gong-elt check$/,
    );
  });

  it('says nothing when there is nothing to do', () => {
    expect(advice(quiet)).toEqual([]);
  });
});
