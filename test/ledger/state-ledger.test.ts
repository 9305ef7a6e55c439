import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { LedgerEntry } from '../../src/core/ledger.ts';
import { createStateLedger, type Needed, type StateLedger } from '../../src/ledger/state-ledger.ts';
import { entryOf, stepsOf } from './entry.ts';

const everything: Needed = { from: Number.NEGATIVE_INFINITY, subjects: [] };
const day = 86_400_000;

/** The ledger of the next sync, made from what the host kept: JSON text. */
function next(ledger: StateLedger, needed: Needed = everything): StateLedger {
  return createStateLedger(JSON.parse(JSON.stringify(ledger.toState())) as JsonObject, needed);
}

/** Writes, and emits the state that an intent waits for. */
async function write(ledger: StateLedger, ...entries: LedgerEntry[]): Promise<void> {
  const written = ledger.write(entries);
  ledger.emitted();
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
      expect(known.find({ ...entryOf(1), version: 'v2' })).toBeUndefined();
    }
    expect(ledger.knowsRun('run_1')).toBe(true);
    expect(bytesOf(ledger)).toBeLessThan(60);
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
    expect(ledger.isDirty()).toBe(true);
    expect(Object.keys(ledger.toState().inFlight)).toEqual(['gs1:1']);
    ledger.emitted();
    await written;
    expect(ledger.isDirty()).toBe(false);
  });

  test('everything else goes along with the next state and waits for nobody', async () => {
    const ledger = createStateLedger({}, everything);
    await ledger.write(stepsOf(1).slice(1));
    expect(ledger.isDirty()).toBe(false);
  });
});

describe('bounds', () => {
  test('10,000 calls with two kits fit into 256 KiB', () => {
    const ledger = createStateLedger({}, everything);
    for (let n = 0; n < 10_000; n++) for (const kit of ['A1B2C3D4', '6AD3F0B6']) ledger.rowEmitted(entryOf(n, { kit }));
    expect(bytesOf(ledger)).toBeLessThan(256 * 1024);
  });

  test('however many were bought, the state stays small, and the latest calls are the ones it knows', () => {
    const ledger = createStateLedger({}, everything);
    const first = Date.parse('2024-01-01T00:00:00Z');
    // The newest first, so that the order of buying says nothing.
    for (let n = 69_999; n >= 0; n--) settle(ledger, n, new Date(first + n * 1000_000).toISOString());
    expect(bytesOf(ledger)).toBeLessThan(700 * 1024);
    expect(next(ledger).find(entryOf(69_999))).toBeDefined();
    expect(next(ledger).find(entryOf(20_000))).toBeDefined();
    expect(next(ledger).find(entryOf(0))).toBeUndefined();
  });

  test('what no look-back and no owed call asks for is dropped', () => {
    const ledger = createStateLedger({}, everything);
    const first = Date.parse('2026-01-01T12:00:00Z');
    for (let n = 0; n < 10; n++) settle(ledger, n, new Date(first + n * day).toISOString());
    const needed = { from: first + 6 * day, subjects: [entryOf(2)] };
    const known = Array.from({ length: 10 }, (_, n) => n).filter((n) => next(ledger, needed).find(entryOf(n)));
    expect(known).toEqual([2, 6, 7, 8, 9]);
  });
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

function createStateWith(entry: LedgerEntry): JsonObject {
  const ledger = createStateLedger({}, everything);
  void ledger.write([entry]);
  return ledger.toState().inFlight[entry.key] as JsonObject;
}
