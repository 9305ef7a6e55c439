// gong-elt plan, sync, state show and runs, as processes, against a sandbox whose ledger says what was asked and bought.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { runGongElt } from '../support/run-node.ts';
import type { SandboxFolder } from './sandbox-folder.ts';
import { openSandboxFolder } from './sandbox-folder.ts';

// Polls wait in real time here: few runs, and no advice of the server to wait longer.
const quick = { semarize_concurrency: 50, gong_requests_per_second: 100 };

async function openQuick(): Promise<SandboxFolder> {
  const place = await openSandboxFolder({ calls: 12 });
  Object.assign(place.sandbox.settings, {
    runRetryAfterSeconds: null,
    gongRequestsPerSecond: Number.POSITIVE_INFINITY,
  });
  await place.configure(quick);
  return place;
}

describe('the commands around one warehouse', () => {
  let place: SandboxFolder;
  const run = (...args: string[]) => runGongElt(args, { cwd: place.folder });
  beforeAll(async () => {
    place = await openQuick();
  });
  afterAll(() => place.close());

  it('plan says what would be bought, asks for no transcript, buys nothing and writes nothing', async () => {
    const { code, stdout, stderr } = await run('plan');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^window {9}\d{4}-\d{2}-\d{2} → .* calls 12$/m);
    expect(stdout).toMatch(
      /^kit A1B2C3D4 {3}already evaluated 0 · too short 0 · waits for a transcript 0 · runs to buy 12$/m,
    );
    const { ledger } = place.sandbox;
    expect([ledger.posts, ledger.count('POST /v2/calls/transcript')]).toEqual([0, 0]);
    expect((await readdir(place.folder)).sort()).toEqual(['.env', 'gong-elt.yaml']);
  });

  it('sync buys no more than --max-runs, says what waits, and ends with 5 without a terminal', async () => {
    const { code, stdout, stderr } = await run('sync', '--max-runs', '3');
    expect(code, stderr).toBe(5);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^runs +bought 3 · .*waiting 21 \(limit 3: --max-runs\)/m);
    expect(stderr).toContain('gong-elt sync --max-runs 21');
    expect(place.sandbox.ledger.distinctRuns).toBe(3);
  });

  it('sync goes on where it stopped, and ends with 0 when all is there', async () => {
    const { code, stdout } = await run('sync', '--json');
    expect(code).toBe(0);
    const { report } = JSON.parse(stdout) as { report: { runs: { bought: number; waiting: number } } };
    expect(report.runs).toMatchObject({ bought: 21, waiting: 0 });
    expect(place.sandbox.ledger.distinctRuns).toBe(24);
  });

  it('plan then knows what was evaluated', async () => {
    const { stdout } = await run('plan', '--from', '90d', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      calls: 12,
      toBuy: 0,
      kits: [{ skip: { bought: 12 } }, { skip: { bought: 12 } }],
    });
  });

  it('state show says how far each stream came', async () => {
    const { code, stdout } = await run('state', 'show');
    expect(code).toBe(0);
    for (const stream of ['calls', 'transcripts', 'semarize_runs'])
      expect(stdout).toMatch(new RegExp(`^${stream}$`, 'm'));
    expect(stdout).toMatch(/^ {2}windows closed through {2}\d{4}-/m);
    expect(stdout).toMatch(/^ {2}kit A1B2C3D4 {12}calls from \d{4}-/m);
    const state = JSON.parse((await run('state', 'show', '--json')).stdout) as { streams: object };
    expect(Object.keys(state.streams).sort()).toEqual(['calls', 'semarize_runs', 'transcripts']);
  });

  it('runs list and runs show agree with what the sandbox accepted', async () => {
    const listed = JSON.parse((await run('runs', 'list', '--json')).stdout) as { run_id: string; call_id: string }[];
    const accepted = place.sandbox.ledger.runs.map(({ id }) => id);
    expect(listed.map(({ run_id }) => run_id).sort()).toEqual([...accepted].sort());
    const [one] = listed;
    const shown = JSON.parse((await run('runs', 'show', one?.run_id ?? '', '--json')).stdout) as Record<
      string,
      unknown
    >[];
    expect(shown).toMatchObject([{ run_id: one?.run_id, call_id: one?.call_id }]);
    const ofCall = JSON.parse((await run('runs', 'show', '--call', one?.call_id ?? '', '--json')).stdout) as unknown[];
    expect(ofCall).toHaveLength(2);
    const none = await run('runs', 'list', '--status', 'frozen', '--json');
    expect(JSON.parse(none.stdout)).toEqual([]);
  });

  it.each([
    [['runs', 'show', 'run_none'], 'knows no run of that id'],
    [['runs', 'show'], 'Which run?'],
    [['runs', 'show', 'a', '--call', 'b'], 'Which run?'],
  ])('%j is refused', async (args, text) => {
    const { code, stderr } = await run(...args);
    expect(stderr).toContain(text);
    expect(code).toBe(2);
  });
});

describe('a sync that cannot', () => {
  let place: SandboxFolder;
  const sync = (args: readonly string[] = [], env: Record<string, string> = {}) =>
    runGongElt(['sync', ...args], { cwd: place.folder, env });
  beforeEach(async () => {
    place = await openQuick();
  });
  afterEach(() => place.close());

  it('ends with 3 and one message for a wrong key', async () => {
    const { code, stderr } = await sync([], { GONG_ACCESS_KEY: 'wrong-access-key' });
    expect(code).toBe(3);
    expect(stderr.match(/^error: /gm)).toHaveLength(1);
    expect(stderr).toMatch(/error: Gong answered 401.*→ .*gong-elt check/);
    expect(place.sandbox.ledger.posts).toBe(0);
  });

  it('ends with 4 when Gong asks for more patience than it has, and says when to go on', async () => {
    place.sandbox.faults.add({
      on: 'POST /v2/calls/extensive',
      times: 9,
      do: faultAnswers.tooManyRequests({ retryAfter: '15120' }),
    });
    const { code, stdout, stderr } = await sync(['--json']);
    expect(code).toBe(4);
    expect(stderr).toMatch(/asks to wait 4 h 12 min.*→ run the same command after \d{4}-/);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { exit_code: 4, resume_at: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
  });

  it('ends with 4 at once when --max-wait is shorter than what is asked', async () => {
    place.sandbox.faults.add({
      on: 'POST /v2/calls/extensive',
      times: 9,
      do: faultAnswers.tooManyRequests({ retryAfter: '60' }),
    });
    expect((await sync(['--max-wait', '5s'])).code).toBe(4);
  });

  it('ends with 8 and asks nobody anything while somebody holds the file', async () => {
    const instance = await DuckDBInstance.create(join(place.folder, 'w.duckdb'));
    const { code, stderr } = await sync();
    instance.closeSync();
    expect(code).toBe(8);
    expect(stderr).toContain(`(PID ${process.pid})`);
    expect(place.sandbox.ledger.requests).toEqual([]);
  });

  it('ends with 7 for a folder that is not there, before it asks anybody', async () => {
    const { code } = await sync(['--to', 'none/w.duckdb']);
    expect(code).toBe(7);
    expect(place.sandbox.ledger.requests).toEqual([]);
  });

  it('ends with 2 without a destination', async () => {
    await place.configure({ destination: null });
    const { code, stderr } = await sync();
    expect(stderr).toContain('No destination is named. → name one: --to warehouse.duckdb');
    expect(code).toBe(2);
  });

  it.each([
    [['--streams', 'call'], 'Did you mean "calls"?'],
    [['--from', 'soon'], '--from must be a day'],
    [['--wait', '5'], '--wait must be a length of time'],
    [['--kit', 'x'], '--kit must be CODE'],
  ])('refuses %j before it asks anybody', async (args, text) => {
    const { code, stderr } = await sync(args);
    expect(stderr).toContain(text);
    expect(code).toBe(2);
    expect(place.sandbox.ledger.requests).toEqual([]);
  });

  it('buys nothing when only calls and transcripts are asked for', async () => {
    const { code } = await sync(['--streams', 'calls,transcripts']);
    expect(code).toBe(0);
    expect(place.sandbox.ledger.posts).toBe(0);
  });

  it('dies by the signal, keeps what was committed, and the next one collects what was paid for', async () => {
    place.sandbox.settings.runEnds = { afterMs: 3000 };
    const stopped = await runGongElt(['sync', '-v'], {
      cwd: place.folder,
      onError: (child, stderr) => {
        if (/POST \/v1\/runs|Semarize answered/.test(stderr) && !child.killed) child.kill('SIGTERM');
      },
    });
    expect(stopped).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(stopped.stderr).toContain('stopped by SIGTERM');
    place.sandbox.settings.runEnds = { afterPolls: 1 };
    const next = await sync();
    expect(next.code, next.stderr).toBe(0);
    expect(place.sandbox.ledger.distinctRuns).toBe(24);
    const { stdout } = await runGongElt(['query', 'select count(*) as n from semarize_runs', '--json'], {
      cwd: place.folder,
    });
    expect(JSON.parse(stdout)).toEqual([{ n: 24 }]);
  });
});
