// M11: under a host an old state may be replayed. What Semarize's list names beyond it is said before anything is bought.
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { summaryLines } from '../../src/pipeline/summary.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { Completeness } from '../../src/source/completeness.ts';
import { createHost, type Host } from '../support/host.ts';
import { always, day, harnessOf, post, someCalls, start } from '../support/semarize-faults.ts';
import { type Harness, kitA, kitB } from '../support/sync-harness.ts';

const list = 'GET /v1/runs';
const warning = /^Semarize has (\d+)( or more)? runs of these kits that are newer than this state and not in it$/;

/** Five calls that are there, and `later` ones that come two days afterwards. */
async function scene(later: number, kits: JsonObject[] = [{ code: kitA }]) {
  const calls = someCalls(5 + later, (index) =>
    index < 5
      ? { started: start - (5 - index) * day }
      : { started: start + 2 * day + index * 60_000, visibleAt: start + 2 * day + 3_600_000 + index * 60_000 },
  );
  const harness = await harnessOf(calls, {
    settings: { runEnds: { afterPolls: 0 }, idempotencyMemoryMs: 0 },
    config: { kits, max_runs_per_sync: 500 },
  });
  const host = createHost(harness);
  expect((await host.read()).failure).toBeUndefined();
  return { harness, host, old: copyOf(host) };
}

function copyOf({ states }: Host): [string, JsonObject][] {
  return JSON.parse(JSON.stringify([...states])) as [string, JsonObject][];
}

/** A read from these states, and what was said in it. */
async function replay(harness: Harness, states: [string, JsonObject][]) {
  const host = createHost(harness);
  for (const [stream, state] of states) host.states.set(stream, state);
  harness.logged.length = 0;
  harness.sandbox.ledger.clearRequests();
  const { report, failure } = await host.read();
  expect(failure).toBeUndefined();
  return { host, report: report as Completeness, said: saidIn(harness) };
}

function saidIn({ logged }: Harness): string[] {
  return logged
    .filter(({ level, message }) => level === 'warn' && warning.test(message))
    .map(({ message }) => message.replace(warning, '$1$2'));
}

function runsLine(report: Completeness): string {
  return summaryLines(report).find((line) => line.startsWith('runs ')) ?? '';
}

describe('an old state', () => {
  test('M11 it says how many newer runs there are before the first POST, and the summary counts them', async () => {
    const { harness, host, old } = await scene(3);
    harness.clock.set(start + 4 * day);
    expect((await host.read()).report?.runs).toMatchObject({ bought: 3, unknown: 0 });
    // The host lost its newest state.
    const { report, said } = await replay(harness, old);
    expect(said).toEqual(['3']);
    expect(report.runs.unknown).toBe(3);
    expect(runsLine(report)).toContain('not in this state 3');
    const routes = harness.sandbox.ledger.requests.map(({ route }) => route);
    expect(routes.filter((route) => route === list)).toHaveLength(1);
    // With a memory as short as this one the money is gone: it was said before.
    expect(report.runs.bought).toBe(3);
    expect(routes.indexOf(list)).toBeLessThan(routes.indexOf(post));
    expect(harness.logged.find(({ message }) => warning.test(message))?.fields).toMatchObject({ runs: 3 });
  });

  test('M11 replayed again and again it is said each time, and the number grows with what is bought', async () => {
    const { harness, host, old } = await scene(2);
    harness.clock.set(start + 4 * day);
    await host.read();
    for (const newer of [2, 4, 6]) expect((await replay(harness, old)).report.runs.unknown).toBe(newer);
  });

  test('M11 when none of the listed runs is known, there may be more', async () => {
    const { harness, old } = await scene(0);
    const host = createHost(harness);
    harness.config['kits'] = [{ code: kitA }, { code: kitB, from: '2026-01-01' }];
    for (const [stream, state] of old) host.states.set(stream, JSON.parse(JSON.stringify(state)) as JsonObject);
    await host.read();
    harness.sandbox.faults.add({
      on: list,
      do: { kind: 'change', change: (body) => ({ runs: (body['runs'] as JsonObject[]).slice(0, 5) }) },
    });
    const { said, report } = await replay(harness, old);
    expect(said).toEqual(['5 or more']);
    expect(report.runs.unknown).toBe(5);
  });
});

describe('nothing to say', () => {
  test('M11 at a first read, when nobody can know, the list is not even asked', async () => {
    const harness = await harnessOf(someCalls(2));
    const { report } = await createHost(harness).read();
    expect(report?.runs.unknown).toBe(null);
    expect(saidIn(harness)).toEqual([]);
    expect(runsLine(report as Completeness)).not.toContain('not in this state');
  });

  test('M11 when all are known, and whatever else was bought is of other kits', async () => {
    const { harness, host, old } = await scene(0);
    const { report, said } = await replay(harness, copyOf(host));
    expect(said).toEqual([]);
    expect(report.runs.unknown).toBe(0);
    expect(runsLine(report)).not.toContain('not in this state');

    await buyByHand(harness, kitB);
    expect((await replay(harness, old)).report.runs.unknown).toBe(0);
    // Of one of our kits it is said: another tool may use it.
    await buyByHand(harness, kitA);
    const after = await replay(harness, old);
    expect([after.report.runs.unknown, after.said]).toEqual([1, ['1']]);
  });

  test('M11 standalone, where the ledger is the word', async () => {
    const harness = await harnessOf(someCalls(2));
    await harness.syncWell();
    await buyByHand(harness, kitA);
    const report = await harness.syncWell();
    expect(report.runs.unknown).toBe(null);
    expect(saidIn(harness)).toEqual([]);
  });

  test.each([
    ['an error', faultAnswers.status(404, 'not_found')],
    ['another form', faultAnswers.otherJson({ ok: true })],
  ])('M11 %s in place of the list ends no read', async (_, action) => {
    const { harness, old } = await scene(0);
    harness.sandbox.faults.add({ on: list, times: always, do: action });
    const { report, said } = await replay(harness, old);
    expect([report.runs.unknown, said]).toEqual([null, []]);
  });
});

/** What another program with the same key does. */
async function buyByHand({ sandbox }: Harness, kit: string): Promise<void> {
  const answer = await fetch(`${sandbox.url}/v1/runs`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${sandbox.semarizeApiKey}`,
      'content-type': 'application/json',
      'idempotency-key': `by hand ${sandbox.ledger.posts}`,
    },
    body: JSON.stringify({ kit_code: kit, mode: 'sync', input: { text: 'They spoke about the weather for a while.' } }),
  });
  expect(answer.status).toBeLessThan(300);
}
