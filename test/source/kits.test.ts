import { describe, expect, test } from 'vitest';
import { planKits, settleEarlierOwed } from '../../src/source/kits.ts';
import { isClosed } from '../../src/source/purchase.ts';
import { parseStates } from '../../src/source/state.ts';

const dayMs = 86_400_000;

test('a start that moves back keeps what was closed, to the millisecond and in whole ones', () => {
  const from = Date.parse('2026-01-01T00:00:00Z');
  const closedThrough = Date.parse('2026-03-01T00:00:00Z');
  const state = parseStates(new Map(), { listing: '', runs: '' });
  const kit = { from, closedThrough, deepAt: null, answers: [], closed: [], owed: new Map() };
  state.kits.set('A1B2C3D4', kit);
  // 1.1 days are 95,040,000.00000001 ms in floating point.
  const lookbackMs = 1.1 * dayMs - 0.4;
  const planning = {
    state,
    configured: [],
    startDate: from,
    now: closedThrough,
    lookbackMs,
    isRange: false,
    older: undefined,
  };
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

describe('from where on a kit asks', () => {
  const from = Date.parse('2026-01-01T00:00:00Z');
  const closedThrough = Date.parse('2026-03-01T00:00:00Z');

  function planOf({ deepAt = null, older }: { deepAt?: number | null; older?: number }) {
    const state = parseStates(new Map(), { listing: '', runs: '' });
    state.kits.set('A1B2C3D4', { from, closedThrough, deepAt, answers: [], closed: [], owed: new Map() });
    const [plan] = planKits([{ code: 'A1B2C3D4', input: 'text', min_duration_seconds: 0 }], {
      state,
      configured: [],
      startDate: from,
      now: closedThrough + dayMs,
      lookbackMs: 7 * dayMs,
      isRange: older !== undefined,
      older,
    });
    if (plan === undefined) throw new Error('no plan');
    return plan;
  }

  test.each([
    ['its bookmark, when no long look-back was made', null, closedThrough],
    ['the last long look-back, when the bookmark has moved on since', closedThrough - dayMs, closedThrough - dayMs],
    ['its bookmark, when the last long look-back was made after it', closedThrough + dayMs, closedThrough],
  ])('the look-back begins at %s', (_, deepAt, begin) => {
    const plan = planOf({ deepAt });
    expect(plan.lower).toBe(begin - 7 * dayMs);
    // What is listed may be bought: it is not closed before its last chance to turn up.
    expect(isClosed(plan, begin - 7 * dayMs)).toBe(false);
  });

  test('a range of named kits opens what is older than `from`, and one that begins later closes nothing', () => {
    expect(planOf({ older: from - dayMs }).from).toBe(from - dayMs);
    expect(planOf({ older: closedThrough }).from).toBe(from);
  });
});

describe('a kit under another name', () => {
  const from = Date.parse('2026-01-01T00:00:00Z');
  const closedThrough = Date.parse('2026-03-01T00:00:00Z');
  const config = { code: 'A1B2C3D4', input: 'text' as const, min_duration_seconds: 0 };
  const now = closedThrough + dayMs;

  function planOf(name: string, answers: string[], version: string | undefined, configured: (typeof config)[] = []) {
    const state = parseStates(new Map(), { listing: '', runs: '' });
    (state.known as Set<string>).add('semarize_runs');
    state.kits.set(name, { from, closedThrough, deepAt: null, answers, closed: [], owed: new Map([['7', from]]) });
    const kit = { ...config, ...(version === undefined ? {} : { version_id: version }) };
    const planning = {
      state,
      configured,
      startDate: from,
      now,
      lookbackMs: 7 * dayMs,
      isRange: false,
      older: undefined,
    };
    const [plan] = planKits([kit], planning);
    return plan?.state;
  }
  const inherited = { from, closedThrough, owed: new Map([['7', from]]) };
  const anew = { from: now, closedThrough: null, owed: new Map() };

  test.each([
    ['pinned to the version that answered', planOf('A1B2C3D4', ['v1'], 'v1'), inherited],
    ['pinned to one that answered earlier', planOf('A1B2C3D4', ['v1', 'v2'], 'v1'), inherited],
    ['pinned to one that never answered', planOf('A1B2C3D4', ['v1'], 'v9'), anew],
    ['its pin taken away', planOf('A1B2C3D4@v1', [], undefined), inherited],
    [
      'without a pin, beside the pinned one',
      planOf('A1B2C3D4@v1', [], undefined, [{ ...config, version_id: 'v1' } as typeof config]),
      anew,
    ],
    ['another kit', planOf('6AD3F0B6', ['v1'], 'v1'), anew],
  ])('%s', (_, state, expected) => {
    expect(state).toMatchObject(expected);
  });
});

describe('what a state of 0.1.0 owes to it does not say whom', () => {
  const day = (n: number) => Date.parse('2026-03-01T00:00:00Z') + n * dayMs;

  function owedAfter(kits: Record<string, { from: number; closedThrough: number | null }>, isPending: boolean) {
    const state = parseStates(
      new Map([
        [
          'semarize_runs',
          {
            v: 1,
            fingerprint: '',
            kits: Object.fromEntries(
              Object.entries(kits).map(([name, kit]) => [
                name,
                {
                  from: new Date(kit.from).toISOString(),
                  closedThrough: kit.closedThrough === null ? null : new Date(kit.closedThrough).toISOString(),
                },
              ]),
            ),
            owed: { '7': day(10) },
          },
        ],
      ]),
      { listing: '', runs: '' },
    );
    if (isPending) state.transcripts.pending.set('7', { firstSeen: 1, tries: 1, nextTry: 1 });
    const doubtful = settleEarlierOwed(state, 7 * dayMs);
    return [...state.kits]
      .map(([name, { owed }]) => `${name} ${owed.size}`)
      .concat(doubtful.map((id) => `doubt ${id}`));
  }
  const done = { from: day(0), closedThrough: day(40) };
  const young = { from: day(0), closedThrough: null };

  test.each([
    ['to the only kit, however old it is', { A: done }, false, ['A 1']],
    [
      'to the kit that has not come so far, not to the one whose memory does not reach back',
      { A: young, B: done },
      false,
      ['A 1', 'B 0'],
    ],
    ['to all when there never was a transcript', { A: done, B: done }, true, ['A 1', 'B 1']],
    [
      'to nobody when each may have bought it: said, and not bought',
      { A: done, B: done },
      false,
      ['A 0', 'B 0', 'doubt 7'],
    ],
    ['to a kit only from its start on', { A: { ...young, from: day(11) } }, false, ['A 0', 'doubt 7']],
    [
      'to a kit whose look-back begins with it',
      { A: { from: day(0), closedThrough: day(17) }, B: done },
      false,
      ['A 1', 'B 0'],
    ],
  ])('%s', (_, kits, isPending, expected) => {
    expect(owedAfter(kits, isPending)).toEqual(expected);
  });
});
