// Both images started as Airbyte's platform starts them: build steps of the Dockerfile, `sh -c 'eval …'`, user 1000, no capabilities,
// a root file system that is read-only.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { openForReading } from '../../src/duckdb/connection.ts';
import { messagesOf, openSourcePlace, payloadsOf } from '../hosts/airbyte/bins.ts';
import { type Answer, buildImage, isIsolated, runImage } from './container.ts';

let folder: string;
let app: string;
let data: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-image-'));
  data = join(folder, 'data');
  mkdirSync(data);
  app = buildImage(folder);
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, value: unknown) => {
  writeFileSync(join(data, name), JSON.stringify(value), { mode: 0o644 });
  return join(data, name);
};
const run = (image: 'source' | 'destination', command: string, input = '', env: Record<string, string> = {}) =>
  runImage(image, command, { app, data, input, env });

function succeeded(answer: Answer): JsonObject[] {
  expect(answer.code, answer.stdout + answer.stderr).toBe(0);
  return messagesOf(answer);
}

test.each(['source', 'destination'] as const)('the %s says its specification', async (image) => {
  expect(succeeded(await run(image, 'spec')).map(({ type }) => type)).toEqual(['SPEC']);
});

test('the source checks, discovers and reads, and the destination stores what it says', async () => {
  const place = await openSourcePlace({ calls: 10, endsAt: Date.now() - 3 * 86_400_000 }, { max_runs_per_sync: 0 });
  const config = write('source.json', place.settings);
  const warehouse = join(data, 'w.duckdb');
  const target = write('destination.json', { path: warehouse });
  expect(
    payloadsOf(succeeded(await run('source', `check --config ${config}`)), 'CONNECTION_STATUS', 'connectionStatus'),
  ).toMatchObject([{ status: 'SUCCEEDED' }]);
  const [found] = payloadsOf(succeeded(await run('source', `discover --config ${config}`)), 'CATALOG');
  const streams = ((found?.['streams'] ?? []) as JsonObject[]).map((stream) => ({
    stream,
    sync_mode: 'incremental',
    destination_sync_mode: 'append_dedup',
    primary_key: stream['source_defined_primary_key'] ?? [],
    cursor_field: stream['default_cursor_field'] ?? [],
  }));
  const catalog = write('catalog.json', { streams });
  const read = await run('source', `read --config ${config} --catalog ${catalog}`);
  expect(payloadsOf(succeeded(read), 'RECORD')).toHaveLength(20);
  expect(succeeded(await run('destination', `check --config ${target}`))).toMatchObject([
    { type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } },
  ]);
  const stored = await run('destination', `write --config ${target} --catalog ${catalog}`, read.stdout);
  expect(payloadsOf(succeeded(stored), 'STATE').length).toBeGreaterThanOrEqual(3);
  const database = await openForReading(warehouse);
  const rows = await database
    .exclusive((session) => session.rows('SELECT count(*)::INTEGER AS n FROM calls'))
    .finally(() => database.close());
  expect(rows).toEqual([{ n: 10 }]);
});

test('the destination refuses a path that would be gone with the container', async () => {
  const env = { WORKER_JOB_ID: '1' };
  const lost = write('lost.json', { path: '/dest/w.duckdb' });
  const [answer] = succeeded(await run('destination', `check --config ${lost}`, '', isIsolated ? env : {}));
  const message = isIsolated ? expect.stringContaining('on the disk of this container') : expect.any(String);
  expect(answer).toMatchObject({ connectionStatus: { status: 'FAILED', message } });
  const kept = write('kept.json', { path: join(data, 'kept.duckdb') });
  const [good] = succeeded(await run('destination', `check --config ${kept}`, '', isIsolated ? env : {}));
  expect(good).toMatchObject({ connectionStatus: { status: 'SUCCEEDED' } });
});
