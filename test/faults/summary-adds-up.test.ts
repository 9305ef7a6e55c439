// Every summary adds up: whatever a sync met, each call and each run is in exactly one of its numbers, the numbers are those of the
// two services and of the destination, and the printed lines say the same.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { summaryLines } from '../../src/pipeline/summary.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { FaultAction } from '../../src/sandbox/faults.ts';
import type { HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import type { CallCounts, Completeness } from '../../src/source/completeness.ts';
import { createHost } from '../support/host.ts';
import { always, day, harnessOf, hour, idOf, poll, post, start } from '../support/semarize-faults.ts';
import { type HarnessOptions, kitA, kitB } from '../support/sync-harness.ts';

const homes = ['standalone', 'under a host'] as const;

interface Read {
  readonly report: Completeness;
  readonly failure: unknown;
  /** Accepted by Semarize as new in this sync. */
  readonly accepted: number;
  /** Rows of runs that this sync brought. */
  readonly rows: number;
}

async function scene(home: (typeof homes)[number], calls: HandmadeCall[], options: Partial<HarnessOptions> = {}) {
  const harness = await harnessOf(calls, options);
  const host = createHost(harness);
  const rowsNow = async () =>
    home === 'under a host'
      ? host.rows('semarize_runs').length
      : Number((await harness.rows('select count(*) as n from semarize_runs').catch(() => [{ n: 0 }]))[0]?.['n'] ?? 0);
  const read = async (request = {}): Promise<Read> => {
    const [runs, rows] = [harness.sandbox.ledger.distinctRuns, await rowsNow()];
    const { report, failure } = home === 'standalone' ? await harness.sync(request) : await host.read(request);
    if (report === undefined) throw failure;
    return {
      report,
      failure,
      accepted: harness.sandbox.ledger.distinctRuns - runs,
      rows: (await rowsNow()) - rows,
    };
  };
  return { harness, read };
}

function sumOf({ new: news, changed, unchanged, private: kept, excluded, again, unselected }: CallCounts): number {
  return news + changed + unchanged + kept + excluded + again + unselected;
}

const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** @param kits that this sync asks for */
function expectAddsUp({ report, failure, accepted, rows }: Read, kits: number): void {
  const { calls, swept, byId, transcripts, purchases, runs } = report;
  expect(sumOf(calls), 'calls of the windows').toBe(calls.listed);
  expect(sumOf(swept), 'calls of the sweep').toBe(swept.listed);
  expect(sumOf(byId), 'calls by id').toBe(byId.listed);
  expect(byId.listed, 'answered by id').toBeLessThanOrEqual(byId.asked);
  const fresh = [calls, swept, byId].reduce((sum, counts) => sum + counts.new + counts.private, 0);
  expect(calls.late, 'late ones are new, wherever they came up').toBeLessThanOrEqual(fresh);
  expect(transcripts.new + transcripts.changed + transcripts.unchanged + transcripts.missing, 'transcripts').toBe(
    transcripts.asked,
  );

  const { before, bought, unanswered, conflicts, succeeded, failed, cancelled, open, frozen, lost } = runs;
  expect(succeeded + failed + cancelled + open + frozen + lost, 'runs').toBe(before + bought + unanswered + conflicts);
  expect(rows, 'a row for each run that ended').toBe(succeeded + failed + cancelled);
  expect(runs.collected, 'collected').toBeLessThanOrEqual(Math.min(before, succeeded + failed + cancelled));
  // What was not answered may have been accepted, now or with the next try.
  expect(accepted, 'accepted by Semarize').toBeGreaterThanOrEqual(bought);
  expect(accepted, 'accepted by Semarize').toBeLessThanOrEqual(bought + unanswered + before);
  if (unanswered === 0 && before === 0) expect(bought, 'bought').toBe(accepted);

  const { buy, resend, wait, skip } = purchases;
  const looks = runs.offered ? (calls.listed + byId.listed) * kits : 0;
  expect(buy + resend + total(wait) + total(skip), 'one decision for each call and kit').toBe(looks);
  // A call that two answers name is decided on once, and bought once.
  const posted = bought + runs.refused + unanswered + conflicts;
  if (failure === undefined) expect(posted, 'what was to be bought was sent').toBe(buy);
  else expect(posted).toBeLessThanOrEqual(buy);
  expectSaid(report);
}

/** The printed lines say each number that is not zero, where it belongs, and no other. */
function expectSaid(report: Completeness): void {
  const { calls, swept, byId, transcripts, runs, purchases } = report;
  const lines = new Map(summaryLines(report).map((line) => [line.slice(0, 13).trim(), line.slice(13)]));
  const parts = (counts: CallCounts) => ({
    new: counts.new,
    changed: counts.changed,
    unchanged: counts.unchanged,
    private: counts.private,
    'left out': counts.excluded,
    'sent again': counts.again,
    'not selected': counts.unselected,
  });
  const { skip, wait } = purchases;
  const expected: Record<string, Record<string, number>> = {
    calls: { listed: calls.listed, ...parts(calls), late: calls.late },
    swept: { listed: swept.listed, ...parts(swept) },
    'by id': { asked: byId.asked, ...parts(byId), 'not answered': byId.asked - byId.listed },
    transcripts: {
      asked: transcripts.asked,
      new: transcripts.new,
      changed: transcripts.changed,
      unchanged: transcripts.unchanged,
      'not there': transcripts.missing,
      withheld: transcripts.withheld,
      'now pending': transcripts.pending,
      silent: transcripts.none,
      forbidden: transcripts.forbidden,
      'too large': transcripts.tooLarge,
      'given up': transcripts.gaveUp,
    },
    runs: {
      bought: runs.bought,
      refused: runs.refused,
      succeeded: runs.succeeded,
      failed: runs.failed,
      cancelled: runs.cancelled,
      'of them collected': runs.collected,
      waiting: runs.waiting,
      'under way': runs.open,
      frozen: runs.frozen,
      lost: runs.lost,
      'not in this state': runs.unknown ?? 0,
    },
    'not asked': {
      'bought before': skip.bought,
      'no transcript yet': wait.no_transcript,
      'not settled yet': wait.unsettled,
      'version not known yet': wait.unknown_version,
      private: skip.private,
      'call too short': skip.short_call,
      'text too short': skip.short_text,
      'without transcript': skip.without_transcript,
      'refused before': skip.refused,
      'before the kit’s start': skip.before_start,
      'closed long ago': skip.closed,
      'frozen or lost': skip.frozen + skip.lost,
    },
  };
  for (const [name, counts] of Object.entries(expected)) {
    const said = Object.fromEntries(
      (lines.get(name) ?? '')
        .split(/ · | {6}/)
        .filter((part) => part !== '' && !part.startsWith('Gong counts'))
        .map((part) => /^(.*?) ([\d,]+)(?: |$)/.exec(part) ?? [part, part, 'NaN'])
        .map(([, what = '', count = '']) => [what.replace(/^now /, ''), Number(count.replaceAll(',', ''))] as const)
        .filter(([, count]) => count !== 0),
    );
    const there = Object.entries(counts)
      .map(([what, count]) => [what.replace(/^now /, ''), count] as const)
      .filter(([, count]) => count !== 0);
    expect(said, name).toEqual(Object.fromEntries(there));
  }
}

const greeting = { start: 0, end: 1000, text: 'Hello?' };

/** One call of each kind, twelve hours apart, the oldest first. */
const kinds: Record<string, (started: number) => Partial<HandmadeCall>> = {
  talk: () => ({}),
  private: () => ({ private: true }),
  'turns private': () => ({ private: start + 30 * hour }),
  late: () => ({ visibleAt: start + 20 * hour }),
  'late transcript': () => ({ transcriptAt: start + 40 * hour }),
  silent: () => ({ transcriptAt: null, language: 'zxx' }),
  'short text': () => ({ transcript: [{ speakerId: null, topic: null, sentences: [greeting] }] }),
  brief: () => ({ durationS: 60 }),
  failed: () => ({ runs: { [kitA]: 'failed', [kitB]: 'failed' } }),
  cancelled: () => ({ runs: { [kitA]: 'cancelled', [kitB]: 'cancelled' } }),
  edited: () => ({ editedAt: start + 10 * hour, textEditedAt: start + 10 * hour }),
  'comes later': () => ({ started: start + 24 * hour }),
};

function oneOfEach(repeats = 2): HandmadeCall[] {
  const names = Array.from({ length: repeats }, () => Object.keys(kinds)).flat();
  return names.map((name, index) => {
    const started = start - (names.length - index) * 12 * hour;
    return { id: idOf(index), started, durationS: 1500, ...kinds[name]?.(started) };
  });
}

const kits: JsonObject[] = [{ code: kitA, min_duration_seconds: 300 }, { code: kitB }];

describe.each(homes)('%s', (home) => {
  test.each(['metadata_only', 'exclude', 'include'])(
    'calls of every kind, two kits, several days; private calls: %s',
    async (policy) => {
      const { harness, read } = await scene(home, oneOfEach(), {
        config: { kits, private_calls: policy, max_runs_per_sync: 14 },
      });
      const seen = new Set<string>();
      for (const hours of [0, 13, 26, 30, 100, 24]) {
        harness.clock.advance(hours * hour);
        const one = await read();
        expect(one.failure).toBeUndefined();
        expectAddsUp(one, 2);
        for (const line of summaryLines(one.report))
          for (const [word] of line.matchAll(/[a-z][a-z ’]+/g)) seen.add(word.trim());
      }
      // The case is the one meant.
      for (const word of ['listed', 'late', 'waiting', 'failed', 'cancelled', 'call too short', 'text too short'])
        expect([...seen].join('|')).toContain(word);
    },
  );

  test('refused, frozen, unanswered, lost and open ones are each counted where they are', async () => {
    const { harness, read } = await scene(home, oneOfEach(), {
      settings: { runEnds: 'never' },
      config: { kits: [{ code: kitA }], semarize_concurrency: 1, gong_requests_per_second: 1000 },
    });
    const { faults } = harness.sandbox;
    const meet = (after: number, times: number, action: FaultAction) =>
      faults.add({ on: post, after, times, do: action });
    meet(1, 1, faultAnswers.status(422, 'input_refused'));
    meet(2, 1, faultAnswers.status(409, 'idempotency_conflict'));
    meet(3, 5, { kind: 'reset', processed: true });
    const first = await read();
    expectAddsUp(first, 1);
    const { runs } = first.report;
    expect(runs.refused + runs.conflicts + runs.unanswered).toBeGreaterThan(2);
    expect(runs.open).toBeGreaterThan(5);

    // Then one is lost, the others end, and one that was not answered is too old to be sent again.
    faults.clear();
    harness.sandbox.settings.runEnds = { afterPolls: 0 };
    faults.add({ on: poll, do: faultAnswers.status(404, 'run_not_found') });
    harness.clock.advance(20 * hour);
    const second = await read();
    expectAddsUp(second, 1);
    expect(second.report.runs.lost).toBe(1);
    expect(second.report.runs.collected).toBeGreaterThan(3);
    harness.clock.advance(day);
    expectAddsUp(await read(), 1);
  });

  test('what ends creation for all: a wrong key, spent credits, a storm, a wish to stop', async () => {
    for (const action of [
      faultAnswers.status(401, 'invalid_api_key'),
      faultAnswers.status(402, 'insufficient_credits'),
      faultAnswers.status(500, 'run_request_failed', true),
      faultAnswers.status(404, 'kit_not_found'),
    ]) {
      const { harness, read } = await scene(home, oneOfEach(1), { config: { kits, semarize_concurrency: 2 } });
      harness.sandbox.faults.add({ on: post, after: 2, times: always, do: action });
      const one = await read();
      expect(one.failure).toBeDefined();
      expectAddsUp(one, 2);
      harness.sandbox.faults.clear();
      const next = await read();
      expectAddsUp(next, 2);
      expect(next.failure).toBeUndefined();
      await harness.close();
    }
  });

  test('over random faults and pauses', async () => {
    const actions = [
      faultAnswers.status(500, 'run_request_failed', true),
      faultAnswers.status(422, 'input_refused'),
      faultAnswers.status(409, 'idempotency_conflict'),
      faultAnswers.tooManyRequests({ retryAfter: '2' }),
      { kind: 'reset', processed: true } as const,
      { kind: 'reset' } as const,
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10_000 }),
        fc.array(fc.constantFrom(...Object.keys(kinds)), { minLength: 3, maxLength: 12 }),
        fc.array(fc.constantFrom(1, 5, 14, 27, 200), { minLength: 2, maxLength: 5 }),
        fc.constantFrom(1, 4, 100),
        async (seed, names, pauses, limit) => {
          const calls = names.map((name, index) => {
            const started = start - (names.length - index) * 12 * hour;
            return { id: idOf(index), started, durationS: 1500, ...kinds[name]?.(started) };
          });
          const { harness, read } = await scene(home, calls, {
            config: { kits, max_runs_per_sync: limit, semarize_concurrency: 2, gong_requests_per_second: 1000 },
          });
          const isSemarizes = ({ route }: { route: string }) => route === post || route === poll;
          harness.sandbox.faults.random({ seed, rate: 0.3, on: isSemarizes, actions });
          for (const pause of pauses) {
            expectAddsUp(await read(), 2);
            harness.clock.advance(pause * hour);
          }
          await harness.close();
        },
      ),
      {
        numRuns: Number(process.env['GONG_ELT_MODEL_RUNS'] ?? 4),
        endOnFailure: process.env['GONG_ELT_MODEL_SHRINK'] === undefined,
        ...(process.env['GONG_ELT_MODEL_SEED'] ? { seed: Number(process.env['GONG_ELT_MODEL_SEED']) } : {}),
      },
    );
  }, 300_000);
});
