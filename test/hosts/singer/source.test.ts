// The Singer tap as a process: discovery, settings, state, selection, logs and its ends; and its pipe into our target.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import { createWorld } from '../../../src/sandbox/world/create-world.ts';
import { contentOf } from '../../cli/stored-content.ts';
import { findSchemaProblems } from '../../protocol/json-schema-check.ts';
import { openFolder, writeJson } from '../../support/folder.ts';
import { gongElt, runGongElt } from '../../support/run-node.ts';
import { openSourcePlace, type SourcePlace } from '../../support/source-place.ts';
import { linesOf, runTap, tapBin, targetBin } from './bins.ts';

const streamsOf = (stdout: string) =>
  ((JSON.parse(stdout) as JsonObject)['streams'] as JsonObject[]).map(({ stream }) => stream);
const ofType = (lines: readonly JsonObject[], type: string) => lines.filter((line) => line['type'] === type);
const recordsOf = (lines: readonly JsonObject[], stream: string) =>
  ofType(lines, 'RECORD').filter((line) => line['stream'] === stream);

/** Nothing is bought: most tests need no runs. */
const openPlace = (settings: JsonObject = {}) =>
  openSourcePlace({ calls: 12, endsAt: Date.now() - 3 * 86_400_000 }, { max_runs_per_sync: 0, ...settings });

async function read({ config }: SourcePlace, ...args: string[]) {
  const ended = await runTap(['--config', config, ...args]);
  expect(ended.code, ended.stderr).toBe(0);
  return linesOf(ended);
}

describe('discovery', () => {
  test('asks nobody, and shows every stream without settings, in an empty file and in {}', async () => {
    const folder = await openFolder();
    await writeFile(join(folder, 'empty.json'), '');
    const none = await writeJson(folder, 'none.json', {});
    for (const args of [[], ['--config', join(folder, 'empty.json')], ['--config', none]]) {
      const ended = await runTap(['--discover', ...args]);
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(streamsOf(ended.stdout)).toEqual(['calls', 'transcripts', 'semarize_runs']);
    }
  });

  test('has no runs without a key for them, and takes flags that do not matter', async () => {
    const folder = await openFolder();
    const config = await writeJson(folder, 'c.json', { gong_access_key: 'x', gong_access_key_secret: 'y' });
    const ended = await runTap(['--state', 'nosuch.json', '-d', '-c', config, '--dev']);
    expect(streamsOf(ended.stdout)).toEqual(['calls', 'transcripts']);
  });
});

test('says what it is', async () => {
  expect((await runTap(['--version'])).stdout).toMatch(/^tap-gong-semarize v\d+\.\d+\.\d+\n$/);
  const about = JSON.parse((await runTap(['--about', '--format', 'json'])).stdout) as JsonObject;
  expect(about).toMatchObject({
    name: 'tap-gong-semarize',
    sdk_version: null,
    capabilities: expect.arrayContaining(['discover', 'state']),
  });
  expect(isJsonObject(about['settings']) && Object.keys(about['settings']['properties'] as object)).toContain('kits');
  expect((await runTap(['--about'])).stdout).toContain('| max_runs_per_sync |');
  expect((await runTap(['--help'])).stdout).toContain('Usage: tap-gong-semarize');
});

describe('settings', () => {
  test('that are wrong are all named at once, on one last line, without a value', async () => {
    const folder = await openFolder();
    const config = await writeJson(folder, 'c.json', {
      gong_access_key: 'canary-key-value',
      kits: 'x',
      lookback_hours: 'many',
      startdate: '2026-01-01',
    });
    const ended = await runTap(['--config', config]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    const lines = ended.stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    for (const words of [
      'CRITICAL',
      'gong_access_key_secret is required',
      'lookback_hours',
      'Did you mean "start_date"?',
      'kits',
    ])
      expect(lines[0]).toContain(words);
    expect(ended.stderr).not.toContain('canary');
  });

  test.each([
    ['no settings', [], 'There are no settings'],
    ['a flag that is none', ['--what'], 'Usage|tap-gong-semarize --config'],
    ['a file that is not there', ['--config', 'nowhere.json'], 'There is no file nowhere.json'],
  ])('%s: 2, and the next step', async (_, args, words) => {
    const ended = await runTap(args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(new RegExp(words));
  });

  test('in an empty file are an error, also beside a file that holds all that are needed', async () => {
    const place = await openPlace();
    await writeFile(join(place.folder, 'more.json'), '');
    const args = ['--config', place.config, '--config', 'more.json'];
    const ended = await runTap(args, { cwd: place.folder });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^CRITICAL The file more\.json is empty, .+ → write the settings again/);
    // Discovery needs none, and hosts that have none yet name an empty file.
    expect((await runTap(['--discover', ...args], { cwd: place.folder })).code).toBe(0);
  });

  test('may be texts, stand in several files, and come from the environment', async () => {
    const place = await openPlace({ gong_requests_per_second: '100', kits: '[{"code":"A1B2C3D4"}]' });
    const later = await writeJson(place.folder, 'later.json', { semarize_api_key: null });
    const start = new Date(Date.now() - 100 * 86_400_000).toISOString();
    const ended = await runTap(['--config', place.config, '--config', later, '--config', 'ENV', '--test=schema'], {
      env: { TAP_GONG_SEMARIZE_START_DATE: start },
    });
    expect(ended.code, ended.stderr).toBe(0);
    expect(linesOf(ended).map(({ type, stream }) => `${type} ${stream}`)).toEqual([
      'SCHEMA calls',
      'SCHEMA transcripts',
    ]);
  });
});

describe('a read', () => {
  test('sends schemas, records that fit them, and states with all bookmarks; a second one sends nothing new', async () => {
    const place = await openPlace();
    const lines = await read(place);
    const schemas = new Map(ofType(lines, 'SCHEMA').map((line) => [line['stream'], line['schema'] as JsonObject]));
    expect([...schemas.keys()]).toEqual(['calls', 'transcripts', 'semarize_runs']);
    for (const { stream, record } of ofType(lines, 'RECORD'))
      expect(findSchemaProblems(schemas.get(stream) ?? {}, record ?? null)).toEqual([]);
    expect(recordsOf(lines, 'calls')).toHaveLength(12);
    const last = lines.at(-1);
    expect(last).toMatchObject({
      type: 'STATE',
      value: { bookmarks: { calls: {}, transcripts: {}, semarize_runs: {} } },
    });

    const state = await writeJson(place.folder, 'state.json', last);
    const again = await read(place, '--state', state);
    expect(again[0]).toEqual(last);
    expect(ofType(again, 'RECORD')).toEqual([]);
  });

  // Targets made with the Singer SDK read a fraction as a decimal that they cannot print: they end at such a state.
  test('has no fraction in any state, with transcripts that are waited for', async () => {
    const world = createWorld({ calls: 12, endsAt: Date.now() - 3 * 86_400_000 });
    for (const { life } of world.calls.slice(0, 3)) Object.assign(life, { transcriptMs: Number.POSITIVE_INFINITY });
    const place = await openSourcePlace(world, { max_runs_per_sync: 3 });
    const states = ofType(await read(place), 'STATE');
    const { value } = states.at(-1) as { value: { bookmarks: { transcripts: { pending: JsonObject } } } };
    expect(Object.keys(value.bookmarks.transcripts.pending)).not.toEqual([]);
    const numbers: number[] = [];
    JSON.parse(JSON.stringify(states), (_, member) => {
      if (typeof member === 'number') numbers.push(member);
      return member;
    });
    expect(numbers.length).toBeGreaterThan(10);
    expect(numbers.filter((number) => !Number.isInteger(number))).toEqual([]);
  });

  test.each(['{}', 'null'])('takes a state file with %s for a first read', async (text) => {
    const place = await openPlace();
    const path = join(place.folder, 'state.json');
    await writeFile(path, text);
    expect(recordsOf(await read(place, '--state', path), 'calls')).toHaveLength(12);
  });

  test.each([
    ['is not there', undefined, 'There is no state file nosuch.json: '],
    ['has no byte', '', 'The state file nosuch.json cannot be used: it is empty, '],
    ['is blank', ' \n\t', 'The state file nosuch.json cannot be used: it is empty, '],
    ['is broken', '{"bookmarks": {"calls": {', 'The state file nosuch.json cannot be used: it is not JSON'],
    ['has no bookmarks', '{"calls": {"v": 1}}', 'The state file nosuch.json cannot be used: it has no bookmarks'],
  ])('refuses a state file that %s: taken for a first read it would buy runs again', async (_, text, words) => {
    const place = await openPlace();
    if (text !== undefined) await writeFile(join(place.folder, 'nosuch.json'), text);
    const ended = await runTap(['--config', place.config, '--state', 'nosuch.json'], { cwd: place.folder });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    const last = ended.stderr.trimEnd().split('\n').at(-1);
    expect(last).toContain(`CRITICAL ${words}`);
    for (const step of ['on a first run leave --state out', 'restore the file', 'paid runs again'])
      expect(last).toContain(step);
    expect(place.sandbox.ledger.requests).toEqual([]);
  });

  test('refuses a state of another version', async () => {
    const place = await openPlace();
    const state = await writeJson(place.folder, 'state.json', { bookmarks: { calls: { v: 99 } } });
    const refused = await runTap(['--config', place.config, '--state', state]);
    expect(refused).toMatchObject({ code: 2, stdout: expect.not.stringContaining('RECORD') });
  });

  test.each([
    ['has no byte', '', 'The file catalog.json is empty'],
    ['is blank', '\n', 'The file catalog.json is empty'],
    ['has no list of streams', '{}', 'The catalog has no list of streams'],
  ])('refuses a catalog that %s: every stream would be read, and runs bought', async (_, text, words) => {
    const place = await openPlace();
    await writeFile(join(place.folder, 'catalog.json'), text);
    for (const flag of ['--catalog', '--properties']) {
      const ended = await runTap(['--config', place.config, flag, 'catalog.json'], { cwd: place.folder });
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toContain(`CRITICAL ${words}`);
      expect(ended.stderr).toContain('--discover');
    }
    expect(place.sandbox.ledger.requests).toEqual([]);
  });

  test('reads what the catalog selects, by either flag', async () => {
    const place = await openPlace();
    const catalog = JSON.parse((await runTap(['--discover', '--config', place.config])).stdout) as {
      streams: JsonObject[];
    };
    for (const { stream, metadata } of catalog.streams)
      for (const item of metadata as JsonObject[]) {
        const breadcrumb = (item['breadcrumb'] as string[]).join('.');
        const isOut =
          (stream === 'transcripts' && breadcrumb === '') || (stream === 'calls' && breadcrumb === 'properties.title');
        if (isOut) Object.assign(item['metadata'] as JsonObject, { selected: false });
      }
    const path = await writeJson(place.folder, 'catalog.json', catalog);
    for (const flag of ['--catalog', '--properties']) {
      const lines = await read(place, flag, path);
      expect(new Set(ofType(lines, 'SCHEMA').map(({ stream }) => stream))).toEqual(new Set(['calls', 'semarize_runs']));
      for (const { record } of recordsOf(lines, 'calls')) {
        expect(record).toHaveProperty('call_id');
        expect(record).not.toHaveProperty('title');
      }
    }
  });

  test('of a full table sends its rows again and buys nothing again', async () => {
    const place = await openSourcePlace({ calls: 6, endsAt: Date.now() - 3 * 86_400_000 });
    const state = await writeJson(place.folder, 'state.json', (await read(place)).at(-1));
    const posts = place.sandbox.ledger.posts;
    const catalog = JSON.parse((await runTap(['--discover', '--config', place.config])).stdout) as {
      streams: JsonObject[];
    };
    for (const stream of catalog.streams) stream['replication_method'] = 'FULL_TABLE';
    const path = await writeJson(place.folder, 'catalog.json', catalog);
    const again = await read(place, '--catalog', path, '--state', state);
    expect(recordsOf(again, 'calls')).toHaveLength(6);
    expect(recordsOf(again, 'semarize_runs')).toHaveLength(0);
    expect(place.sandbox.ledger.posts).toBe(posts);
  });

  test('for a test is one call, and buys nothing', async () => {
    const place = await openPlace({ max_runs_per_sync: 100 });
    const lines = await read(place, '--test');
    expect(recordsOf(lines, 'calls')).toHaveLength(1);
    expect(recordsOf(lines, 'transcripts')).toHaveLength(1);
    expect(place.sandbox.ledger.posts).toBe(0);
  });
});

describe('logs', () => {
  test('are a level and a text, with metrics, and no secret', async () => {
    const place = await openPlace();
    const ended = await runTap(['--config', place.config], { env: { TAP_GONG_SEMARIZE_LOGLEVEL: 'debug' } });
    for (const line of ended.stderr.trimEnd().split('\n')) expect(line).toMatch(/^(DEBUG|INFO|WARNING) \S/);
    expect(ended.stderr).toContain(
      'INFO METRIC: {"type":"counter","metric":"record_count","value":12,"tags":{"stream":"calls"}}',
    );
    expect(ended.stderr).toContain('"metric":"sync_duration"');
    for (const secret of [place.sandbox.gongAccessKeySecret, place.sandbox.semarizeApiKey])
      expect(ended.stdout + ended.stderr).not.toContain(secret);
  });

  test('repeat no key, wherever it came from, when a service refuses it', async () => {
    const place = await openPlace({ gong_access_key: 'canary-key-of-the-first-file', semarize_api_key: null });
    const name = 'canary-secret-of-the-environment';
    const bookmark = { bookmarks: { [name]: 'canary-key-of-the-first-file' } };
    const state = await writeJson(place.folder, 'state.json', bookmark);
    const env = { TAP_GONG_SEMARIZE_GONG_ACCESS_KEY_SECRET: name, TAP_GONG_SEMARIZE_LOGLEVEL: 'debug' };
    const args = ['--config', place.config, '--config', 'ENV'];
    const refused = await runTap(args, { env });
    expect(refused.code).toBe(3);
    const broken = await runTap([...args, '--state', state, '--catalog', `${name}.json`], { env });
    expect(broken.code).toBe(2);
    for (const { stdout, stderr } of [refused, broken]) expect(stdout + stderr).not.toContain('canary');
    const missing = await runTap([...args, '--state', `${name}.json`], { env });
    expect(missing.stderr).toContain('There is no state file [redacted].json');
  });

  test('are objects with all that a host wants when it says that it reads those', async () => {
    const place = await openPlace();
    const formatters = { structured: { '()': 'singer_sdk.logging.StructuredFormatter' } };
    const path = await writeJson(place.folder, 'logging.json', { version: 1, formatters });
    const ended = await runTap(['--config', place.config], { env: { SINGER_SDK_LOG_CONFIG: path } });
    const lines = ended.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
    const wanted = ['level', 'pid', 'logger_name', 'ts', 'thread_name', 'app_name', 'stream_name', 'message'];
    for (const line of lines) expect(Object.keys(line)).toEqual(expect.arrayContaining(wanted));
    expect(
      lines.filter(({ metric_info: metric }) => isJsonObject(metric) && metric['metric'] === 'record_count'),
    ).toHaveLength(2);
  });
});

describe('the end', () => {
  test('by SIGTERM: whole lines, the state, and then by the signal', async () => {
    const place = await openSourcePlace({ calls: 30, endsAt: Date.now() - 3 * 86_400_000 });
    let sent = false;
    const ended = await runTap(['--config', place.config], {
      onOutput: (child, stdout) => {
        // Once: a second signal would end it at once.
        if (!sent && stdout.includes('"RECORD"')) sent = child.kill('SIGTERM');
      },
    });
    expect(ended.signal).toBe('SIGTERM');
    expect(linesOf(ended).at(-1)).toMatchObject({ type: 'STATE' });
  });

  test('when nobody reads any more: soon, with one line', async () => {
    const place = await openPlace();
    const child = spawn(process.execPath, [tapBin, '--config', place.config]);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .filter((line) => /^(ERROR|CRITICAL|WARNING .*hung up)/.test(line)),
    ).toHaveLength(1);
    expect(stderr).not.toContain('    at ');
  });
});

describe('in a pipe', () => {
  test('the target and gong-elt load store what gong-elt sync stores, in the same columns', async () => {
    const place = await openSourcePlace({ calls: 20, endsAt: Date.now() - 3 * 86_400_000 });
    const config = await writeJson(place.folder, 'target.json', { path: join(place.folder, 'piped.duckdb') });
    const tapped = await runTap(['--config', place.config]);
    const piped = spawn(process.execPath, [targetBin, '--config', config], { stdio: ['pipe', 'pipe', 'ignore'] });
    let states = '';
    piped.stdout.setEncoding('utf8').on('data', (text: string) => {
      states += text;
    });
    piped.stdin.end(tapped.stdout);
    expect((await once(piped, 'close'))[0]).toBe(0);
    expect(JSON.parse(states.trimEnd().split('\n').at(-1) ?? '')).toEqual(linesOf(tapped).at(-1)?.['value']);

    const loaded = spawn(process.execPath, [gongElt, 'load', '--to', 'loaded.duckdb'], {
      cwd: place.folder,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    loaded.stdin.end(tapped.stdout);
    expect((await once(loaded, 'close'))[0]).toBe(0);

    const {
      gong_access_key: key,
      gong_access_key_secret: secret,
      semarize_api_key: semarize,
      ...settings
    } = place.settings;
    await writeFile(join(place.folder, 'gong-elt.yaml'), JSON.stringify(settings));
    const env = {
      GONG_ACCESS_KEY: String(key),
      GONG_ACCESS_KEY_SECRET: String(secret),
      SEMARIZE_API_KEY: String(semarize),
    };
    const synced = await runGongElt(['sync', '--to', 'synced.duckdb'], { cwd: place.folder, env });
    expect(synced.code, synced.stderr).toBe(0);
    const wanted = await contentOf(join(place.folder, 'synced.duckdb'));
    expect(wanted['calls']?.rows).toHaveLength(20);
    expect(await contentOf(join(place.folder, 'piped.duckdb'))).toEqual(wanted);
    expect(await contentOf(join(place.folder, 'loaded.duckdb'))).toEqual(wanted);
  });
});
