// source-gong-semarize as a process, against a sandbox whose ledger says what was asked and bought.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../../src/core/json.ts';
import { faultAnswers } from '../../../src/sandbox/fault-answers.ts';
import { openFolder, writeJson } from '../../support/folder.ts';
import { root, runNode } from '../../support/run-node.ts';
import { openSourcePlace } from '../../support/source-place.ts';
import { discoverCatalog, errorsOf, messagesOf, payloadsOf, runSource, sourceBin, statusesOf } from './bins.ts';

type Row = { readonly stream: string; readonly data: JsonObject };

const recordsOf = (messages: readonly JsonObject[]) => payloadsOf(messages, 'RECORD') as unknown as Row[];
const statesOf = (messages: readonly JsonObject[]) => payloadsOf(messages, 'STATE');
const descriptorOf = (state: JsonObject) =>
  String(((state['stream'] as JsonObject)['stream_descriptor'] as JsonObject)['name']);
const keyOf = ({ stream, data }: Row) => `${stream} ${String(data['run_id'] ?? data['call_id'])}`;

/** The last state of each stream among `messages`, as a host stores them. */
function lastStates(messages: readonly JsonObject[]): JsonObject[] {
  return [...new Map(statesOf(messages).map((state) => [descriptorOf(state), state])).values()];
}

describe('spec', () => {
  it('prints one message without a config, before it loads what it does not need', async () => {
    const folder = await openFolder();
    const modules = join(folder, 'modules');
    await writeFile(modules, '');
    const recorder = join(root, 'test/cli/fixtures/record-modules.mjs');
    const ended = await runNode(['--import', recorder, sourceBin, 'spec'], { env: { MODULES: modules } });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const [spec, ...rest] = messagesOf(ended);
    expect(rest).toEqual([]);
    expect(spec).toMatchObject({ type: 'SPEC', spec: { connectionSpecification: { type: 'object' } } });
    expect(spec).not.toHaveProperty('spec.protocol_version');
    const { readFile } = await import('node:fs/promises');
    expect(await readFile(modules, 'utf8')).not.toMatch(/undici|duckdb|yargs|\/yaml\//);
  });
});

describe('check', () => {
  it('succeeds with good keys, and buys nothing', async () => {
    const { config, sandbox } = await openSourcePlace();
    const ended = await runSource(['check', '--config', config]);
    expect(ended.code).toBe(0);
    expect(payloadsOf(messagesOf(ended), 'CONNECTION_STATUS', 'connectionStatus')).toEqual([
      { status: 'SUCCEEDED', message: 'ok' },
    ]);
    expect(sandbox.ledger.posts).toBe(0);
  });

  it.each([
    ['gong_access_key', 'gong'],
    ['semarize_api_key', 'semarize'],
  ])('fails with a wrong %s, in words, without repeating it, and exits with 0', async (key, word) => {
    const { config, settings, folder } = await openSourcePlace({}, { [key]: 'wrong-canary-key-0123456789' });
    const ended = await runSource(['check', '--config', config, '--debug']);
    expect(ended.code).toBe(0);
    const [status, ...more] = payloadsOf(messagesOf(ended), 'CONNECTION_STATUS', 'connectionStatus');
    expect(more).toEqual([]);
    expect(status?.['status']).toBe('FAILED');
    expect(String(status?.['message']).toLowerCase()).toContain(word);
    expect(ended.stdout + ended.stderr).not.toContain('canary');
    expect(ended.stdout).not.toContain(String(settings['gong_access_key_secret']));
    expect(folder).not.toBe('');
  });

  it('fails with every wrong setting at once', async () => {
    const { config } = await openSourcePlace({}, { start_date: 'yesterday', kits: [{ cod: 'X' }], lookback_hours: -1 });
    const [status] = payloadsOf(
      messagesOf(await runSource(['check', '--config', config])),
      'CONNECTION_STATUS',
      'connectionStatus',
    );
    expect(status?.['status']).toBe('FAILED');
    for (const path of ['start_date', 'kits[0].cod', 'lookback_hours']) expect(status?.['message']).toContain(path);
  });
});

describe('discover', () => {
  it('lists the same streams each time, with keys and cursors that their schemas declare', async () => {
    const { config } = await openSourcePlace();
    const runs = await Promise.all([1, 2].map(() => runSource(['discover', '--config', config])));
    expect(runs[0]?.stdout).toBe(runs[1]?.stdout);
    const [catalog, ...more] = payloadsOf(messagesOf(runs[0] ?? { stdout: '' }), 'CATALOG');
    expect(more).toEqual([]);
    const streams = catalog?.['streams'] as JsonObject[];
    expect(streams.map(({ name }) => name)).toEqual(['calls', 'transcripts', 'semarize_runs']);
    for (const { json_schema: schema, source_defined_primary_key: keys, default_cursor_field: cursor } of streams) {
      const properties = Object.keys((schema as JsonObject)['properties'] as JsonObject);
      expect(properties).toEqual(expect.arrayContaining([...(keys as string[][]).flat(), ...(cursor as string[])]));
    }
  });

  it('leaves semarize_runs out without a Semarize key', async () => {
    const { config } = await openSourcePlace({}, { semarize_api_key: null });
    const [catalog] = payloadsOf(messagesOf(await runSource(['discover', '--config', config])), 'CATALOG');
    expect(catalog).toMatchObject({ streams: [{ name: 'calls' }, { name: 'transcripts' }] });
    expect(catalog?.['streams']).toHaveLength(2);
  });
});

describe('read', () => {
  it('emits for each stream its statuses, its records and states that count them', async () => {
    const place = await openSourcePlace();
    const { path } = await discoverCatalog(place);
    const ended = await runSource(['read', '--config', place.config, '--catalog', path, '--debug']);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const messages = messagesOf(ended);
    for (const stream of ['calls', 'transcripts', 'semarize_runs']) {
      expect(statusesOf(messages).filter((status) => status.startsWith(`${stream} `))).toEqual([
        `${stream} STARTED`,
        `${stream} RUNNING`,
        `${stream} COMPLETE`,
      ]);
      const rows = recordsOf(messages).filter((record) => record.stream === stream);
      const states = statesOf(messages).filter((state) => descriptorOf(state) === stream);
      const counted = states.map(({ sourceStats }) => Number((sourceStats as JsonObject)['recordCount']));
      expect(states.length).toBeGreaterThan(0);
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(rows.length);
      expect(rows.length).toBeGreaterThan(0);
      const contents = states.map((state) => JSON.stringify((state['stream'] as JsonObject)['stream_state']));
      for (const [i, content] of contents.entries()) expect(content).not.toBe(contents[i - 1]);
    }
    expect(errorsOf(messages)).toEqual([]);
    for (const secret of ['gong_access_key', 'gong_access_key_secret', 'semarize_api_key'])
      expect(ended.stdout).not.toContain(String(place.settings[secret]));
  });

  it('goes on from its own states, and buys nothing again', async () => {
    const place = await openSourcePlace();
    const { path } = await discoverCatalog(place);
    const first = messagesOf(await runSource(['read', '--config', place.config, '--catalog', path]));
    const bought = place.sandbox.ledger.distinctRuns;
    const states = await writeJson(
      place.folder,
      'state.json',
      lastStates(first).map((state, id) => ({ ...state, id, global: null })),
    );
    const ended = await runSource(['read', '--config', place.config, '--catalog', path, '--state', states]);
    expect(ended.code).toBe(0);
    const again = messagesOf(ended);
    expect(recordsOf(again).filter(({ stream }) => stream === 'semarize_runs')).toEqual([]);
    expect(recordsOf(again).length).toBeLessThan(recordsOf(first).length / 4);
    expect(statesOf(again).map(descriptorOf).sort()).toEqual(
      expect.arrayContaining(['calls', 'semarize_runs', 'transcripts']),
    );
    expect(place.sandbox.ledger.distinctRuns).toBe(bought);
    expect(bought).toBeGreaterThan(0);
  });

  it('loses nothing when it was killed behind any of its states', async () => {
    const place = await openSourcePlace({ calls: 8 });
    const { path } = await discoverCatalog(place);
    const whole = messagesOf(await runSource(['read', '--config', place.config, '--catalog', path]));
    const all = [...new Set(recordsOf(whole).map(keyOf))].sort();
    const bought = place.sandbox.ledger.distinctRuns;
    const ends = whole.flatMap((message, i) => (message['type'] === 'STATE' ? [i + 1] : []));
    expect(ends.length).toBeGreaterThan(2);
    for (const end of ends) {
      const before = whole.slice(0, end);
      const states = await writeJson(place.folder, `state-${end}.json`, lastStates(before));
      const after = messagesOf(
        await runSource(['read', '--config', place.config, '--catalog', path, '--state', states]),
      );
      expect(
        [...new Set([...recordsOf(before), ...recordsOf(after)].map(keyOf))].sort(),
        `killed behind message ${end}`,
      ).toEqual(all);
    }
    expect(place.sandbox.ledger.distinctRuns).toBe(bought);
  }, 120_000);

  it.each([
    ['an empty list', '[]'],
    ['{}', '{}'],
    ['null', 'null'],
    [
      'entries of nulls',
      '[{"type":"STREAM","stream":{"stream_descriptor":{"name":"calls","namespace":null},"stream_state":null},"global":null,"data":null,"sourceStats":null}]',
    ],
  ])('takes a state file with %s for a start', async (_, text) => {
    const place = await openSourcePlace({ calls: 5 }, { semarize_api_key: null });
    const { path } = await discoverCatalog(place);
    const state = join(place.folder, 'state.json');
    await writeFile(state, text);
    const ended = await runSource(['read', '--config', place.config, '--catalog', path, '--state', state]);
    expect(ended.code).toBe(0);
    expect(recordsOf(messagesOf(ended)).length).toBeGreaterThan(0);
  });

  it.each([
    ['is not there', undefined, 'There is no state file nosuch.json'],
    ['has no byte', '', 'The state file nosuch.json cannot be used: it is empty'],
    ['is blank', ' \n\t', 'The state file nosuch.json cannot be used: it is empty'],
  ])('refuses a state file that %s: taken for a first read it would buy runs again', async (_, text, words) => {
    const place = await openSourcePlace();
    const { path } = await discoverCatalog(place);
    if (text !== undefined) await writeFile(join(place.folder, 'nosuch.json'), text);
    const asked = place.sandbox.ledger.requests.length;
    const args = ['read', '--config', place.config, '--catalog', path, '--state', 'nosuch.json'];
    const ended = await runSource(args, { cwd: place.folder });
    expect([ended.code, ended.stderr]).toEqual([2, '']);
    const [error, ...more] = errorsOf(messagesOf(ended));
    expect(more).toEqual([]);
    expect(error).toMatchObject({ failure_type: 'config_error', message: expect.stringContaining(words) });
    for (const step of ['on a first run leave --state out', 'restore the file', 'paid runs again'])
      expect(error?.['message']).toContain(step);
    expect(place.sandbox.ledger.requests.length).toBe(asked);
  });

  it('passes over a state that the command has no use for', async () => {
    const { config } = await openSourcePlace();
    for (const command of ['check', 'discover'])
      expect((await runSource([command, '--config', config, '--state', 'nosuch.json'])).code).toBe(0);
  });

  it.each([
    ['a broken state', { state: '[{"type":"STREAM"' }],
    ['an old state', { state: '{"calls":{"cursor":1}}' }],
    ['a broken catalog', { catalog: '{' }],
    ['an empty catalog', { catalog: '' }],
    [
      'an unknown sync mode',
      {
        catalog:
          '{"streams":[{"stream":{"name":"calls","json_schema":{}},"sync_mode":"INVALID","destination_sync_mode":"append"}]}',
      },
    ],
    ['a broken config', { config: '{"a":' }],
    ['a wrong config', { config: '{}' }],
    ['an empty config', { config: '' }],
  ])(
    'refuses %s before it asks anybody anything',
    async (_, files: { config?: string; catalog?: string; state?: string }) => {
      const place = await openSourcePlace();
      const { path } = await discoverCatalog(place);
      const paths = { config: place.config, catalog: path, state: join(place.folder, 'state.json') };
      await writeFile(paths.state, '[]');
      for (const [flag, text] of Object.entries(files)) await writeFile(paths[flag as keyof typeof paths], text);
      const asked = place.sandbox.ledger.requests.length;
      const ended = await runSource([
        'read',
        '--config',
        paths.config,
        '--catalog',
        paths.catalog,
        '--state',
        paths.state,
      ]);
      expect(ended.code).toBe(2);
      const messages = messagesOf(ended);
      expect(errorsOf(messages)).toHaveLength(1);
      expect(errorsOf(messages)[0]?.['failure_type']).toBe('config_error');
      expect(place.sandbox.ledger.requests.length).toBe(asked);
    },
  );

  it.each([
    ['no command', []],
    ['an unknown command', ['sync']],
    ['an unknown flag', ['read', '--confg', 'x']],
    ['no config', ['read']],
  ])('answers %s with one error and 2', async (_, args) => {
    const ended = await runSource(args);
    expect(ended.code).toBe(2);
    expect(errorsOf(messagesOf(ended)).map(({ failure_type }) => failure_type)).toEqual(['config_error']);
  });

  it('reads the other streams when one is unknown, and fails with its name', async () => {
    const place = await openSourcePlace({ calls: 5 });
    const { streams } = await discoverCatalog(place);
    const chosen = [{ name: 'emails', json_schema: {} }, streams[0]].map((stream) => ({
      stream,
      sync_mode: 'incremental',
      destination_sync_mode: 'append',
    }));
    const path = await writeJson(place.folder, 'chosen.json', { streams: chosen });
    const ended = await runSource(['read', '--config', place.config, '--catalog', path]);
    expect(ended.code).toBe(2);
    const messages = messagesOf(ended);
    expect(statusesOf(messages)).toEqual([
      'emails STARTED',
      'emails INCOMPLETE',
      'calls STARTED',
      'calls RUNNING',
      'calls COMPLETE',
    ]);
    expect(errorsOf(messages)).toMatchObject([{ failure_type: 'config_error', stream_descriptor: { name: 'emails' } }]);
    expect(messages.at(-1)?.['type']).toBe('TRACE');
    expect(recordsOf(messages).length).toBeGreaterThan(0);
  });

  it('repeats no secret, even where it names what somebody else wrote', async () => {
    const place = await openSourcePlace({ calls: 1 });
    const secret = String(place.settings['gong_access_key_secret']);
    const chosen = [{ stream: { name: secret, json_schema: {} }, sync_mode: 'incremental' }];
    const path = await writeJson(place.folder, 'chosen.json', { streams: chosen });
    const ended = await runSource(['read', '--config', place.config, '--catalog', path]);
    const [error] = errorsOf(messagesOf(ended));
    expect(error?.['message']).toContain('there is no stream "[redacted]"');
  });

  it('says that it waits, until when, and for which streams, before it waits', async () => {
    const place = await openSourcePlace({ calls: 5 }, { semarize_api_key: null });
    place.sandbox.faults.add({ on: 'POST /v2/calls/extensive', do: faultAnswers.tooManyRequests({ retryAfter: '6' }) });
    const { path } = await discoverCatalog(place);
    const before = Date.now();
    let told = Number.NaN;
    const ended = await runNode([sourceBin, 'read', '--config', place.config, '--catalog', path], {
      onOutput: (_, stdout) => {
        if (Number.isNaN(told) && stdout.includes('RATE_LIMITED')) told = Date.now();
      },
    });
    const waiting = payloadsOf(messagesOf(ended), 'TRACE').flatMap(({ stream_status: status }) =>
      isJsonObject(status) && status['reasons'] !== undefined ? [status] : [],
    );
    expect(waiting.map(({ stream_descriptor: stream, status }) => [stream, status])).toEqual([
      [{ name: 'calls' }, 'RUNNING'],
      [{ name: 'transcripts' }, 'RUNNING'],
    ]);
    const [{ reasons } = {}] = waiting;
    const reset = (reasons as { rate_limited: { quota_reset: number } }[])[0]?.rate_limited.quota_reset ?? 0;
    expect(reset).toBeGreaterThanOrEqual(before + 6000);
    // While it waits, not afterwards.
    expect(told).toBeLessThan(reset);
    expect(statusesOf(messagesOf(ended))).toContain('calls COMPLETE');
  });

  it('reads only what was chosen', async () => {
    const place = await openSourcePlace({ calls: 5 });
    const { streams } = await discoverCatalog(place);
    const path = await writeJson(place.folder, 'chosen.json', {
      streams: [{ stream: streams[1], sync_mode: 'full_refresh', destination_sync_mode: 'append' }],
    });
    const messages = messagesOf(await runSource(['read', '--config', place.config, '--catalog', path]));
    expect(new Set(recordsOf(messages).map(({ stream }) => stream))).toEqual(new Set(['transcripts']));
    expect(place.sandbox.ledger.posts).toBe(0);
  });

  it('reads everything again in a full refresh, but never buys a run again', async () => {
    const place = await openSourcePlace({ calls: 8 });
    const { path } = await discoverCatalog(place, { sync_mode: 'full_refresh' });
    const first = messagesOf(await runSource(['read', '--config', place.config, '--catalog', path]));
    const { posts } = place.sandbox.ledger;
    expect(posts).toBeGreaterThan(0);
    const states = await writeJson(place.folder, 'state.json', lastStates(first));
    const again = messagesOf(await runSource(['read', '--config', place.config, '--catalog', path, '--state', states]));
    const rows = (messages: JsonObject[]) =>
      recordsOf(messages)
        .filter(({ stream }) => stream !== 'semarize_runs')
        .map(keyOf)
        .sort();
    expect([...new Set(rows(again))]).toEqual([...new Set(rows(first))]);
    expect(place.sandbox.ledger.posts).toBe(posts);
  });

  it('dies by SIGTERM with whole lines behind it', async () => {
    const place = await openSourcePlace({ calls: 300 }, { gong_requests_per_second: 2, semarize_concurrency: 2 });
    const { path } = await discoverCatalog(place);
    let sent = false;
    const ended = await runNode([sourceBin, 'read', '--config', place.config, '--catalog', path], {
      onOutput: (child, stdout) => {
        if (sent || !stdout.includes('"RECORD"')) return;
        sent = true;
        child.kill('SIGTERM');
      },
    });
    expect([ended.code, ended.signal, ended.stderr]).toEqual([null, 'SIGTERM', '']);
    const messages = messagesOf(ended);
    expect(statusesOf(messages)).toContain('calls INCOMPLETE');
    expect(statesOf(messages).length).toBeGreaterThan(0);
    expect(errorsOf(messages)).toEqual([]);
  });

  it('stops spending when nobody reads it any more, with one line and no stack', async () => {
    const place = await openSourcePlace({ calls: 200 }, { semarize_concurrency: 1 });
    const { path } = await discoverCatalog(place);
    const child = spawn(process.execPath, [sourceBin, 'read', '--config', place.config, '--catalog', path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += String(text);
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^source-gong-semarize: the (reader of our output hung up|output was closed)\n$/);
    expect(place.sandbox.ledger.distinctRuns).toBeLessThan(50);
  });

  it('delivers everything to a slow reader', async () => {
    const place = await openSourcePlace({ calls: 60 }, { semarize_api_key: null });
    const { path } = await discoverCatalog(place);
    const quick = await runSource(['read', '--config', place.config, '--catalog', path]);
    const slow = await runSource(['read', '--config', place.config, '--catalog', path], {
      onOutput: (child) => {
        child.stdout?.pause();
        setTimeout(() => child.stdout?.resume(), 30);
      },
    });
    expect(slow.code).toBe(0);
    const rows = (ended: { stdout: string }) => recordsOf(messagesOf(ended)).map(keyOf);
    expect(rows(slow)).toEqual(rows(quick));
    expect(rows(slow).length).toBeGreaterThan(60);
  });
});
