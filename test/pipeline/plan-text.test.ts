// What a sync would read and buy, in words.
import { describe, expect, it } from 'vitest';
import { planText } from '../../src/pipeline/plan-text.ts';
import { createPurchaseCounts } from '../../src/source/completeness.ts';
import type { Plan } from '../../src/source/plan.ts';

const purchases = createPurchaseCounts();

const plan: Plan = {
  from: '2026-08-01T00:00:00.000Z',
  until: '2026-10-31T09:55:00.000Z',
  calls: 3412,
  private: 212,
  withoutTranscript: 61,
  kits: [
    {
      ...purchases,
      kit: 'A1B2C3D4',
      skip: { ...purchases.skip, bought: 1811, short_call: 88 },
      wait: { ...purchases.wait, no_transcript: 61 },
      toBuy: 1240,
    },
  ],
  toBuy: 1240,
  sentAgain: 0,
  gongRequests: { list: 35, transcripts: 35, perDay: 8000, seconds: 35 },
  maxRuns: 100,
};

describe('the plan', () => {
  it('says what is listed, what is bought, what waits, and how to buy it all', () => {
    expect(planText(plan)).toBe(`window         2026-08-01 → 2026-10-31          calls 3,412
not evaluable  private 212 · still without transcript 61
kit A1B2C3D4   already evaluated 1,811 · too short 88 · waits for a transcript 61 · runs to buy 1,240
Gong           70 requests of 8,000 a day, about 35 s
limit          max_runs_per_sync 100: a sync would buy 100, 1,140 wait; --max-runs 1240 buys all
`);
  });

  it('says at most what could be bought: what waits may have come, and what was not answered may not be bought yet', () => {
    const few = planText({ ...plan, toBuy: 5, sentAgain: 2 });
    expect(few).toContain('sent again     2 that were not answered: no run twice\n');
    expect(few).toContain('max_runs_per_sync 100: a sync would buy at most 68\n');
    expect(planText({ ...plan, toBuy: 50, maxRuns: 60 })).toContain('a sync would buy at most 60\n');
  });

  it('says nothing of money where nothing can be bought', () => {
    expect(planText({ ...plan, kits: [], toBuy: 0 })).not.toMatch(/limit|kit|buy/);
  });

  it('says so when there is nothing to list', () => {
    expect(planText({ ...plan, from: null, until: null })).toContain('window         nothing to list\n');
  });
});
