import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { parseSourceConfig } from '../../src/source/config.ts';
import { planRead, type ReadPlan, type ReadPlanOptions } from '../../src/source/plan-read.ts';
import { fingerprintsOf, parseStates, type SourceState } from '../../src/source/state.ts';
import type { StreamName } from '../../src/source/streams.ts';
import { advance, dayMs, hourMs, safetyMs } from '../../src/source/windows.ts';

const now = Date.parse('2026-06-15T12:00:00Z');

function configOf(settings: JsonObject = {}) {
  const keys = { gong_access_key: 'k', gong_access_key_secret: 's' };
  return parseSourceConfig({ ...keys, start_date: '2026-01-01', ...settings }, now);
}

function freshState(): SourceState {
  return parseStates(new Map(), fingerprintsOf({ workspace_ids: [], workspace_label: 'default' }, 'live'));
}

function planOf({
  streams = ['calls', 'transcripts'],
  settings = {},
  // Parsing one takes longer than hundreds of plans: not done when it is given.
  config = configOf(settings),
  state = freshState(),
  ...others
}: Partial<ReadPlanOptions> & { streams?: StreamName[]; settings?: JsonObject } = {}): ReadPlan {
  return planRead({ config, request: {}, selected: new Set(streams), state, kits: [], now, ...others });
}

/** A state whose streams were both read through `closed`, with both look-backs and the sweep just made. */
function stateThrough(closed: number): SourceState {
  const state = freshState();
  for (const stream of [state.calls, state.transcripts])
    Object.assign(stream, { closedThrough: closed, sweptAt: closed, deepAt: closed });
  return state;
}

const spanOf = ({ windows }: ReadPlan) => [windows[0]?.from, windows.at(-1)?.until];

describe('where listing starts and ends', () => {
  test('the first sync lists from start_date up to five minutes ago', () => {
    expect(spanOf(planOf())).toEqual([Date.parse('2026-01-01'), now - safetyMs]);
  });

  test('a later one looks back a day, once a day from the last such look-back seven days', () => {
    const closed = now - 2 * hourMs;
    expect(spanOf(planOf({ state: stateThrough(closed) }))[0]).toBe(closed - dayMs);
    const state = stateThrough(closed);
    state.calls.deepAt = now - 25 * hourMs;
    expect(spanOf(planOf({ state }))[0]).toBe(now - 25 * hourMs - 7 * dayMs);
  });

  test.each([
    ['none', { deep_lookback_days: 0 }, 24],
    ['one that is shorter than the daily one', { deep_lookback_days: 1, lookback_hours: 48 }, 48],
  ])('where the long look-back is due but there is %s, the short one is made all the same', (_, settings, hours) => {
    const state = stateThrough(now - 2 * hourMs);
    state.calls.deepAt = now - 25 * hourMs;
    expect(spanOf(planOf({ state, settings }))[0]).toBe(now - (25 + hours) * hourMs);
  });

  test('a kit that was never read lists from its own `from`, before start_date and after it', () => {
    const kitOf = (from: number) => ({
      from,
      state: { from, closedThrough: null, deepAt: null, answers: [], closed: [], owed: new Map() },
    });
    const [early, late] = [Date.parse('2025-11-01'), Date.parse('2026-05-01')];
    const state = stateThrough(now - hourMs);
    expect(spanOf(planOf({ state, kits: [kitOf(early)] }))[0]).toBe(early);
    // Listing history for a kit that does not want it would cost Gong's daily allowance.
    expect(spanOf(planOf({ streams: ['semarize_runs'], kits: [kitOf(late)] }))[0]).toBe(late);
  });

  test('the slowest selected stream decides; one that is selected later starts at start_date', () => {
    const state = stateThrough(now - hourMs);
    state.transcripts.closedThrough = now - 40 * dayMs;
    expect(spanOf(planOf({ state, streams: ['calls'] }))[0]).toBe(now - hourMs - dayMs);
    expect(spanOf(planOf({ state }))[0]).toBe(now - 41 * dayMs);
    state.transcripts.closedThrough = null;
    expect(spanOf(planOf({ state }))[0]).toBe(Date.parse('2026-01-01'));
  });

  test.each([
    [
      'before the bookmark: it bounds the look-back',
      '2026-06-15T06:00:00Z',
      '2026-06-15T10:00:00Z',
      '2026-06-15T06:00:00Z',
    ],
    [
      'after the bookmark: the bookmark wins, so that no gap opens',
      '2026-06-10',
      '2026-06-05T00:00:00Z',
      '2026-06-05T00:00:00Z',
    ],
    [
      'moved to long before it: what was closed stays closed',
      '2020-01-01',
      '2026-06-15T10:00:00Z',
      '2026-06-14T10:00:00Z',
    ],
  ])('C6 start_date %s', (_, start_date, closed, from) => {
    const plan = planOf({ state: stateThrough(Date.parse(closed)), settings: { start_date, deep_lookback_days: 0 } });
    expect(spanOf(plan)[0]).toBe(Date.parse(from));
  });

  test('end_date ends the listing, and nothing is listed once it lies before what is left', () => {
    expect(spanOf(planOf({ settings: { end_date: '2026-02-01' } }))[1]).toBe(Date.parse('2026-02-01'));
    const state = stateThrough(now - hourMs);
    expect(planOf({ state, settings: { end_date: '2026-02-01' } }).windows).toEqual([]);
  });

  test('a range is listed as asked, never into the last five minutes, and moves no bookmark; nor does a try-out', () => {
    const plan = planOf({ request: { range: { from: now - 9 * dayMs, until: now + dayMs } } });
    expect(spanOf(plan)).toEqual([now - 9 * dayMs, now - safetyMs]);
    expect(plan).toMatchObject({ movesBookmarks: false, sweep: undefined });
    // Whoever asks for these days wants their words anew as well, however far the look-back of transcripts has come.
    for (const state of [freshState(), stateThrough(now - hourMs)])
      expect(planOf({ state, request: { range: { from: now - 9 * dayMs } } }).lower).toEqual({
        calls: now - 9 * dayMs,
        transcripts: now - 9 * dayMs,
      });
    expect(planOf({ request: { limit: 5 } })).toMatchObject({ movesBookmarks: false, limit: 5 });
  });
});

describe('the weekly sweep', () => {
  test('lists what lies between 90 days ago and the look-back, a week after the last one', () => {
    const state = stateThrough(now - hourMs);
    expect(planOf({ state }).sweep).toBe(undefined);
    state.calls.sweptAt = now - 7 * dayMs;
    expect(planOf({ state }).sweep).toEqual({ from: now - 90 * dayMs, until: now - hourMs - dayMs });
  });

  test('never reaches beyond end_date: what the setting keeps out stays out', () => {
    const state = stateThrough(now - hourMs);
    state.calls.sweptAt = now - 8 * dayMs;
    const settings = { end_date: '2026-05-01' };
    expect(planOf({ state, settings }).sweep).toEqual({ from: now - 90 * dayMs, until: Date.parse('2026-05-01') });
    // Nothing is left to be swept.
    expect(planOf({ state, settings: { end_date: '2026-02-01' } }).sweep).toBe(undefined);
  });

  test('never reaches before start_date, and is not made of what is still being read for the first time', () => {
    const state = stateThrough(now - hourMs);
    state.calls.sweptAt = now - 8 * dayMs;
    expect(planOf({ state, settings: { start_date: '2026-06-01' } }).sweep?.from).toBe(Date.parse('2026-06-01'));
    state.calls.sweptAt = state.transcripts.sweptAt = null;
    expect(planOf({ state }).sweep).toBe(undefined);
  });

  test('a stream that is not selected neither asks for a sweep or a long look-back, nor keeps one from being made', () => {
    const state = stateThrough(now - hourMs);
    state.calls.sweptAt = state.calls.deepAt = now - 8 * dayMs;
    expect(planOf({ state, streams: ['transcripts'] })).toMatchObject({ sweep: undefined, deepAt: undefined });
    expect(planOf({ state, streams: ['calls'] }).sweep).toBeDefined();
    expect(planOf({ state }).deepAt).toBeDefined();
  });
});

test('I1 G1 whatever the rhythm of the syncs, a call that appears less than 7 days late is listed within a day of syncs', () => {
  const begin = Date.parse('2026-03-01T00:00:00Z');
  const config = configOf({ start_date: '2026-02-01' });
  fc.assert(
    fc.property(
      // Hours between syncs, then the lag of the call and the moment at which it appears, in minutes.
      fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 7 * 24 * 60 - 1 }),
      fc.integer({ min: 0, max: 14 * 24 * 60 }),
      (pauses, lag, shownAfter) => {
        const shownAt = begin + shownAfter * 60_000;
        const startedAt = shownAt - lag * 60_000;
        const state = freshState();
        let isFound = false;
        // The last sync is the first one that is made a day or more after the call appeared.
        for (let [at, last, nth] = [begin, begin, 0]; last < shownAt + dayMs; at += (pauses[nth++] ?? 1) * hourMs) {
          last = at;
          const plan = planOf({ config, state, now: at });
          for (const { from, until } of plan.windows) {
            isFound ||= shownAt <= at && startedAt >= from && startedAt < until;
            for (const stream of [state.calls, state.transcripts])
              stream.closedThrough = advance(stream.closedThrough, until, at);
          }
          if (plan.deepAt !== undefined) state.calls.deepAt = state.transcripts.deepAt = plan.deepAt;
        }
        expect(isFound).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
