// M4: the memory of what is done is bounded. Beyond its bound it marks up to where it has forgotten, and nothing before that is bought
// by itself. The oracle is what the sandbox accepted; it remembers keys for a day, so what is sent again is paid for again.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { createDoneSet, type DoneSet } from '../../src/ledger/done-set.ts';
import { createStateLedger } from '../../src/ledger/state-ledger.ts';
import { createHandmadeWorld, type HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import { entryOf } from '../ledger/entry.ts';
import { createHost } from '../support/host.ts';
import { day, start } from '../support/semarize-faults.ts';
import { kitA, kitB, startHarness } from '../support/sync-harness.ts';

const many = 61_000;
const iso = (ms: number) => new Date(ms).toISOString();
const open = (saved?: JsonObject) => createDoneSet(saved, new Map()) as DoneSet;

test.each(['oldest first', 'newest first'])(
  'M4 what is done and does not fit, added %s, lies before the mark: nobody takes it for new',
  (order) => {
    const startOf = (n: number) => iso(start - (many - n) * 600_000);
    const numbers = Array.from({ length: many }, (_, n) => n);
    const done = open();
    for (const n of order === 'oldest first' ? numbers : numbers.toReversed()) done.add(kitA, `call ${n}`, startOf(n));
    const state = done.toState();
    for (const known of [open(state), open(JSON.parse(JSON.stringify(open(state).toState())) as JsonObject)]) {
      const forgotten = numbers.filter((n) => !known.has(kitA, `call ${n}`));
      expect(forgotten.length).toBeGreaterThan(many / 2);
      expect(forgotten.filter((n) => Date.parse(startOf(n)) >= known.rememberedFrom(kitA))).toEqual([]);
      // And not more than that is in doubt.
      expect(known.rememberedFrom(kitA) - Date.parse(startOf(forgotten.at(-1) ?? 0))).toBeLessThanOrEqual(day);
      expect(known.rememberedFrom(kitB)).toBe(Number.NEGATIVE_INFINITY);
    }
  },
);

test('M4 the mark of a kit follows what was forgotten of this kit, not of another one that is busier', () => {
  const done = open();
  done.add(kitB, 'long ago', iso(start - 365 * day));
  for (let n = 0; n < many; n++) done.add(kitA, `call ${n}`, iso(start - (n % 10) * day));
  const known = open(done.toState());
  expect(known.has(kitB, 'long ago')).toBe(false);
  expect(known.rememberedFrom(kitB)).toBeGreaterThan(start - 365 * day);
  expect(known.rememberedFrom(kitB)).toBeLessThanOrEqual(start - 364 * day);
});

/** The state of `semarize_runs` after so many more runs of a kit, of calls of the last two days. */
function withManyDone(state: JsonObject, kit: string, now: number): JsonObject {
  const ledger = createStateLedger(state, { from: new Map(), answers: new Map() });
  for (let n = 0; n < many; n++)
    ledger.rowEmitted({ ...entryOf(n, { kit, startedAt: iso(now - (n % 2) * day) }), status: 'terminal' });
  return JSON.parse(JSON.stringify({ ...state, ...ledger.toState() })) as JsonObject;
}

const bought = 50;
const missed = 12;
const idOf = (n: number) => `77823422740259378${String(n).padStart(2, '0')}`;

test.each(['this kit, before it leaves', 'the other kit, meanwhile'])(
  'M4 a kit leaves for a year, more is done than fits by %s: back again, it buys what it missed and nothing twice',
  async (who) => {
    const looked = Array.from(
      { length: bought },
      (_, n): HandmadeCall => ({
        id: idOf(n),
        started: start - 5 * day + n * 3_000_000,
      }),
    );
    const later = Array.from(
      { length: missed },
      (_, n): HandmadeCall => ({
        id: idOf(bought + n),
        started: start + (n + 0.5) * 30 * day,
      }),
    );
    const harness = await startHarness({
      world: createHandmadeWorld([...looked, ...later]),
      now: start,
      settings: { idempotencyMemoryMs: day, gongRequestsPerSecond: Number.POSITIVE_INFINITY },
      config: { kits: [{ code: kitA }, { code: kitB }], max_runs_per_sync: 1000, start_date: iso(start - 30 * day) },
    });
    const { ledger } = harness.sandbox;
    const host = createHost(harness);
    const readAt = async (ms: number) => {
      harness.clock.set(Math.max(harness.clock.now(), ms));
      expect((await host.read()).failure).toBeUndefined();
    };
    const crowd = (kit: string) =>
      host.states.set('semarize_runs', withManyDone(host.states.get('semarize_runs') ?? {}, kit, harness.clock.now()));
    await readAt(start);
    expect(ledger.distinctRuns).toBe(2 * bought);
    if (who.startsWith('this')) crowd(kitB);
    harness.config['kits'] = [{ code: kitA }];
    for (let months = 1; months <= missed; months++) await readAt(start + months * 30 * day);
    if (who.startsWith('the other')) crowd(kitA);
    harness.config['kits'] = [{ code: kitA }, { code: kitB }];
    for (let days = 1; days < 3; days++) await readAt(start + (missed * 30 + days) * day);
    const ofB = [...looked, ...later].map(({ id = '' }) => ledger.runsPer(id, kitB).length);
    expect(ofB).toEqual(ofB.map(() => 1));
    expect(ledger.distinctRuns).toBe(2 * (bought + missed));
  },
  120_000,
);
