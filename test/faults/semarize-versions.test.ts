// M8: a kit that is pinned to a version, or no longer, buys only what that version has not answered. Semarize forgets every key at
// once here: what is bought twice is two runs. The oracle is what it accepted.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { createHost } from '../support/host.ts';
import { day, harnessOf, someCalls, start } from '../support/semarize-faults.ts';
import { type Harness, kitA, kitB } from '../support/sync-harness.ts';

/** Versions of kit A at the sandbox, the second is the newest. */
const first = '3c1f8a52-6f0e-4b7a-9d51-2a6f4f0c9e11';
const second = '9a7d2b64-1c35-4e0f-8b92-7f1d5e3a6c22';
const unpinned = { code: kitA };
const pinned = (version: string): JsonObject => ({ code: kitA, version_id: version });
/** With a start of its own, so that no closed window hides what would be bought. */
const pinnedFrom = (version: string): JsonObject => ({ ...pinned(version), from: '2026-01-01' });

const homes = ['standalone', 'under a host'] as const;

async function scene(home: (typeof homes)[number], calls = 6, settings = {}, days = 1) {
  const harness = await harnessOf(someCalls(calls, undefined, days), {
    settings: { idempotencyMemoryMs: 0, runEnds: { afterPolls: 0 }, ...settings },
    config: { kits: [unpinned] },
  });
  const host = createHost(harness);
  /** Reads with these kits; returns how many runs were accepted meanwhile. */
  const buyWith = async (kits: JsonObject[], request = {}) => {
    harness.config['kits'] = kits;
    const before = harness.sandbox.ledger.distinctRuns;
    if (home === 'standalone') await harness.syncWell(request);
    else expect((await host.read(request)).failure).toBeUndefined();
    harness.clock.advance(1.2 * day);
    return harness.sandbox.ledger.distinctRuns - before;
  };
  return { harness, buyWith };
}

/** Accepted runs by version. */
function perVersion({ sandbox }: Harness): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { versionId } of sandbox.ledger.runs) counts[versionId] = (counts[versionId] ?? 0) + 1;
  return counts;
}

describe.each(homes)('%s', (home) => {
  test('M8 pinned to the version that answered, nothing is bought again; whether or not it has a start of its own', async () => {
    for (const pin of [pinned, pinnedFrom]) {
      const { harness, buyWith } = await scene(home);
      expect(await buyWith([unpinned])).toBe(6);
      for (let sync = 0; sync < 3; sync++) expect(await buyWith([pin(second)])).toBe(0);
      expect(perVersion(harness)).toEqual({ [second]: 6 });
      await harness.close();
    }
  });

  test('M8 asked by range, where no closed window guards it, the pinned kit buys nothing either', async () => {
    const { buyWith } = await scene(home);
    expect(await buyWith([unpinned])).toBe(6);
    const kit = { code: kitA, version_id: second, input: 'text', min_duration_seconds: 0 };
    const range = { from: start - 30 * day, until: start + day };
    expect(await buyWith([pinned(second)], { range, kits: [kit] })).toBe(0);
    expect(await buyWith([pinned(second)])).toBe(0);
  });

  test('M8 pinned to another version, each call is bought once; then, with the pin gone, nothing', async () => {
    const { harness, buyWith } = await scene(home);
    expect(await buyWith([unpinned])).toBe(6);
    expect(await buyWith([pinnedFrom(first)])).toBe(6);
    expect(await buyWith([pinnedFrom(first)])).toBe(0);
    expect(await buyWith([pinnedFrom(second)])).toBe(0);
    expect(await buyWith([unpinned])).toBe(0);
    expect(await buyWith([{ ...unpinned, from: '2026-01-01' }])).toBe(0);
    expect(perVersion(harness)).toEqual({ [first]: 6, [second]: 6 });
  });

  test('M8 bought with a pin from the start, nothing is bought again without it', async () => {
    const { harness, buyWith } = await scene(home);
    expect(await buyWith([pinned(first)])).toBe(6);
    expect(await buyWith([unpinned])).toBe(0);
    expect(await buyWith([{ ...unpinned, from: '2026-01-01' }])).toBe(0);
    expect(perVersion(harness)).toEqual({ [first]: 6 });
  });

  // A run under way may turn out to be of the pinned version: until that is known it waits, and no bookmark passes it.
  test.each([
    ['after', [{ ...unpinned, from: '2026-01-01' }, pinnedFrom(first)], [6, 6, 0]],
    ['before', [pinnedFrom(first), { ...unpinned, from: '2026-01-01' }], [12, 0, 0]],
  ] as const)(
    'M8 pinned beside and %s itself unpinned: each call once for each, however old',
    async (_, kits, bought) => {
      const { harness, buyWith } = await scene(home, 6, {}, 10);
      for (const runs of bought) expect(await buyWith([...kits])).toBe(runs);
      expect(perVersion(harness)).toEqual({ [first]: 6, [second]: 6 });
    },
  );

  test('M8 pinned beside itself unpinned to the version that answers: one run a call serves both', async () => {
    const { harness, buyWith } = await scene(home, 6, {}, 10);
    const both = [{ ...unpinned, from: '2026-01-01' }, pinnedFrom(second)];
    const bought: number[] = [];
    for (let sync = 0; sync < 3; sync++) bought.push(await buyWith(both));
    expect(bought).toEqual([6, 0, 0]);
    expect(perVersion(harness)).toEqual({ [second]: 6 });
  });

  test('M8 a version that Semarize does not name may be the one: doubt buys nothing', async () => {
    const { buyWith } = await scene(home, 4, { kitVersionInAnswer: false });
    expect(await buyWith([unpinned])).toBe(4);
    expect(await buyWith([pinnedFrom(second)])).toBe(0);
  });

  test('M8 a pin of one kit is no matter of another', async () => {
    const { harness, buyWith } = await scene(home);
    expect(await buyWith([unpinned])).toBe(6);
    const other = { code: kitB, from: '2026-01-01' };
    expect(await buyWith([pinnedFrom(second), other])).toBe(6);
    expect(await buyWith([pinnedFrom(second), other])).toBe(0);
    expect(harness.sandbox.ledger.runs.map(({ kitCode }) => kitCode).slice(-6)).toEqual(Array(6).fill(kitB));
  });

  test('M8 where two versions have answered, only what the pinned one surely has not is bought', async () => {
    const { harness, buyWith } = await scene(home, 8, { currentVersions: { [kitA]: first } });
    const range = { from: start - 30 * day, until: start - 4.5 * day };
    expect(await buyWith([unpinned], { range })).toBe(4);
    harness.sandbox.settings.currentVersions = {};
    expect(await buyWith([unpinned])).toBe(4);
    expect(perVersion(harness)).toEqual({ [first]: 4, [second]: 4 });
    // A ledger file knows which call was answered by which; a state only that both have answered.
    const kit = { code: kitA, version_id: second, input: 'text', min_duration_seconds: 0 };
    // Hosts name no range.
    const all = { range: { from: start - 30 * day, until: start + day }, kits: [kit] };
    if (home === 'standalone') expect(await buyWith([pinned(second)], all)).toBe(4);
    else expect(await buyWith([pinnedFrom(second)])).toBe(0);
    expect(await buyWith([pinnedFrom(second)])).toBe(0);
    for (const { callId } of harness.sandbox.ledger.runs) {
      const versions = harness.sandbox.ledger.runsPer(callId ?? '', kitA).map(({ versionId }) => versionId);
      expect(new Set(versions).size).toBe(versions.length);
    }
  });
});
