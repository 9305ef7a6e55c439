// A sandbox in this process, in real time, and syncs of the compiled program in processes that are killed, stopped or asked to
// end; then what must be true again.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type TestContext } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { noLog } from '../../src/core/log.ts';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import { endsWithUs } from './ends-with-us.ts';
import { machine } from './environment.ts';
import { sourceSettings } from './source-settings.ts';
import { kitA, kitB } from './sync-harness.ts';

const launcher = join(import.meta.dirname, 'crash-sync.mjs');
const now = Date.now();
const day = 86_400_000;

/** Most runs under way. */
export const concurrency = 16;

/** Where a sync sends itself a signal; nowhere by default. */
export interface CrashAt {
  readonly point?: string;
  /** At which passing; default: the first. */
  readonly nth?: number;
  /** Default: SIGKILL. */
  readonly signal?: NodeJS.Signals;
  /** A shell command that starts the process; see `intoNamespace`. */
  readonly shell?: string | undefined;
}

export interface RunningSync {
  readonly child: ChildProcess;
  /** Resolves at the crash point. */
  readonly reached: Promise<void>;
  /** The signal it died by; `done`; or its exit code and what it said. */
  readonly ended: Promise<string>;
  /** Lets a process go on that stopped itself. */
  wake(): void;
}

export interface Scene {
  readonly sandbox: Sandbox;
  readonly world: World;
  /** The destination. */
  readonly to: string;
  readonly variables: Readonly<Record<string, string>>;
  start(at?: CrashAt): RunningSync;
  sync(at?: CrashAt): Promise<string>;
}

/**
 * @param to `warehouse.duckdb`, the name of a folder, or an address
 * @param variables of the environment of each sync
 */
export async function createScene(
  to: string,
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  variables: Readonly<Record<string, string>> = {},
): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-crash-'));
  const world = createWorld({ seed: 21, calls: 14, endsAt: now - 3 * day, days: 50, oddities: 0 });
  const sandbox = await startSandbox({
    world,
    settings: {
      gongRequestsPerSecond: Number.POSITIVE_INFINITY,
      pageSize: 5,
      runEnds: { afterPolls: 0 },
      runRetryAfterSeconds: null,
    },
  });
  const children = new Set<ChildProcess>();
  onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL');
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });
  const config = join(folder, 'config.json');
  await writeFile(
    config,
    JSON.stringify({
      ...sourceSettings(sandbox),
      start_date: new Date(now - 80 * day).toISOString(),
      gong_requests_per_second: 200,
      semarize_concurrency: concurrency,
      kits: [{ code: kitA }, { code: kitB }],
    }),
  );
  const path = to.includes('://') ? to : join(folder, to);

  function start({ point = '-', nth = 1, signal = 'SIGKILL', shell }: CrashAt = {}): RunningSync {
    const args = [launcher, config, path, point, String(nth), signal];
    const [command, all] =
      shell === undefined ? [process.execPath, args] : ['bash', ['-c', shell, process.execPath, ...args]];
    // Behind a shell it is a child of the child: both are reached as a group.
    const child = endsWithUs(
      spawn(command, all, {
        env: { ...process.env, ...variables },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: shell !== undefined,
      }),
    );
    children.add(child);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    const reached = new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (text.startsWith('reached')) resolve();
      });
    });
    const ended = new Promise<string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, died) => {
        children.delete(child);
        resolve(died ?? (code === 0 ? 'done' : `exit ${code}: ${said}`));
      });
    });
    const wake = () => {
      if (child.pid !== undefined) process.kill(shell === undefined ? child.pid : -child.pid, 'SIGCONT');
    };
    return { child, reached, ended, wake };
  }

  return { sandbox, world, to: path, variables, start, sync: (at) => start(at).ended };
}

type Row = Record<string, unknown>;

async function tablesOf({ to, variables }: Scene): Promise<{ calls: Row[]; transcripts: Row[]; runs: Row[] }> {
  const reading = { clock: systemClock, log: noLog, machine: { ...machine, variables } };
  const database = await placeOf(to).openReader(reading);
  try {
    return await database.exclusive(async (session) => ({
      calls: await session.rows('select call_id, title, transcript_status, content_hash from calls order by all'),
      transcripts: await session.rows('select call_id, transcript_hash, n_turns from transcripts order by all'),
      runs: await session.rows('select call_id, kit_code, status, transcript_hash from semarize_runs order by all'),
    }));
  } finally {
    await database.close();
  }
}

/** Every call once, every run once, nothing bought twice, and every accepted run is a row. */
export async function expectConverged(scene: Scene): Promise<void> {
  const { sandbox, world } = scene;
  const { calls, transcripts, runs } = await tablesOf(scene);
  const shown = world.calls.map(({ id }) => id).sort();
  expect(calls.map((row) => row['call_id'])).toEqual(shown);
  const spoken = calls.filter((row) => row['transcript_status'] === 'available').map((row) => row['call_id']);
  expect(transcripts.map((row) => row['call_id'])).toEqual(spoken);
  expect(runs.length).toBe(sandbox.ledger.distinctRuns);
  for (const callId of shown)
    for (const kit of [kitA, kitB]) {
      const accepted = sandbox.ledger.runsPer(callId, kit);
      expect(accepted.length, `${callId} ${kit}`).toBeLessThanOrEqual(1);
      expect(runs.filter((row) => row['call_id'] === callId && row['kit_code'] === kit).length).toBe(accepted.length);
    }
  expect(sandbox.ledger.distinctRuns).toBe(2 * spoken.length);
}

export async function syncUntilDone(scene: Scene): Promise<void> {
  const outcomes: string[] = [];
  for (let tries = 0; tries < 3; tries++) {
    outcomes.push(await scene.sync());
    if (outcomes.at(-1) === 'done') return;
  }
  throw new Error(`three syncs did not end well: ${outcomes.join('\n')}`);
}
