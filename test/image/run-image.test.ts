// The images started as their hosts start them, by the steps of the Dockerfile: the connectors by `sh -c 'eval …'` as user 1000, `cli`
// by its entry point as anybody; without capabilities, on a root file system that is read-only.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { openForReading } from '../../src/duckdb/connection.ts';
import { variableOf } from '../../src/settings/variables.ts';
import { secretSettings } from '../../src/source/config.ts';
import { messagesOf, payloadsOf } from '../hosts/airbyte/bins.ts';
import { openSourcePlace } from '../support/source-place.ts';
import { type Answer, buildImage, isIsolated, runCli, runImage } from './container.ts';

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

async function countCalls(warehouse: string): Promise<unknown> {
  const database = await openForReading(warehouse);
  const [row] = await database
    .exclusive((session) => session.rows('SELECT count(*)::INTEGER AS n FROM calls'))
    .finally(() => database.close());
  return row?.['n'];
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
  expect(await countCalls(warehouse)).toBe(10);
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

/** A volume of its own for each test, and the program as one of the users whom a host may choose. */
function openVolume(name: string, user: number) {
  const volume = join(folder, name);
  mkdirSync(volume);
  return {
    volume,
    cli: (args: readonly string[], env: Record<string, string> = {}) => runCli(args, { app, data: volume, user, env }),
    ownerOf: (file: string) => statSync(join(volume, file)).uid,
    owner: isIsolated ? user : process.getuid?.(),
  };
}

// Its own user, one that no image knows, and a root without its powers.
const users = [1000, 4711, 0];

test.each(users)('the cli says as user %i what it is, and what it lacks', async (user) => {
  const { cli, volume } = openVolume(`lacking-${user}`, user);
  const { version } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as { version: string };
  expect(await cli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  const { code, stdout, stderr } = await cli(['check']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  for (const text of ['gong_access_key is required', 'start_date is required', 'GONG_ACCESS_KEY'])
    expect(stderr).toContain(text);
  expect(readdirSync(volume)).toEqual([]);
});

test.each(users)('the cli syncs as user %i into its volume: settings in variables, keys in files', async (user) => {
  const { cli, volume, owner, ownerOf } = openVolume(`synced-${user}`, user);
  const { settings } = await openSourcePlace({ calls: 10, endsAt: Date.now() - 3 * 86_400_000 });
  const env: Record<string, string> = { GONG_ELT_DESTINATION: 'warehouse.duckdb' };
  for (const [name, value] of Object.entries(settings)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (secretSettings.some((secret) => secret === name)) {
      writeFileSync(join(volume, name), `${text}\n`, { mode: 0o444 });
      env[`${variableOf(name)}_FILE`] = `/data/${name}`;
    } else env[variableOf(name)] = text;
  }
  const checked = await cli(['check'], env);
  expect(checked.code, checked.stdout + checked.stderr).toBe(0);
  const synced = await cli(['sync'], env);
  expect(synced.code, synced.stderr).toBe(0);
  expect(await countCalls(join(volume, 'warehouse.duckdb'))).toBe(10);
  for (const file of ['warehouse.duckdb', 'warehouse.duckdb.runs.jsonl']) expect(ownerOf(file)).toBe(owner);
  // What is not on the volume is the image's, and stays as it is.
  if (!isIsolated) return;
  const elsewhere = await cli(['sync', '--to', '/warehouse.duckdb'], env);
  expect(elsewhere.code, elsewhere.stderr).toBe(7);
  expect(elsewhere.stderr).toContain(user === 0 ? '(EROFS)' : 'cannot be written');
});
