import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { LedgerEntry } from '../../src/core/ledger.ts';
import { createStateLedger, type Needed, type StateLedger } from '../../src/ledger/state-ledger.ts';
import { entryOf, stepsOf } from './entry.ts';

const everything: Needed = { from: new Map(), answers: new Map() };
const day = 86_400_000;

/** The ledger of the next sync, made from what the host kept: JSON text. */
function next(ledger: StateLedger, needed: Needed = everything): StateLedger {
  return createStateLedger(JSON.parse(JSON.stringify(ledger.toState())) as JsonObject, needed);
}

/** Writes, and emits the state that an intent waits for. */
async function write(ledger: StateLedger, ...entries: LedgerEntry[]): Promise<void> {
  const written = ledger.write(entries);
  ledger.rendezvous.emitted();
  await written;
}

function settle(ledger: StateLedger, n: number, startedAt = entryOf(n).startedAt): void {
  ledger.rowEmitted({ ...entryOf(n, { startedAt }), status: 'terminal' });
}

const bytesOf = (ledger: StateLedger) => JSON.stringify(ledger.toState()).length;

describe('through the host and back', () => {
  test.each([0, 1] as const)('step %i of a run is there again, without the text', async (step) => {
    const ledger = createStateLedger({}, everything);
    const entry = stepsOf(1)[step] as LedgerEntry;
    await write(ledger, entry);
    expect(JSON.stringify(ledger.toState())).not.toContain('hello');
    const { body: _, ...kept } = entry;
    expect([...next(ledger).open()]).toEqual([kept]);
    expect(next(ledger).find(entry)).toEqual(kept);
  });

  test('a result whose row was not handed on is an accepted run: it is read again', async () => {
    const ledger = createStateLedger({}, everything);
    await write(ledger, ...stepsOf(1));
    expect([...next(ledger).open()]).toMatchObject([{ status: 'accepted', runId: 'run_1' }]);
  });

  test('once its row was handed on, a run takes a few bytes, and its call is known for good', async () => {
    const ledger = createStateLedger({}, everything);
    await write(ledger, ...stepsOf(1));
    settle(ledger, 1);
    for (const known of [ledger, next(ledger), next(next(ledger))]) {
      expect([...known.open()]).toEqual([]);
      expect(known.find(entryOf(1))?.status).toBe('terminal');
      expect(known.find(entryOf(2))).toBeUndefined();
      // Nobody has said which version answered: doubt does not buy.
      expect(known.find({ ...entryOf(1), version: 'v2' })?.status).toBe('terminal');
    }
    const answered = createStateLedger(ledger.toState(), {
      ...everything,
      answers: new Map([[entryOf(1).kit, ['v1']]]),
    });
    expect(answered.find({ ...entryOf(1), version: 'v1' })?.status).toBe('terminal');
    expect(answered.find({ ...entryOf(1), version: 'v2' })).toBeUndefined();
    expect(ledger.knowsRun('run_1')).toBe(true);
    expect(bytesOf(ledger)).toBeLessThan(100);
  });

  test('frozen and lost items stay, with their reasons', async () => {
    const ledger = createStateLedger({}, everything);
    await write(ledger, entryOf(1, { status: 'frozen', reason: '409' }), entryOf(2, { status: 'lost', reason: '404' }));
    expect([...next(ledger).open()]).toMatchObject([
      { status: 'frozen', reason: '409' },
      { status: 'lost', reason: '404' },
    ]);
  });

  test('a refusal is as final as a result; a text that was too short is found out anew', async () => {
    const ledger = createStateLedger({}, everything);
    await write(ledger, entryOf(1), entryOf(2));
    await write(ledger, entryOf(1, { status: 'skipped', isRefused: true }), entryOf(2, { status: 'skipped' }));
    expect(next(ledger).find(entryOf(1))?.status).toBe('terminal');
    expect(next(ledger).find(entryOf(2))).toBeUndefined();
  });
});

describe('what waits for the host', () => {
  test('an intent is written when the state that holds it was emitted, and not before', async () => {
    const ledger = createStateLedger({}, everything);
    let isWritten = false;
    const written = ledger.write([entryOf(1)]).then(() => {
      isWritten = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWritten).toBe(false);
    expect(ledger.rendezvous.waiting).toBe(1);
    expect(Object.keys(ledger.toState()['inFlight'] ?? {})).toEqual(['gs1:1']);
    ledger.rendezvous.emitted();
    await written;
    expect(ledger.rendezvous.waiting).toBe(0);
  });

  test('everything else goes along with the next state and waits for nobody', async () => {
    const ledger = createStateLedger({}, everything);
    await ledger.write(stepsOf(1).slice(1));
    expect(ledger.rendezvous.waiting).toBe(0);
  });
});

describe('bounds', () => {
  test.each([1, 2, 8])('20,000 calls with %i kits fit into 256 KiB', (kits) => {
    const ledger = createStateLedger({}, everything);
    for (let kit = 0; kit < kits; kit++)
      for (let n = 0; n < 20_000; n++) ledger.rowEmitted(entryOf(n, { kit: `KIT0000${kit}` }));
    expect(bytesOf(ledger)).toBeLessThan(256 * 1024);
  });

  test('what does not fit is not forgotten: of older calls it is said that they may have been bought', () => {
    const ledger = createStateLedger({}, everything);
    const first = Date.parse('2024-01-01T00:00:00Z');
    const startOf = (n: number) => new Date(first + n * 1000_000).toISOString();
    // The newest first, so that the order of buying says nothing.
    for (let n = 69_999; n >= 0; n--) settle(ledger, n, startOf(n));
    expect(bytesOf(ledger)).toBeLessThan(256 * 1024);
    const { kit } = entryOf(0);
    for (const known of [next(ledger), next(next(ledger))]) {
      expect(known.find(entryOf(69_999))).toBeDefined();
      expect(known.find(entryOf(0))).toBeUndefined();
      const from = known.remembersFrom(kit);
      for (let n = 0; n < 70_000; n += 100)
        if (known.find(entryOf(n)) === undefined) expect(Date.parse(startOf(n))).toBeLessThan(from);
    }
    expect(next(ledger).remembersFrom('6AD3F0B6')).toBe(Number.NEGATIVE_INFINITY);
  });

  test('what a kit does not ask for any more is dropped, for that kit alone', () => {
    const ledger = createStateLedger({}, everything);
    const first = Date.parse('2026-01-01T12:00:00Z');
    const kits = ['A1B2C3D4', '6AD3F0B6'];
    for (let n = 0; n < 10; n++)
      for (const kit of kits)
        ledger.rowEmitted({
          ...entryOf(n, { kit, startedAt: new Date(first + n * day).toISOString() }),
          status: 'terminal',
        });
    const needed: Needed = { ...everything, from: new Map([['A1B2C3D4', first + 6 * day]]) };
    const knownOf = (kit: string) =>
      Array.from({ length: 10 }, (_, n) => n).filter((n) => next(ledger, needed).find(entryOf(n, { kit })));
    expect(knownOf('A1B2C3D4')).toEqual([6, 7, 8, 9]);
    expect(knownOf('6AD3F0B6')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('one kit under two names', () => {
  const answers = (...versions: string[]): Needed => ({ ...everything, answers: new Map([['A1B2C3D4', versions]]) });

  function doneFor(version: string | null, needed: Needed = everything): StateLedger {
    const ledger = createStateLedger({}, everything);
    ledger.rowEmitted({ ...entryOf(1, { kit: 'A1B2C3D4', version }), status: 'terminal' });
    return next(ledger, needed);
  }
  const ask = (ledger: StateLedger, version: string | null, apart: string[] = []) =>
    ledger.find({ callId: entryOf(1).callId, kit: 'A1B2C3D4', version, apart: new Set(apart) }) !== undefined;

  test('what was bought without a pin is bought for the version that answered, and for no other', () => {
    expect(ask(doneFor(null, answers('v1')), 'v1')).toBe(true);
    expect(ask(doneFor(null, answers('v1', 'v2')), 'v1')).toBe(true);
    expect(ask(doneFor(null, answers('v1')), 'v2')).toBe(false);
    expect(ask(doneFor(null, answers()), 'v2')).toBe(true);
  });

  test('what was bought for a pinned version is bought once the pin is gone, unless that version has a kit of its own', () => {
    expect(ask(doneFor('v1'), null)).toBe(true);
    expect(ask(doneFor('v1'), null, ['v1'])).toBe(false);
    expect(ask(doneFor('v1'), 'v2')).toBe(false);
  });
});

test('the newest hundred runs are known, by the order in which they were accepted', async () => {
  const ledger = createStateLedger({}, everything);
  for (let n = 0; n < 150; n++) await ledger.write([entryOf(n, { status: 'accepted', runId: `run_${n}` })]);
  for (const known of [ledger, next(ledger)]) {
    expect([known.newest.length, known.newest[0], known.newest.at(-1)]).toEqual([100, 'run_50', 'run_149']);
    expect(known.knowsRun('run_149')).toBe(true);
  }
});

describe('a state that is broken', () => {
  test.each<[string, JsonObject]>([
    ['no fields', { 'gs1:1': { status: 'intent' } }],
    ['an unknown status', { 'gs1:1': { ...createStateWith(entryOf(1)), status: 'paid' } }],
    ['a list', { 'gs1:1': [] }],
  ])('is refused, not taken for an empty one: %s', (_, inFlight) => {
    expect(() => createStateLedger({ inFlight }, everything)).toThrow(ConnectorError);
    expect(() => createStateLedger({ inFlight }, everything)).toThrow(/semarize_runs is damaged/);
  });
});

test.each([
  ['not base64', { kits: ['A'], calls: '%%' }],
  ['cut', { kits: ['A'], calls: 'AAE=' }],
  ['no kits', { calls: '' }],
])('a done set that is %s is refused', (_, done) => {
  expect(() => createStateLedger({ done: done as JsonObject }, everything)).toThrow(/damaged \(at done\)/);
});

function createStateWith(entry: LedgerEntry): JsonObject {
  const ledger = createStateLedger({}, everything);
  void ledger.write([entry]);
  return (ledger.toState()['inFlight'] as JsonObject)[entry.key] as JsonObject;
}
