// M1: a kit that is added later, with a start in the past, while another one has everything. However the read that buys for it ends,
// and from whichever state the next one goes on: nothing is bought again. The oracle is what the sandbox accepted; it remembers keys
// for a day, so what was bought two days ago is paid for a second time when it is sent a second time.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { FaultAction } from '../../src/sandbox/faults.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { endsWithUs } from '../support/ends-with-us.ts';
import { createHost, type Host } from '../support/host.ts';
import { root } from '../support/run-node.ts';
import { always, day, post, start } from '../support/semarize-faults.ts';
import { type Harness, kitA, kitB, startHarness } from '../support/sync-harness.ts';

const calls = 20;
const idOf = (n: number) => `77823422740259378${String(n).padStart(2, '0')}`;

/** Kit B has everything of two months; two days later kit A is there as well. @param now the first day */
async function withLaterKit(now: number, order: 'first' | 'last'): Promise<{ harness: Harness; host: Host }> {
  const handmade = Array.from({ length: calls }, (_, n) => ({ id: idOf(n), started: now - (calls - n) * 3 * day }));
  const from = new Date(now - 70 * day).toISOString();
  const harness = await startHarness({
    world: createHandmadeWorld(handmade),
    now,
    settings: {
      idempotencyMemoryMs: day,
      runEnds: { afterPolls: 0 },
      runRetryAfterSeconds: null,
      gongRequestsPerSecond: Number.POSITIVE_INFINITY,
    },
    config: { kits: [{ code: kitB }], start_date: from, semarize_concurrency: 4, gong_requests_per_second: 100 },
  });
  const host = createHost(harness);
  // The second day, too: a state holds only what a look-back may still ask for.
  for (const at of [now, now + day]) {
    harness.clock.set(Math.max(harness.clock.now(), at));
    await host.read();
  }
  expect(harness.sandbox.ledger.distinctRuns).toBe(calls);
  harness.clock.set(Math.max(harness.clock.now(), now + 2 * day));
  const added: JsonObject[] = [{ code: kitA, from }, { code: kitB }];
  harness.config['kits'] = order === 'first' ? added : added.toReversed();
  return { harness, host };
}

/** Calls that were accepted more than once for a kit, and how often. */
function boughtTwice({ sandbox }: Harness): string[] {
  return Array.from({ length: calls }, (_, n) => idOf(n)).flatMap((id) =>
    [kitA, kitB].flatMap((kit) => {
      const { length } = sandbox.ledger.runsPer(id, kit);
      return length > 1 ? [`${id} ${kit} ×${length}`] : [];
    }),
  );
}

function expectAllOnce(harness: Harness): void {
  expect(boughtTwice(harness)).toEqual([]);
  expect(harness.sandbox.ledger.distinctRuns).toBe(2 * calls);
}

const cuts: Readonly<Record<string, FaultAction>> = {
  '503': faultAnswers.status(503, 'unavailable'),
  '503 though the run was made': faultAnswers.status(503, 'unavailable', true),
  '402': faultAnswers.status(402, 'insufficient_credits'),
};

test.each(Object.keys(cuts).flatMap((cut) => (['first', 'last'] as const).map((order) => ({ cut, order }))))(
  'M1 a read cut by $cut, the kit added $order: the other kit buys nothing again',
  async ({ cut, order }) => {
    const { harness, host } = await withLaterKit(start, order);
    const fault = harness.sandbox.faults.add({ on: post, after: 5, times: always, do: cuts[cut] as FaultAction });
    expect((await host.read()).failure).toBeDefined();
    expect(fault.played).toBeGreaterThan(0);
    expect(boughtTwice(harness)).toEqual([]);
    harness.sandbox.faults.clear();
    expect((await host.read()).failure).toBeUndefined();
    expectAllOnce(harness);
    harness.clock.advance(2 * day);
    expect((await host.read()).failure).toBeUndefined();
    expectAllOnce(harness);
  },
);

test('M1 a host that is killed after every third message of that read: the other kit buys nothing again', async () => {
  const whole = await withLaterKit(start, 'last');
  const { count } = await whole.host.read();
  await whole.harness.close();
  for (let killAfter = 0; killAfter <= count; killAfter += 3) {
    const { harness, host } = await withLaterKit(start, 'last');
    await host.read(undefined, { killAfter });
    expect((await host.read()).failure).toBeUndefined();
    expectAllOnce(harness);
    await harness.close();
  }
  expect(count).toBeGreaterThan(40);
}, 180_000);

interface EndedTap {
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly stderr: string;
  /** The value of the last state on stdout, or what was given when there was none. */
  readonly state: JsonObject;
}

/**
 * The tap as a host starts it, in a process of its own.
 * @param at the POST at whose arrival the process gets the signal: Semarize takes the run, and nobody reads the answer
 */
async function readWithTap(
  harness: Harness,
  state: JsonObject,
  at?: { readonly post: number; readonly signal: NodeJS.Signals },
): Promise<EndedTap> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-kit-added-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'config.json'), JSON.stringify(harness.config));
  await writeFile(join(folder, 'state.json'), JSON.stringify(state));
  const files = ['--config', join(folder, 'config.json'), '--state', join(folder, 'state.json')];
  const child = endsWithUs(
    spawn(process.execPath, [join(root, 'dist/bin/tap-gong-semarize.js'), ...files], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let arrived = 0;
  harness.sandbox.faults.clear();
  harness.sandbox.faults.add({
    on({ route }) {
      if (route === post && ++arrived === at?.post) child.kill(at.signal);
      return false;
    },
    do: faultAnswers.status(500, 'never played'),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...end) => resolve(end));
  });
  // A line that death cut short is none.
  const lines = stdout.split('\n').slice(0, -1);
  const last = lines.map((line) => JSON.parse(line) as JsonObject).findLast(({ type }) => type === 'STATE')?.['value'];
  return { code, signal, stderr, state: isJsonObject(last) ? last : state };
}

test.each((['SIGTERM', 'SIGKILL'] as const).flatMap((signal) => [1, 7].map((nth) => ({ signal, nth }))))(
  'M1 a tap that gets $signal at POST $nth: from its last state the other kit buys nothing again',
  async ({ signal, nth }) => {
    // Child processes live in real time.
    const { harness, host } = await withLaterKit(Date.now() - 2 * day, 'last');
    let state: JsonObject = { bookmarks: Object.fromEntries(host.states) };
    for (let times = 0; times < 2; times++) {
      const cut = await readWithTap(harness, state, { post: nth, signal });
      expect(cut.code === 0, cut.stderr).toBe(false);
      if (signal === 'SIGKILL') expect(cut.signal).toBe('SIGKILL');
      expect(boughtTwice(harness)).toEqual([]);
      ({ state } = cut);
    }
    expect(harness.sandbox.ledger.distinctRuns).toBeGreaterThan(calls);
    const whole = await readWithTap(harness, state);
    expect(whole.code, whole.stderr).toBe(0);
    expectAllOnce(harness);
  },
  120_000,
);
