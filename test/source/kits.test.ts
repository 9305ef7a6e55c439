import { describe, expect, test } from 'vitest';
import { callSchema, type GongCall } from '../../src/gong/schemas.ts';
import { isClosed, isEligible, planKits } from '../../src/source/kits.ts';
import { parseStates } from '../../src/source/state.ts';

const dayMs = 86_400_000;

test('a start that moves back keeps what was closed, to the millisecond and in whole ones', () => {
  const from = Date.parse('2026-01-01T00:00:00Z');
  const closedThrough = Date.parse('2026-03-01T00:00:00Z');
  const state = parseStates(new Map(), { listing: '', runs: '' });
  const kit = { from, closedThrough, deepAt: null };
  state.kits.set('A1B2C3D4', kit);
  // 1.1 days are 95,040,000.00000001 ms in floating point.
  const lookbackMs = 1.1 * dayMs - 0.4;
  const planning = { state, startDate: from, now: closedThrough, lookbackMs, isRange: false, older: undefined };
  const [plan] = planKits(
    [{ code: 'A1B2C3D4', input: 'text', min_duration_seconds: 0, from: '2025-12-01T00:00:00Z' }],
    planning,
  );
  if (plan === undefined) throw new Error('no plan');
  const end = closedThrough - 95_040_000;
  expect(plan.state.closed).toEqual([[from, end + 1]]);
  expect([from - 1, from, end, end + 1].map((startedAt) => isClosed(plan, startedAt))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

describe('a call counts for a kit', () => {
  const from = Date.parse('2026-01-01T00:00:00Z');
  const kit = { from, minDurationSeconds: 300 };
  const call = (metaData: Partial<GongCall['metaData']> = {}): GongCall =>
    callSchema.parse({ metaData: { id: '1', started: '2026-01-01T00:00:00Z', duration: 900, ...metaData } });

  test.each([
    [299, false],
    [300, true],
    [301, true],
    [0, false],
    [null, false],
    [undefined, false],
  ])('of 300 seconds and more when it took %s: %s', (duration, counts) => {
    expect(isEligible(kit, call({ duration }), from)).toBe(counts);
  });

  test.each([0, null, undefined])('without a shortest duration when it took %s', (duration) => {
    expect(isEligible({ from, minDurationSeconds: 0 }, call({ duration }), from)).toBe(true);
  });

  test.each([
    ['a millisecond before its start', false, from - 1],
    ['at its start', true, from],
    ['a millisecond after its start', true, from + 1],
  ])('that starts %s: %s', (_, counts, startedAt) => {
    expect(isEligible(kit, call(), startedAt)).toBe(counts);
  });

  test.each([
    [true, false],
    [false, true],
    [null, true],
    [undefined, true],
  ])('whose isPrivate is %s: %s', (isPrivate, counts) => {
    expect(isEligible(kit, call({ isPrivate }), from)).toBe(counts);
  });
});
