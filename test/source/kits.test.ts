import { expect, test } from 'vitest';
import { isClosed, planKits } from '../../src/source/kits.ts';
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
