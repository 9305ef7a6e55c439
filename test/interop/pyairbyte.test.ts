// PyAirbyte from PyPI, which reads our source into a cache of its own.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { programOf, versionOf } from './environment.ts';
import { run } from './run.ts';
import { openSandboxPlace, rowsOf } from './sandbox-place.ts';
import { noteVerified } from './verified.ts';

const executable = join(import.meta.dirname, '..', '..', 'dist', 'bin', 'source-gong-semarize.js');
const offline = { AIRBYTE_OFFLINE_MODE: '1', DO_NOT_TRACK: '1' };

test('PyAirbyte reads the source twice into its own cache: every call once, every run once, nothing bought again', async () => {
  const place = await openSandboxPlace(40);
  onTestFinished(() => place.close());
  const { folder, settings } = place;
  const configPath = join(folder, 'config.json');
  const cachePath = join(folder, 'cache.duckdb');
  await writeFile(configPath, JSON.stringify(settings));
  const script = join(import.meta.dirname, 'read_twice.py');
  const ended = await run(programOf('airbyte', 'python'), [script, executable, configPath, cachePath], {
    env: offline,
  });
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  const line = ended.stdout.split('\n').find((text) => text.startsWith('RESULT '));
  const result = JSON.parse(line?.slice(7) ?? 'null');

  const calls = await rowsOf(cachePath, 'SELECT call_id FROM calls ORDER BY 1');
  expect(calls.map(({ call_id: id }) => id)).toEqual(place.shown);
  place.expectRunsOnce(await rowsOf(cachePath, 'SELECT call_id, kit_code, run_id FROM semarize_runs'));
  expect(result.second.rows.semarize_runs).toBe(result.first.rows.semarize_runs);
  noteVerified('PyAirbyte', versionOf('airbyte', 'airbyte'), 'reads the source twice into its DuckDB cache');
}, 300_000);
