// Group S under a host: the source has no file of its own, what was bought is in the state, and the state is as new as the host
// keeps it. The oracle is what the sandbox accepted.
import { describe, expect, test } from 'vitest';
import { isJsonObject } from '../../src/core/json.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { kits } from '../../src/sandbox/semarize/kits.ts';
import { createHandmadeWorld, type HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';
import { createHost, type Host } from '../support/host.ts';
import { type Harness, type HarnessOptions, kitA, kitB, startHarness } from '../support/sync-harness.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.parse('2026-03-20T08:00:00Z');
const post = 'POST /v1/runs';

const idOf = (n: number) => `77823422740259378${String(n).padStart(2, '0')}`;
/** `n` calls, one every `every` days, the oldest first. */
const someCalls = (n: number, every = 1): HandmadeCall[] =>
  Array.from({ length: n }, (_, index) => ({ id: idOf(index), started: start - (n - index) * every * day }));

async function hostOf(calls: HandmadeCall[], options: Partial<HarnessOptions> = {}) {
  const harness = await startHarness({ world: createHandmadeWorld(calls), now: start, ...options });
  return { harness, host: createHost(harness), ledger: harness.sandbox.ledger };
}

/** A Semarize that forgets every key at once: what is bought twice is two runs. */
const forgetful = { idempotencyMemoryMs: 0 };

function expectOnce(harness: Harness, host: Host, runs: number): void {
  expect(harness.sandbox.ledger.runs.map(({ callId, kitCode }) => `${callId} ${kitCode}`).sort()).toEqual(
    host
      .rows('semarize_runs')
      .map((row) => `${row['call_id']} ${row['kit_code']}`)
      .sort(),
  );
  expect(harness.sandbox.ledger.distinctRuns).toBe(runs);
}

function inFlight(host: Host): unknown[] {
  const items = host.states.get('semarize_runs')?.['inFlight'];
  return isJsonObject(items) ? Object.values(items) : [];
}

describe('before money is spent', () => {
  test('the state that announces a run leaves the source before its POST is made', async () => {
    const { host, ledger } = await hostOf(someCalls(20), { config: { semarize_concurrency: 3 } });
    const announced = new Set<string>();
    let looked = 0;
    await host.read(undefined, {
      onMessage(message) {
        for (const key of ledger.postsPerKey().keys()) {
          looked += 1;
          expect(announced).toContain(key);
        }
        if (message.type !== 'state' || message.stream !== 'semarize_runs') return;
        for (const key of Object.keys(message.state['inFlight'] ?? {})) announced.add(key);
      },
    });
    expect(ledger.distinctRuns).toBe(20);
    expect(looked).toBeGreaterThan(100);
  });

  test('S26 a reader that hangs up: what is on its way is awaited, and nothing else is sent', async () => {
    const { harness, ledger } = await hostOf(someCalls(20), { config: { semarize_concurrency: 2 } });
    const messages = harness.openSource().read({ states: new Map(), signal: new AbortController().signal });
    for await (const message of messages) if (message.type === 'record' && message.stream === 'semarize_runs') break;
    const { posts } = ledger;
    expect(posts).toBeLessThan(8);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ledger.posts).toBe(posts);
  });
});

describe('a host that dies', () => {
  test('S3 S4 S5 S6 after any message: the next read goes on from the last state, one run and one row each', async () => {
    const calls = someCalls(3);
    const config = { kits: [{ code: kitA }, { code: kitB }], semarize_concurrency: 2 };
    const whole = await hostOf(calls, { config });
    const { count } = await whole.host.read();
    expectOnce(whole.harness, whole.host, 6);
    for (let killAfter = 0; killAfter <= count; killAfter++) {
      const { harness, host } = await hostOf(calls, { config });
      await host.read(undefined, { killAfter });
      for (let again = 0; again < 2; again++) expect((await host.read()).failure).toBeUndefined();
      expectOnce(harness, host, 6);
      expect(inFlight(host)).toEqual([]);
    }
    expect(count).toBeGreaterThan(30);
  }, 120_000);

  test('from any state that was ever emitted a read ends with all rows and buys nothing again', async () => {
    const { harness, host } = await hostOf(someCalls(4), { config: { semarize_concurrency: 2 } });
    const points: { states: Host['states']; rows: number }[] = [];
    await host.read(undefined, {
      onMessage(message) {
        if (message.type !== 'state') return;
        points.push({ states: new Map(host.states).set(message.stream, message.state), rows: 0 });
      },
    });
    expect(points.length).toBeGreaterThan(8);
    for (const { states } of points) {
      const other = createHost(harness);
      for (const [stream, state] of states) other.states.set(stream, JSON.parse(JSON.stringify(state)));
      expect((await other.read()).failure).toBeUndefined();
      expect(harness.sandbox.ledger.distinctRuns).toBe(4);
      expect(inFlight(other)).toEqual([]);
    }
  });
});

describe('an answer that never came', () => {
  test('the oldest of a long backlog is sent again although no look-back reaches it', async () => {
    const { harness, host, ledger } = await hostOf(someCalls(6, 10));
    let oldest: unknown;
    const isOldest = ({ route, headers }: { route: string; headers: Record<string, unknown> }) => {
      if (route === post) oldest ??= headers['idempotency-key'];
      return route === post && headers['idempotency-key'] === oldest;
    };
    harness.sandbox.faults.add({ on: isOldest, times: 5, do: { kind: 'reset', processed: true } });
    const { report } = await host.read();
    expect(report?.runs.open).toBe(1);
    expect(inFlight(host)).toMatchObject([{ status: 'intent', call: idOf(0) }]);
    await host.read();
    expectOnce(harness, host, 6);
    expect(inFlight(host)).toEqual([]);
    expect(Math.max(...ledger.postsPerKey().values())).toBe(6);
  });

  test('S11 a body that is built again and differs is frozen, not sent', async () => {
    const { harness, host, ledger } = await hostOf([
      { id: idOf(1), started: start - 20 * day, textEditedAt: start + hour },
    ]);
    harness.sandbox.faults.add({ on: post, times: 5, do: { kind: 'reset', processed: true } });
    await host.read();
    const { posts } = ledger;
    harness.clock.set(Math.max(harness.clock.now(), start + 2 * hour));
    for (let again = 0; again < 2; again++) expect((await host.read()).report?.runs.frozen).toBe(1);
    expect(inFlight(host)).toMatchObject([{ status: 'frozen' }]);
    expect(ledger.posts).toBe(posts);
    expect(ledger.distinctRuns).toBe(1);
  });

  test('S9 too old to be sent again: frozen when a run may exist, sent when the list proves that there is none', async () => {
    for (const processed of [true, false]) {
      const { harness, host, ledger } = await hostOf(someCalls(1), { settings: { idempotencyMemoryMs: 1000 } });
      harness.sandbox.faults.add({ on: post, times: 5, do: { kind: 'reset', processed } });
      await host.read();
      // A retry within the five tries may have made a second run: the key was forgotten in between.
      const runs = ledger.distinctRuns;
      harness.clock.advance(13 * hour);
      const { report } = await host.read();
      expect(report?.runs.frozen).toBe(processed ? 1 : 0);
      expect(ledger.distinctRuns).toBe(processed ? runs : 1);
    }
  });

  test('S15 a run that does not end is in flight, and later collected by polling alone', async () => {
    const { harness, host, ledger } = await hostOf(someCalls(2), { settings: { runEnds: 'never' } });
    expect((await host.read()).report?.runs.open).toBe(2);
    expect(inFlight(host)).toMatchObject([{ status: 'accepted' }, { status: 'accepted' }]);
    await host.read();
    harness.sandbox.settings.runEnds = { afterPolls: 0 };
    await host.read();
    expectOnce(harness, host, 2);
    expect(ledger.posts).toBe(2);
  });
});

describe('what was decided once', () => {
  test('a transcript that Semarize does not take is not sent again', async () => {
    const { harness, host, ledger } = await hostOf(someCalls(2));
    harness.sandbox.faults.add({ on: post, do: faultAnswers.status(413, 'too_large') });
    await host.read();
    const { posts } = ledger;
    await host.read();
    expect(ledger.posts).toBe(posts);
    expectOnce(harness, host, 1);
  });

  test('S17 a run that Semarize no longer knows is lost, and never sent again', async () => {
    const { harness, host, ledger } = await hostOf(someCalls(1));
    harness.sandbox.faults.add({
      on: 'GET /v1/runs/{id}',
      times: Number.POSITIVE_INFINITY,
      do: faultAnswers.status(404, 'run_not_found'),
    });
    for (let read = 0; read < 3; read++) expect((await host.read()).report?.runs.lost).toBe(1);
    expect(ledger.posts).toBe(1);
  });

  test('S18 a wrong key marks nothing as bought: once healed, the oldest are bought as well', async () => {
    const { harness, host } = await hostOf(someCalls(8, 9));
    harness.sandbox.faults.add({
      on: post,
      times: Number.POSITIVE_INFINITY,
      do: faultAnswers.status(401, 'invalid_api_key'),
    });
    expect((await host.read()).failure).toMatchObject({ area: 'credentials' });
    expect((await host.read()).failure).toMatchObject({ area: 'credentials' });
    harness.sandbox.faults.clear();
    await host.read();
    expectOnce(harness, host, 8);
  });
});

describe('money that was spent long ago', () => {
  test('S21 an earlier `from` buys what is older and nothing of what was bought, also when no key is remembered', async () => {
    const { harness, host } = await hostOf(someCalls(20, 3), {
      settings: forgetful,
      config: { kits: [{ code: kitA, from: new Date(start - 31 * day).toISOString() }] },
    });
    await host.read();
    expectOnce(harness, host, 10);
    harness.clock.advance(2 * day);
    await host.read();
    harness.config['kits'] = [{ code: kitA, from: new Date(start - 46 * day).toISOString() }];
    await host.read();
    expectOnce(harness, host, 15);
    harness.clock.advance(2 * day);
    harness.config['kits'] = [{ code: kitA, from: '2026-01-01' }];
    await host.read();
    harness.clock.advance(2 * day);
    await host.read();
    expectOnce(harness, host, 20);
  });

  test('S21 a second kit that starts long ago makes the first one buy nothing again', async () => {
    const { harness, host } = await hostOf(someCalls(20, 3), { settings: forgetful });
    await host.read();
    for (let days = 0; days < 3; days++) {
      harness.clock.advance(day);
      await host.read();
    }
    harness.config['kits'] = [{ code: kitA }, { code: kitB, from: '2026-01-01' }];
    await host.read();
    await host.read();
    expectOnce(harness, host, 40);
  });

  test('S21 what a pinned version has bought is not bought again long afterwards, when another kit still owes the call', async () => {
    const late = idOf(9);
    const version = kits.find(({ code }) => code === kitA)?.versions[0].id ?? '';
    const { harness, host, ledger } = await hostOf(
      someCalls(2).concat([{ id: late, started: start - hour, visibleAt: start + 6 * hour }]),
      { settings: forgetful, config: { kits: [{ code: kitA, version_id: version }, { code: kitB }] } },
    );
    await host.read();
    expectOnce(harness, host, 4);
    // The limit lets one kit have the call that came late: it is behind the bookmark, and owed to the other one.
    harness.clock.advance(7 * hour);
    await host.read({ maxRuns: 1 });
    expect([kitA, kitB].map((kit) => ledger.runsPer(late, kit).length)).toEqual([1, 0]);
    for (let days = 0; days < 20; days += 5) {
      harness.clock.advance(5 * day);
      await host.read({ maxRuns: 0 });
    }
    await host.read();
    expectOnce(harness, host, 6);
  });

  test('S7 a reset of the state: a loud warning, the limit a read, nothing older than the kit’s `from`', async () => {
    const { harness, host, ledger } = await hostOf(someCalls(20, 3), {
      settings: forgetful,
      config: { max_runs_per_sync: 4, kits: [{ code: kitA, from: new Date(start - 31 * day).toISOString() }] },
    });
    for (let reads = 0; reads < 3; reads++) await host.read();
    expect(ledger.distinctRuns).toBe(10);
    host.states.delete('semarize_runs');
    harness.logged.length = 0;
    const { report } = await host.read();
    expect(ledger.distinctRuns).toBe(14);
    expect(report?.runs.waiting).toBe(6);
    expect(harness.logged.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      expect.stringContaining('No state of semarize_runs'),
    ]);
    const oldest = start - 31 * day;
    for (const { callId } of ledger.runs)
      expect(harness.sandbox.world.callById(callId ?? '')?.startedMs).toBeGreaterThanOrEqual(oldest);
  });
});
