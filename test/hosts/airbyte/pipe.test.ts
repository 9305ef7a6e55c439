// Our source piped into our destination, and into `gong-elt load`, against what `gong-elt sync` stores.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toYaml } from '../../../src/cli/sandbox-settings.ts';
import { contentOf } from '../../cli/stored-content.ts';
import { writeJson } from '../../support/folder.ts';
import { gongElt, runGongElt } from '../../support/run-node.ts';
import { openSourcePlace, type SourcePlace } from '../../support/source-place.ts';
import {
  destinationBin,
  discoverCatalog,
  errorsOf,
  messagesOf,
  payloadsOf,
  runDestination,
  runSource,
  sourceBin,
} from './bins.ts';

/** `source … | loader …`, with what the loader printed. */
async function pipe(source: readonly string[], loader: readonly string[], cwd: string) {
  const writer = spawn(process.execPath, source, { stdio: ['ignore', 'pipe', 'inherit'] });
  const reader = spawn(process.execPath, loader, { cwd, stdio: [writer.stdout, 'pipe', 'pipe'] });
  // The loader has the pipe; ours would keep it open.
  writer.stdout.destroy();
  let stdout = '';
  reader.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const [[sourceCode], [loaderCode]] = await Promise.all([once(writer, 'close'), once(reader, 'close')]);
  return { codes: [sourceCode, loaderCode], stdout };
}

async function syncedContent(place: SourcePlace): Promise<unknown> {
  const {
    gong_access_key: key,
    gong_access_key_secret: secret,
    semarize_api_key: semarize,
    ...settings
  } = place.settings;
  await writeFile(join(place.folder, 'gong-elt.yaml'), toYaml(settings));
  const env = {
    GONG_ACCESS_KEY: String(key),
    GONG_ACCESS_KEY_SECRET: String(secret),
    SEMARIZE_API_KEY: String(semarize),
  };
  const synced = await runGongElt(['sync', '--to', 'synced.duckdb'], { cwd: place.folder, env });
  expect(synced.code, synced.stderr).toBe(0);
  return await contentOf(join(place.folder, 'synced.duckdb'));
}

it('stores the same rows in the same columns as a sync, metadata apart, and the states fit the next read', async () => {
  const place = await openSourcePlace({ calls: 40 });
  const { path: catalog } = await discoverCatalog(place);
  const db = join(place.folder, 'piped.duckdb');
  const config = await writeJson(place.folder, 'destination.json', { path: db });
  const read = [sourceBin, 'read', '--config', place.config, '--catalog', catalog];
  const write = [destinationBin, 'write', '--config', config, '--catalog', catalog];
  const first = await pipe(read, write, place.folder);
  expect(first.codes).toEqual([0, 0]);
  const states = payloadsOf(messagesOf(first), 'STATE');
  for (const { sourceStats, destinationStats } of states) expect(destinationStats).toEqual(sourceStats);

  const stateFile = await writeJson(place.folder, 'state.json', states);
  const second = await pipe([...read, '--state', stateFile], write, place.folder);
  expect(second.codes).toEqual([0, 0]);
  const bought = place.sandbox.ledger.distinctRuns;
  const piped = await contentOf(db);
  expect(piped).toEqual(await syncedContent(place));
  expect(place.sandbox.ledger.distinctRuns).toBe(bought);
  expect(piped['calls']?.rows).toHaveLength(40);
});

it('replaces the tables by what a full refresh brings, and leaves them as they were when the source died in it', async () => {
  const place = await openSourcePlace({ calls: 30 });
  const choice = { sync_mode: 'full_refresh', destination_sync_mode: 'overwrite' };
  const { path: catalog } = await discoverCatalog(place, choice);
  const db = join(place.folder, 'piped.duckdb');
  const config = await writeJson(place.folder, 'destination.json', { path: db });
  const write = ['write', '--config', config, '--catalog', catalog];
  const read = await runSource(['read', '--config', place.config, '--catalog', catalog]);
  expect(read.code, read.stderr).toBe(0);
  const first = await runDestination(write, { input: read.stdout });
  expect(first.code, first.stdout).toBe(0);
  const whole = await contentOf(db);
  expect(whole['calls']?.rows).toHaveLength(30);

  const lines = read.stdout.split('\n');
  const half = `${lines.slice(0, lines.length / 2).join('\n')}\n`;
  const died = await runDestination(write, { input: half });
  expect(died.code).toBe(1);
  // No state that the source would go on from comes back of a table that stayed as it was.
  const kept = errorsOf(messagesOf(died)).flatMap(({ message }) =>
    Array.from(String(message).matchAll(/stream (\w+) keeps/gi), ([, name]) => name),
  );
  expect(kept.length).toBeGreaterThan(0);
  const told = payloadsOf(messagesOf(died), 'STATE').map(({ stream }) => JSON.stringify(stream));
  for (const name of kept) expect(told.join()).not.toContain(`"name":"${name}"`);
  expect(await contentOf(db)).toEqual(whole);

  expect((await runDestination(write, { input: read.stdout })).code).toBe(0);
  expect(await contentOf(db)).toEqual(whole);
});

it('is loaded by gong-elt load as well, which prints the states', async () => {
  const place = await openSourcePlace({ calls: 15 });
  const { path: catalog } = await discoverCatalog(place);
  const read = [sourceBin, 'read', '--config', place.config, '--catalog', catalog];
  const loaded = await pipe(read, [gongElt, 'load', '--catalog', catalog, '--to', 'loaded.duckdb'], place.folder);
  expect(loaded.codes).toEqual([0, 0]);
  expect(messagesOf(loaded).every(({ type }) => type === 'STATE')).toBe(true);
  expect(messagesOf(loaded).length).toBeGreaterThanOrEqual(3);
  expect(await contentOf(join(place.folder, 'loaded.duckdb'))).toEqual(await syncedContent(place));
});

it('is loaded into a lake as well', async () => {
  const place = await openSourcePlace({ calls: 15 }, { semarize_api_key: null });
  const { path: catalog } = await discoverCatalog(place);
  const read = [sourceBin, 'read', '--config', place.config, '--catalog', catalog];
  const loaded = await pipe(read, [gongElt, 'load', '--catalog', catalog, '--to', 'lake'], place.folder);
  expect(loaded.codes).toEqual([0, 0]);
  expect(messagesOf(loaded).length).toBeGreaterThanOrEqual(2);
  const count = 'SELECT count(DISTINCT call_id) AS calls FROM calls';
  const { stdout } = await runGongElt(['query', count, '--from', 'lake', '--format', 'jsonl'], { cwd: place.folder });
  expect(stdout).toBe('{"calls":15}\n');
});

it('gong-elt load asks for the catalog that Airbyte messages do not carry', async () => {
  const ended = await runGongElt(['load', '--to', 'x.duckdb'], { input: '' });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('--catalog');
});
