import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openForReading } from '../../src/duckdb/connection.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { createWorld } from '../../src/sandbox/world/create-world.ts';
import { programOf, versionOf } from './environment.ts';
import { noteVerified } from './verified.ts';

const executable = join(import.meta.dirname, '..', '..', 'dist', 'bin', 'source-gong-semarize.js');

test('PyAirbyte reads the source twice into its own cache: every call once, every run once, nothing bought again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-pyairbyte-'));
  const now = Date.now();
  const world = createWorld({ seed: 5, calls: 40, endsAt: now - 2 * 86_400_000, days: 20 });
  const sandbox = await startSandbox({ world, settings: { gongRequestsPerSecond: Number.POSITIVE_INFINITY } });
  onTestFinished(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });
  const configPath = join(folder, 'config.json');
  await writeFile(
    configPath,
    JSON.stringify({
      gong_access_key: sandbox.gongAccessKey,
      gong_access_key_secret: sandbox.gongAccessKeySecret,
      gong_base_url: sandbox.url,
      semarize_api_key: sandbox.semarizeApiKey,
      semarize_base_url: sandbox.url,
      allowed_hosts: [new URL(sandbox.url).host],
      start_date: new Date(now - 60 * 86_400_000).toISOString(),
      gong_requests_per_second: 50,
      kits: [{ code: 'A1B2C3D4' }],
    }),
  );

  const output = await runPython('read_twice.py', [executable, configPath, join(folder, 'cache.duckdb')]);
  const result = JSON.parse(
    output
      .split('\n')
      .find((line) => line.startsWith('RESULT '))
      ?.slice(7) ?? 'null',
  );

  const shown = world.calls.filter(({ life }) => life.visibleMs <= now && life.erasedMs > now).map(({ id }) => id);
  const cache = await openForReading(join(folder, 'cache.duckdb'));
  onTestFinished(() => cache.close());
  const rows = (sql: string) => cache.exclusive((session) => session.rows(sql));
  expect((await rows('select call_id from calls order by 1')).map((row) => row['call_id'])).toEqual(shown.sort());
  const runs = await rows('select call_id, kit_code, run_id from semarize_runs');
  expect(sandbox.ledger.distinctRuns).toBeGreaterThan(25);
  expect(runs).toHaveLength(sandbox.ledger.distinctRuns);
  for (const { call_id, kit_code, run_id } of runs)
    expect(sandbox.ledger.runsPer(String(call_id), String(kit_code)).map(({ id }) => id)).toEqual([run_id]);
  expect(result.second.rows.semarize_runs).toBe(result.first.rows.semarize_runs);
  noteVerified('PyAirbyte', versionOf('airbyte', 'airbyte'), 'reads the source twice into its DuckDB cache');
}, 300_000);

function runPython(script: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(programOf('airbyte', 'python'), [join(import.meta.dirname, script), ...args], {
      env: { ...process.env, AIRBYTE_OFFLINE_MODE: '1', DO_NOT_TRACK: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${script} ended with ${code}:\n${stdout}\n${stderr}`));
    });
  });
}
