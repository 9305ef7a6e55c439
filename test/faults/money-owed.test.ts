// M2: what is owed to a kit stays owed, whichever kits a sync is asked for: only being bought ends it. The oracle is what the sandbox
// accepted.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { isJsonObject } from '../../src/core/json.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import type { KitConfig } from '../../src/source/config.ts';
import { createHost } from '../support/host.ts';
import { always, day, expectOnce, harnessOf, hour, idOf, post, someCalls, start } from '../support/semarize-faults.ts';
import { type Harness, kitA, kitB } from '../support/sync-harness.ts';

const calls = 7;
const both = [{ code: kitA }, { code: kitB }];
const named = (code: string): KitConfig => ({ code, min_duration_seconds: 0, input: 'text' });
const ofB = ({ sandbox }: Harness) =>
  Array.from({ length: calls }, (_, n) => sandbox.ledger.runsPer(idOf(n), kitB).length);

interface Debt {
  /** What is odd about six of the calls; the seventh is an ordinary one. */
  readonly call: Partial<HandmadeCall>;
  /** A sync of both kits that leaves the debt as it is. */
  sync(harness: Harness): Promise<unknown>;
}

/** How it comes about that kit B waits for six calls. */
const debts: Readonly<Record<string, Debt>> = {
  'transcripts that come days later': {
    call: { transcriptAt: start + 11 * day },
    sync: (harness) => harness.syncWell(),
  },
  'an account without money': {
    call: {},
    async sync(harness) {
      harness.sandbox.faults.add({
        on: ({ route, json }) => route === post && isJsonObject(json) && json['kit_code'] === kitB,
        times: always,
        do: faultAnswers.status(402, 'insufficient_credits'),
      });
      expect((await harness.sync()).failure).toBeDefined();
      harness.sandbox.faults.clear();
    },
  },
  'calls that turn up late, and a limit that was reached': {
    call: { visibleAt: start + hour },
    sync: (harness) => harness.syncWell({ maxRuns: harness.sandbox.ledger.distinctRuns === 0 ? 2 : 0 }),
  },
};

/** A sync in which kit B has no part. */
const detours: Readonly<Record<string, (harness: Harness) => Promise<void>>> = {
  async '--kit A'(harness) {
    await harness.syncWell({ kits: [named(kitA)] });
  },
  async '--kit A --from'(harness) {
    await harness.syncWell({ kits: [named(kitA)], range: { from: start - 30 * day } });
  },
  async 'a configuration without B'(harness) {
    harness.config['kits'] = [{ code: kitA }];
    await harness.syncWell();
    harness.config['kits'] = both;
  },
};

const cases = Object.keys(debts).flatMap((debt) => Object.keys(detours).map((detour) => ({ debt, detour })));

test.each(cases)('M2 after $detour kit B still gets what it was owed for $debt, once', async ({ debt, detour }) => {
  const { call, sync } = debts[debt] as Debt;
  const harness = await harnessOf(
    someCalls(calls, (index) => (index < calls - 1 ? call : {})),
    { config: { kits: both } },
  );
  const at = (ms: number) => harness.clock.set(Math.max(harness.clock.now(), ms));
  await sync(harness);
  at(start + 2 * hour);
  await sync(harness);
  const before = ofB(harness);
  expect(before.filter((bought) => bought === 0).length).toBeGreaterThanOrEqual(calls - 1);
  // Once while they are still waited for, and once when they could be bought and no look-back reaches them.
  at(start + day);
  await detours[detour]?.(harness);
  at(start + 10 * day);
  await sync(harness);
  at(start + 12 * day);
  await detours[detour]?.(harness);
  expect(ofB(harness)).toEqual(before);
  for (let syncs = 0; syncs < 2; syncs++) {
    harness.clock.advance(6 * hour);
    await harness.syncWell();
  }
  await expectOnce(harness, calls, 2);
});

test('M2 under a host: a read without kit B leaves what it is owed in the state', async () => {
  const harness = await harnessOf(
    someCalls(calls, () => ({ transcriptAt: start + 11 * day })),
    { config: { kits: both } },
  );
  const host = createHost(harness);
  const readAt = async (ms: number, kits: readonly JsonObject[]) => {
    harness.clock.set(Math.max(harness.clock.now(), ms));
    harness.config['kits'] = [...kits];
    expect((await host.read()).failure).toBeUndefined();
  };
  await readAt(start, both);
  await readAt(start + day, [{ code: kitA }]);
  await readAt(start + 10 * day, both);
  expect(harness.sandbox.ledger.distinctRuns).toBe(0);
  await readAt(start + 12 * day, [{ code: kitA }]);
  expect(harness.sandbox.ledger.distinctRuns).toBe(calls);
  for (const days of [13, 14]) await readAt(start + days * day, both);
  expect(ofB(harness)).toEqual(Array.from({ length: calls }, () => 1));
  expect(harness.sandbox.ledger.distinctRuns).toBe(2 * calls);
});
