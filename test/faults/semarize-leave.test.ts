// S25, S26: whoever reads goes away or asks to stop while POSTs are under way. When the read has ended, what they bought is
// written down: in the file, or, when somebody still reads, in the last state.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isJsonObject } from '../../src/core/json.ts';
import { openFileLedger } from '../../src/ledger/file-ledger.ts';
import type { SandboxRequest } from '../../src/sandbox/exchange.ts';
import type { FaultAction } from '../../src/sandbox/faults.ts';
import { createHost, type Host } from '../support/host.ts';
import { always, harnessOf, post, someCalls } from '../support/semarize-faults.ts';
import type { Harness } from '../support/sync-harness.ts';

/** Four POSTs at a time, while the calls of the next page come. */
const openHarness = () => harnessOf(someCalls(8), { settings: { pageSize: 2 }, config: { semarize_concurrency: 4 } });

/** The right answer, after all that a sync does meanwhile. */
const late: FaultAction = { kind: 'delay', ms: 500 };

/** `action` befalls all POSTs; `then` is called when `count` of them have come, before the last of these is answered. */
function onPosts({ sandbox }: Harness, action: FaultAction, count = 1, then = () => {}): void {
  let arrived = 0;
  const on = ({ route }: SandboxRequest) => {
    if (route !== post) return false;
    arrived += 1;
    if (arrived === count) then();
    return true;
  };
  sandbox.faults.add({ on, times: always, do: action });
}

const textOf = (lines: readonly string[]) => lines.toSorted().join('\n');

/** What was accepted, as a ledger should say it: key and run. */
const accepted = ({ sandbox }: Harness) => textOf(sandbox.ledger.runs.map(({ id, key }) => `${key} ${id}`));

const unanswered = ({ sandbox }: Harness) => sandbox.ledger.of(post).filter(({ status }) => status === 0).length;

function inState(host: Host): string {
  const items = host.states.get('semarize_runs')?.['inFlight'];
  const entries = isJsonObject(items) ? Object.entries(items) : [];
  return textOf(entries.map(([key, item]) => (isJsonObject(item) ? `${key} ${item['run_id']}` : key)));
}

describe('S26 a reader that goes away', () => {
  test('leaves every run id in the ledger file', async () => {
    const harness = await openHarness();
    const path = `${harness.to}.runs.jsonl`;
    const ledger = await openFileLedger(path);
    onPosts(harness, late);
    const messages = harness.openSource().read({ states: new Map(), signal: new AbortController().signal, ledger });
    let underWay = 0;
    for await (const _ of messages) {
      // Whoever reads takes its time, less than an answer takes.
      await sleep(20);
      underWay = unanswered(harness);
      if (underWay > 0) break;
    }
    expect(underWay).toBeGreaterThan(0);
    const written = [...(await openFileLedger(path, { readOnly: true })).entries()];
    const sent = written.filter(({ key }) => harness.sandbox.ledger.postsPerKey().has(key));
    expect(textOf(sent.map(({ key, runId }) => `${key} ${runId}`))).toBe(accepted(harness));
    await ledger.close();
  });

  test('under a host takes the answers of all POSTs with it, and the next read buys each call once', async () => {
    const harness = await openHarness();
    const host = createHost(harness);
    onPosts(harness, late);
    const messages = harness.openSource().read({ states: new Map(), signal: new AbortController().signal });
    let underWay = 0;
    for await (const message of messages) {
      if (message.type === 'state') host.states.set(message.stream, JSON.parse(JSON.stringify(message.state)));
      underWay = unanswered(harness);
      if (underWay > 0) break;
    }
    expect(underWay).toBeGreaterThan(0);
    expect(unanswered(harness)).toBe(0);
    harness.sandbox.faults.clear();
    expect((await host.read()).failure).toBeUndefined();
    expect(harness.sandbox.ledger.distinctRuns).toBe(8);
    expect(inState(host)).toBe('');
  });
});

describe('S25 a host that asks to stop while four POSTs are under way', () => {
  test('has all their run ids in the last state, and buys none of them again', async () => {
    const harness = await openHarness();
    const host = createHost(harness);
    const stop = new AbortController();
    onPosts(harness, late, 4, () => stop.abort(new Error('SIGTERM')));
    await host.read({ signal: stop.signal });
    expect(harness.sandbox.ledger.posts).toBe(4);
    expect(inState(host)).toBe(accepted(harness));
    harness.sandbox.faults.clear();
    expect((await host.read()).failure).toBeUndefined();
    expect(harness.sandbox.ledger.posts).toBe(8);
    expect(harness.sandbox.ledger.distinctRuns).toBe(8);
    expect(host.rows('semarize_runs')).toHaveLength(8);
  });

  test('has their rows when the answers bring the results, and nothing of them is open', async () => {
    const harness = await openHarness();
    const host = createHost(harness);
    const stop = new AbortController();
    const output = { kit_code: 'A1B2C3D4', bricks: { pain: { value: 1 } } };
    const change: FaultAction = { kind: 'change', change: (body) => ({ ...body, status: 'succeeded', output }) };
    onPosts(harness, change, 4, () => stop.abort(new Error('SIGTERM')));
    const { report } = await host.read({ signal: stop.signal });
    const rows = host.rows('semarize_runs').map((row) => String(row['run_id']));
    expect(textOf(rows)).toBe(textOf(harness.sandbox.ledger.runs.map(({ id }) => id)));
    expect(report?.runs.open).toBe(0);
    expect(inState(host)).toBe('');
  });
});
