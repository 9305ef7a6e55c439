// kill -9 at every named crash point, and at seeded moments; then sync again. The tables must equal those of an undisturbed
// sync, and the sandbox must have accepted one run per call and kit.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openPlace } from '../../src/cli/open-place.ts';
import { placeOf } from '../../src/cli/places.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import { kitA, kitB } from '../support/sync-harness.ts';

const launcher = join(import.meta.dirname, '..', 'support', 'crash-sync.mjs');
const now = Date.now();
const day = 86_400_000;

interface Scene {
  readonly sandbox: Sandbox;
  readonly world: World;
  readonly to: string;
  /** @returns the signal it died by, or its exit code. */
  sync(point?: string, nth?: number, killAfterMs?: number, signal?: NodeJS.Signals): Promise<string>;
  tables(): Promise<Record<string, unknown>>;
}

async function createScene(to: string): Promise<Scene> {
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
  onTestFinished(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });
  const config = join(folder, 'config.json');
  await writeFile(
    config,
    JSON.stringify({
      gong_access_key: sandbox.gongAccessKey,
      gong_access_key_secret: sandbox.gongAccessKeySecret,
      gong_base_url: sandbox.url,
      semarize_api_key: sandbox.semarizeApiKey,
      semarize_base_url: sandbox.url,
      allowed_hosts: [new URL(sandbox.url).host],
      start_date: new Date(now - 80 * day).toISOString(),
      gong_requests_per_second: 200,
      semarize_concurrency: 16,
      kits: [{ code: kitA }, { code: kitB }],
    }),
  );
  const path = join(folder, to);
  return {
    sandbox,
    world,
    to: path,
    sync: (point = '-', nth = 1, killAfterMs, signal = 'SIGKILL') =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [launcher, config, path, point, String(nth)], {
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let stderr = '';
        child.stderr.setEncoding('utf8').on('data', (text) => {
          stderr += text;
        });
        const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill(signal), killAfterMs);
        child.on('error', reject);
        child.on('close', (code, died) => {
          clearTimeout(timer);
          resolve(died ?? (code === 0 ? 'done' : `exit ${code}: ${stderr}`));
        });
      }),
    async tables() {
      const database = await openPlace(placeOf(path), systemClock);
      try {
        return await database.exclusive(async (session) => ({
          calls: await session.rows('select call_id, title, transcript_status, content_hash from calls order by all'),
          transcripts: await session.rows('select call_id, transcript_hash, n_turns from transcripts order by all'),
          runs: await session.rows('select call_id, kit_code, status, transcript_hash from semarize_runs order by all'),
        }));
      } finally {
        await database.close();
      }
    },
  };
}

/** Every call once, every run once, nothing bought twice, and every accepted run is a row. */
async function expectConverged(scene: Scene): Promise<void> {
  const { calls, transcripts, runs } = (await scene.tables()) as Record<string, Record<string, string>[]>;
  const shown = scene.world.calls.map(({ id }) => id).sort();
  expect(calls?.map((row) => row['call_id'])).toEqual(shown);
  const spoken = calls?.filter((row) => row['transcript_status'] === 'available').map((row) => row['call_id']);
  expect(transcripts?.map((row) => row['call_id'])).toEqual(spoken);
  expect(runs?.length).toBe(scene.sandbox.ledger.distinctRuns);
  for (const callId of shown)
    for (const kit of [kitA, kitB]) {
      const accepted = scene.sandbox.ledger.runsPer(callId, kit);
      expect(accepted.length, `${callId} ${kit}`).toBeLessThanOrEqual(1);
      expect(runs?.filter((row) => row['call_id'] === callId && row['kit_code'] === kit).length).toBe(accepted.length);
    }
  expect(scene.sandbox.ledger.distinctRuns).toBeGreaterThan(18);
}

async function syncUntilDone(scene: Scene): Promise<void> {
  for (let tries = 0; tries < 3; tries++) if ((await scene.sync()) === 'done') return;
  throw new Error(`three syncs did not end well: ${await scene.sync()}`);
}

const money = ['CP1', 'CP2', 'CP3', 'CP4', 'CP5'];
const points: [to: string, point: string, nth: number][] = [
  ...money.flatMap((point): [string, string, number][] => [
    ['warehouse.duckdb', point, 1],
    ['warehouse.duckdb', point, 7],
  ]),
  ...['before-ddl', 'after-ddl', 'before-begin', 'before-state', 'before-commit', 'after-commit'].map(
    (point): [string, string, number] => ['warehouse.duckdb', `duckdb:${point}`, 1],
  ),
  ...['after-write', 'after-fsync', 'after-rename', 'before-manifest', 'after-manifest'].map(
    (point): [string, string, number] => ['lake', `parquet:${point}`, 1],
  ),
];

describe('kill -9 at a crash point, then sync again', () => {
  test.each(points)('%s, %s, passing %i', async (to, point, nth) => {
    const scene = await createScene(to);
    expect(await scene.sync(point, nth)).toBe('SIGKILL');
    await syncUntilDone(scene);
    await expectConverged(scene);
  });

  test('twice in a row at the worst place (accepted, not written down), then at the commit', async () => {
    const scene = await createScene('warehouse.duckdb');
    expect(await scene.sync('CP2', 1)).toBe('SIGKILL');
    expect(await scene.sync('CP2', 2)).toBe('SIGKILL');
    expect(await scene.sync('duckdb:before-commit', 1)).toBe('SIGKILL');
    await syncUntilDone(scene);
    await expectConverged(scene);
  });
});

describe('kill -9 at seeded moments', () => {
  const seed = Number(process.env['GONG_ELT_KILL_SEED'] ?? 7);
  const rounds = Number(process.env['GONG_ELT_KILL_ROUNDS'] ?? 4);
  const random = createRandom(seed, 'kills');

  test.each(Array.from({ length: rounds }, (_, round) => [round, random.int(150, 1800), random.int(150, 1500)]))(
    `seed ${seed}, round %i: after %i ms, and after %i ms once more`,
    async (round, first, second) => {
      const scene = await createScene(round % 2 === 0 ? 'warehouse.duckdb' : 'lake');
      await scene.sync('-', 1, first);
      await scene.sync('-', 1, second);
      await syncUntilDone(scene);
      await expectConverged(scene);
    },
  );

  test('SIGTERM in the middle: what is on its way is written down, and nothing is bought twice', async () => {
    const scene = await createScene('warehouse.duckdb');
    await scene.sync('-', 1, 700, 'SIGTERM');
    await syncUntilDone(scene);
    await expectConverged(scene);
  });
});

test('two syncs at once: one runs, the other asks nothing and says who holds the destination', async () => {
  const scene = await createScene('warehouse.duckdb');
  const outcomes = await Promise.all([scene.sync(), scene.sync(), scene.sync()]);
  expect(outcomes.filter((outcome) => outcome === 'done').length).toBeGreaterThanOrEqual(1);
  for (const outcome of outcomes) if (outcome !== 'done') expect(outcome).toContain('Another sync is running');
  await syncUntilDone(scene);
  await expectConverged(scene);
});
