// destination-duckdb as a process, on real files; what was stored is asked of DuckDB by another process than the one that wrote.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { openForReading, openForWriting } from '../../../src/duckdb/connection.ts';
import { runAirbyteDestination } from '../../../src/hosts/airbyte/destination.ts';
import { openFolder, writeJson } from '../../support/folder.ts';
import { openProgram } from '../../support/program-io.ts';
import { root, runGongElt } from '../../support/run-node.ts';
import { destinationBin, errorsOf, messagesOf, payloadsOf, runDestination } from './bins.ts';

const schema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    n: { type: ['null', 'integer'] },
    title: { type: ['null', 'string'] },
    at: { type: ['null', 'string'], format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
    more: { type: ['null', 'object'] },
  },
};
const stream = (name: string, extra: JsonObject = {}) => ({
  stream: { name, json_schema: schema, supported_sync_modes: ['full_refresh', 'incremental'] },
  sync_mode: 'incremental',
  destination_sync_mode: 'append_dedup',
  primary_key: [['id']],
  cursor_field: ['n'],
  ...extra,
});

const record = (name: string, data: JsonObject, extra: JsonObject = {}) =>
  JSON.stringify({ type: 'RECORD', record: { stream: name, data, emitted_at: 1_760_000_000_000, ...extra } });
const state = (name: string, content: JsonValue, extra: JsonObject = {}) =>
  JSON.stringify({
    type: 'STATE',
    state: { type: 'STREAM', stream: { stream_descriptor: { name }, stream_state: content }, ...extra },
  });

interface Place {
  readonly folder: string;
  readonly db: string;
  readonly args: readonly string[];
  rows(sql: string): Promise<Record<string, unknown>[]>;
}

async function openPlace(
  streams: JsonObject[] = [stream('calls'), stream('deals')],
  config: JsonObject = {},
): Promise<Place> {
  const folder = await openFolder();
  const db = join(folder, 'w.duckdb');
  const configPath = await writeJson(folder, 'config.json', { path: db, ...config });
  const catalog = await writeJson(folder, 'catalog.json', { streams });
  return {
    folder,
    db,
    args: ['write', '--config', configPath, '--catalog', catalog],
    async rows(sql) {
      const database = await openForReading(db);
      try {
        return await database.exclusive((session) => session.rows(sql));
      } finally {
        await database.close();
      }
    },
  };
}

const write = (place: Place, lines: readonly string[]) =>
  runDestination(place.args, { input: lines.map((line) => `${line}\n`).join('') });
const echoed = (ended: { stdout: string }) => ended.stdout.split('\n').filter((line) => line.includes('"STATE"'));
const warnings = (ended: { stdout: string }) =>
  payloadsOf(messagesOf(ended), 'LOG')
    .filter(({ level }) => level === 'WARN')
    .map(({ message }) => String(message));

describe('spec and check', () => {
  it('spec names the settings and the modes that work', async () => {
    const ended = await runDestination(['spec']);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const [spec, ...more] = payloadsOf(messagesOf(ended), 'SPEC');
    expect(more).toEqual([]);
    expect(spec).toMatchObject({
      supported_destination_sync_modes: ['overwrite', 'append', 'append_dedup'],
      connectionSpecification: { required: ['path'] },
    });
  });

  it('check succeeds where it could write, and leaves nothing behind', async () => {
    const folder = await openFolder();
    const config = await writeJson(folder, 'config.json', { path: join(folder, 'w.duckdb') });
    const ended = await runDestination(['check', '--config', config]);
    expect(ended.code).toBe(0);
    expect(payloadsOf(messagesOf(ended), 'CONNECTION_STATUS', 'connectionStatus')).toEqual([
      { status: 'SUCCEEDED', message: 'ok' },
    ]);
    expect(await readdir(folder)).toEqual(['config.json']);
  });

  it('check fails in words, and with 0, on a folder that is not there, an unknown setting, and a file that is no database', async () => {
    const folder = await openFolder();
    await writeFile(join(folder, 'text.duckdb'), 'x'.repeat(10_000));
    const statusOf = async (config: JsonObject) => {
      const ended = await runDestination(['check', '--config', await writeJson(folder, 'config.json', config)]);
      expect(ended.code).toBe(0);
      const [status] = payloadsOf(messagesOf(ended), 'CONNECTION_STATUS', 'connectionStatus');
      expect(status?.['status']).toBe('FAILED');
      return String(status?.['message']);
    };
    expect(await statusOf({ path: join(folder, 'none', 'w.duckdb') })).toContain(join(folder, 'none'));
    expect(await statusOf({})).toContain('path is required');
    expect(await statusOf({ path: join(folder, 'text.duckdb') })).toContain('text.duckdb');
  });

  it('check says who holds the file', async () => {
    const place = await openPlace();
    const holder = await openForWriting(place.db, { folders: [], spillFolder: join(place.folder, 'spill') });
    const ended = await runDestination(['check', ...place.args.slice(1, 3)]);
    await holder.close();
    const [status] = payloadsOf(messagesOf(ended), 'CONNECTION_STATUS', 'connectionStatus');
    expect(status?.['status']).toBe('FAILED');
    expect(status?.['message']).toContain(String(process.pid));
  });
});

describe('write', () => {
  it('stores rows with their types and what the host adds, and sends each state back behind them', async () => {
    const place = await openPlace();
    const lines = [
      JSON.stringify({ type: 'LOG', log: { level: 'INFO', message: 'from the source' } }),
      record('calls', { id: '1', n: 12345678901, title: 'a', at: '2026-01-02T03:04:05.678Z', more: { x: [1] } }),
      record('calls', { id: '1', n: 12345678900, title: 'older' }),
      record('deals', { id: 'd', n: null, title: null }, { namespace: null, emitted_at: 1_760_000_000, meta: null }),
      state('calls', { big: 1, c: 'x' }, { id: 7, sourceStats: { recordCount: 2 } }),
      state('deals', { c: 1 }),
      record('calls', { id: '2', n: 1, title: 'b' }),
      state('calls', { c: 'y' }),
    ];
    const ended = await write(place, lines);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    messagesOf(ended);
    const withCount = (line: string | undefined, count: number) =>
      line?.replace(/\}\}$/, `,"destinationStats":{"recordCount":${count}.0}}}`);
    expect(echoed(ended)).toEqual([withCount(lines[4], 2), withCount(lines[5], 1), withCount(lines[7], 1)]);
    expect(
      await place.rows(
        `SELECT id, n, title, more, epoch_ms("at") AS started, epoch_ms(_airbyte_extracted_at) AS extracted FROM calls ORDER BY id`,
      ),
    ).toEqual([
      { id: '1', n: 12345678901, title: 'a', more: '{"x":[1]}', started: 1767323045678, extracted: 1_760_000_000_000 },
      { id: '2', n: 1, title: 'b', more: null, started: null, extracted: 1_760_000_000_000 },
    ]);
    expect(await place.rows('SELECT id, epoch_ms(_airbyte_extracted_at) AS extracted FROM deals')).toEqual([
      { id: 'd', extracted: 1_760_000_000_000 },
    ]);
  });

  it('gives states back byte for byte', async () => {
    const place = await openPlace();
    const sent =
      '{"type":"STATE", "state":{"id":12345678901234567890,"type":"STREAM","stream":{"stream_descriptor":{"name":"calls"},"stream_state":{"n":98765432109876543210,"e":"\\u00e9 é"}},"kept":[ 1 ]}}';
    const ended = await write(place, [sent]);
    expect(echoed(ended)).toEqual([`${sent.slice(0, -2)},"destinationStats":{"recordCount":0.0}}}`]);
  });

  it('appends where it is asked to, and counts records without a key as refused where it is not', async () => {
    const place = await openPlace([
      stream('calls'),
      stream('log', { destination_sync_mode: 'append', primary_key: [] }),
    ]);
    const ended = await write(place, [
      record('log', { id: '1' }),
      record('log', { id: '1' }),
      record('calls', { id: '1' }),
      record('calls', { title: 'no key' }),
      state('calls', { c: 1 }),
    ]);
    expect(ended.code).toBe(0);
    expect(echoed(ended)[0]).toContain('"destinationStats":{"recordCount":1.0,"rejectedRecordCount":1.0}');
    expect(await place.rows('SELECT (SELECT count(*) FROM log) AS log, (SELECT count(*) FROM calls) AS calls')).toEqual(
      [{ log: 2, calls: 1 }],
    );
    expect(warnings(ended).join('\n')).toContain('without_key=1');
  });

  it('makes the tables of streams that bring nothing', async () => {
    const place = await openPlace();
    expect((await write(place, [])).code).toBe(0);
    expect(await place.rows('SELECT count(*) AS n FROM deals')).toEqual([{ n: 0 }]);
  });

  it('keeps digits, emoji and odd names that a careless reader would change', async () => {
    const place = await openPlace([
      stream('wéird "name"', {
        stream: {
          name: 'wéird "name"',
          json_schema: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              Id: { type: 'string' },
              'a b': { type: 'number' },
              big: { type: 'integer' },
              note: { type: 'string' },
            },
          },
        },
      }),
    ]);
    const data =
      '{"id":"1","Id":"2","a b":0.8333333333333334,"big":12345678901234567890123,"note":"\\ud83d\\ude00 \\ud83d","_airbyte_raw_id":"x"}';
    const ended = await write(place, [
      `{"type":"RECORD","record":{"stream":"wéird \\"name\\"","data":${data},"emitted_at":1760000000000}}`,
    ]);
    expect(ended.code, ended.stdout).toBe(0);
    const [row] = await place.rows('SELECT * FROM "wéird ""name"""');
    expect(Object.values(row ?? {}).map(String)).toEqual(
      expect.arrayContaining(['1', '2', '0.8333333333333334', '12345678901234567890123', '😀 \ufffd']),
    );
  });

  it('tells of what it leaves out, once each, and goes on', async () => {
    const place = await openPlace();
    const ended = await write(place, [
      'Loading configuration…',
      record('nobody', { id: '1' }),
      record('nobody', { id: '2' }),
      JSON.stringify({ type: 'PING' }),
      JSON.stringify({ type: 'PING' }),
      record('calls', { id: '1' }),
      state('calls', { c: 1 }),
    ]);
    expect(ended.code).toBe(0);
    expect(echoed(ended)).toHaveLength(1);
    expect(warnings(ended)).toEqual([
      'line 1 is left out: not one JSON object',
      'records of "nobody" are left out: the catalog has no such stream',
      'messages of type "PING" are left out: this version does nothing with them',
      'lines that are no messages were left out lines=1',
      'records of streams that were not chosen were left out records=2',
      'messages of types that we do nothing with were left out messages=2',
    ]);
  });

  it('fails at the end when a message could not be read, with everything else stored', async () => {
    const place = await openPlace();
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const ended = await write(place, [
      record('calls', { id: '1' }),
      '{"type":"RECORD","record":{"stream":"calls","data":{"id":"canary sentence"',
      `{"type":"RECORD","record":{"stream":"calls","data":{"id":"2","more":${deep}}}}`,
      record('calls', { id: '3' }),
      state('calls', { c: 1 }),
    ]);
    expect(ended.code).toBe(1);
    expect(errorsOf(messagesOf(ended))).toMatchObject([
      {
        failure_type: 'system_error',
        message: expect.stringContaining('2 messages could not be read, the first in line 2'),
      },
    ]);
    expect(warnings(ended).slice(0, 2)).toEqual([
      'line 2 is left out: not one JSON object',
      'line 3 is left out: nested deeper than 256 levels',
    ]);
    expect(ended.stdout).not.toContain('canary');
    expect(echoed(ended)).toHaveLength(1);
    expect(await place.rows('SELECT id FROM calls ORDER BY id')).toEqual([{ id: '1' }, { id: '3' }]);
  });

  it.each([
    [
      'a mode of other destinations',
      [stream('calls', { destination_sync_mode: 'update' })],
      'streams[0].destination_sync_mode',
    ],
    ['append_dedup without a key', [stream('calls', { primary_key: [] })], 'primary key'],
    [
      'ids that mean nothing',
      [stream('calls', { generation_id: 3, minimum_generation_id: 2 })],
      'minimum_generation_id',
    ],
    ['a minimum without a generation', [stream('calls', { minimum_generation_id: 1 })], 'minimum_generation_id'],
    ['a stream twice', [stream('calls'), stream('calls')], 'second time'],
  ])('refuses %s before it reads, and creates nothing', async (_, streams, words) => {
    const place = await openPlace(streams);
    const ended = await write(place, [record('calls', { id: '1' }), state('calls', { c: 1 })]);
    expect(ended.code).toBe(2);
    const errors = errorsOf(messagesOf(ended));
    expect(errors).toMatchObject([{ failure_type: 'config_error', message: expect.stringContaining(words) }]);
    expect(echoed(ended)).toEqual([]);
    expect((await readdir(place.folder)).sort()).toEqual(['catalog.json', 'config.json']);
  });

  it('takes the first generation of a host that numbers every run 1', async () => {
    const place = await openPlace([stream('calls', { generation_id: 1, minimum_generation_id: 1, sync_id: 1 })]);
    for (const id of ['1', '2']) expect((await write(place, [record('calls', { id })])).code).toBe(0);
    expect(await place.rows('SELECT id, _airbyte_generation_id AS generation FROM calls ORDER BY id')).toEqual([
      { id: '1', generation: 1 },
      { id: '2', generation: 1 },
    ]);
  });

  it('L15 takes a folder for a lake and a file for a DuckDB file, as every other face does', async () => {
    const folder = await openFolder();
    const catalog = await writeJson(folder, 'catalog.json', { streams: [stream('calls')] });
    const load = async (path: string, lines = [record('calls', { id: '1', n: 1 })]) => {
      const config = await writeJson(folder, 'config.json', { path });
      const input = lines.map((line) => `${line}\n`).join('');
      return await runDestination(['write', '--config', config, '--catalog', catalog], { cwd: folder, input });
    };
    for (const path of ['lake', 'w.db', 'w.ddb']) expect((await load(path)).code, path).toBe(0);
    const read = await runGongElt(['query', '--from', 'lake', '--json', 'SELECT id, n FROM calls'], { cwd: folder });
    expect([read.code, read.stdout], read.stderr).toEqual([0, expect.stringContaining('"id":"1"')]);
    for (const path of ['w.db', 'w.ddb']) {
      const database = await openForReading(join(folder, path));
      const rows = await database.exclusive((session) => session.rows('SELECT id FROM calls'));
      await database.close();
      expect(rows, path).toEqual([{ id: '1' }]);
    }
    await writeJson(folder, 'catalog.json', { streams: [stream('calls', { destination_sync_mode: 'overwrite' })] });
    const replaced = await load('lake', [record('calls', { id: '2', n: 2 }), state('calls', { c: 1 })]);
    expect(replaced.code, replaced.stdout).toBe(0);
    const again = await runGongElt(['query', '--from', 'lake', '--json', 'SELECT id FROM calls'], { cwd: folder });
    expect(again.stdout).toContain('"id":"2"');
    expect(again.stdout).not.toContain('"id":"1"');
    const far = await load('gs://bucket/lake');
    expect([far.code, errorsOf(messagesOf(far))]).toMatchObject([2, [{ failure_type: 'config_error' }]]);
  });

  it('ends with 8 and nothing echoed when another program holds the file', async () => {
    const place = await openPlace();
    const holder = await openForWriting(place.db, { folders: [], spillFolder: join(place.folder, 'spill') });
    const ended = await write(place, [record('calls', { id: '1' }), state('calls', { c: 1 })]);
    await holder.close();
    expect(ended.code).toBe(8);
    expect(errorsOf(messagesOf(ended))).toMatchObject([
      { failure_type: 'transient_error', message: expect.stringContaining(String(process.pid)) },
    ]);
    expect(echoed(ended)).toEqual([]);
  });

  it('commits and answers what it has when SIGTERM comes, then dies by it, while its input stays open', async () => {
    const place = await openPlace();
    const child = spawn(process.execPath, [destinationBin, ...place.args], { stdio: ['pipe', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    const closed = once(child, 'close');
    child.stdin.on('error', () => {});
    // A line of a type that is told of shows that the lines before it were taken in.
    child.stdin.write(
      [
        record('calls', { id: '1' }),
        state('calls', { c: 1 }),
        record('calls', { id: '2' }),
        '{"type":"MARK"}',
        '{"type":"RECORD","rec',
      ].join('\n'),
    );
    while (!stdout.includes('MARK')) await once(child.stdout, 'data');
    expect(echoed({ stdout })).toEqual([]);
    child.kill('SIGTERM');
    expect(await closed).toEqual([null, 'SIGTERM']);
    expect(echoed({ stdout })).toHaveLength(1);
    messagesOf({ stdout });
    expect(await place.rows('SELECT id FROM calls ORDER BY id')).toEqual([{ id: '1' }, { id: '2' }]);
    expect((await readdir(place.folder)).sort()).toEqual(['catalog.json', 'config.json', 'w.duckdb']);
  });

  it('stops with one line and no stack when nobody reads its answers', async () => {
    const place = await openPlace(undefined, { batch_bytes: 1_000_000 });
    const child = spawn(process.execPath, [destinationBin, ...place.args], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += String(text);
    });
    child.stdout.destroy();
    child.stdin.on('error', () => {});
    const batch = `${record('calls', { id: '1', title: 'x'.repeat(100_000) })}\n${state('calls', { c: 1 })}\n`.repeat(
      20,
    );
    const flood = setInterval(() => child.stdin.writable && child.stdin.write(batch), 20);
    const [code] = await once(child, 'close');
    clearInterval(flood);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^destination-duckdb: the (reader of our output hung up|output was closed)\n$/);
  });

  it.each([
    'loader:before-commit',
    'duckdb:before-state',
    'duckdb:before-commit',
    'duckdb:after-commit',
    'loader:after-commit',
    'loader:after-acknowledge',
  ])('has stored what it answered when it was killed at %s, and a second try completes it', async (crashAt) => {
    const place = await openPlace(undefined, { batch_bytes: 1_000_000 });
    const rounds = [1, 2, 3, 4].map((round) => [
      ...Array.from({ length: 12 }, (_, i) =>
        record('calls', { id: `${round}-${i}`, n: round, title: 'x'.repeat(100_000) }),
      ),
      record('deals', { id: `${round}` }),
      state('calls', { round }),
      state('deals', { round }),
    ]);
    const killed = await runUntilKilled(place, crashAt, `${rounds.flat().join('\n')}\n`);
    expect(killed.signal).toBe('SIGKILL');
    const answered = (name: string) => echoed(killed).filter((line) => line.includes(`"name":"${name}"`)).length;
    expect(answered('calls')).toBeGreaterThan(0);
    expect(answered('calls')).toBeLessThan(4);
    const stored = await place.rows('SELECT count(*)::INTEGER AS rows, count(DISTINCT id)::INTEGER AS ids FROM calls');
    expect(Number(stored[0]?.['ids'])).toBeGreaterThanOrEqual(12 * answered('calls'));
    expect(stored[0]?.['rows']).toBe(stored[0]?.['ids']);
    expect((await place.rows('SELECT count(*)::INTEGER AS n FROM deals'))[0]?.['n']).toBeGreaterThanOrEqual(
      answered('deals'),
    );
    // The host gives the source its last answered state, and sends what comes behind it.
    const rest = rounds.slice(Math.min(answered('calls'), answered('deals'))).flat();
    const ended = await write(place, rest);
    expect(ended.code, ended.stdout).toBe(0);
    expect(
      await place.rows(
        'SELECT count(*)::INTEGER AS rows, count(DISTINCT id)::INTEGER AS ids, (SELECT count(*)::INTEGER FROM deals) AS deals FROM calls',
      ),
    ).toEqual([{ rows: 48, ids: 48, deals: 4 }]);
  });
});

describe('an input that is cut off', () => {
  it('counts up to its last whole line, at whatever byte the writer died', async () => {
    const lines = [
      record('calls', { id: '1' }),
      state('calls', { c: 1 }),
      record('calls', { id: 'é' }),
      state('calls', { c: 2 }),
    ];
    const whole = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    const folder = await openFolder();
    const catalog = await writeJson(folder, 'catalog.json', {
      streams: [stream('calls', { destination_sync_mode: 'append' })],
    });
    // At each byte of the second record and around each line's end, elsewhere now and then.
    const ends = lines.map((_, i) => Buffer.byteLength(lines.slice(0, i + 1).join('\n')));
    const [, second = 0, third = 0] = ends;
    const cuts = Array.from({ length: whole.length + 1 }, (_, cut) => cut).filter(
      (cut) => cut % 11 === 0 || (cut >= second && cut <= third) || ends.some((end) => Math.abs(end - cut) <= 2),
    );
    for (const cut of cuts) {
      const path = join(folder, `${cut}.duckdb`);
      const config = await writeJson(folder, 'config.json', { path });
      const { code, stdout } = await runHere(
        ['write', '--config', config, '--catalog', catalog],
        whole.subarray(0, cut),
      );
      const complete = lines.filter((_, i) => Buffer.byteLength(lines.slice(0, i + 1).join('\n')) <= cut);
      const isTorn = Buffer.byteLength(complete.join('\n')) < cut - 1;
      expect(code, `cut at ${cut}`).toBe(isTorn ? 1 : 0);
      expect(errorsOf(messagesOf({ stdout })).length, `cut at ${cut}`).toBe(isTorn ? 1 : 0);
      expect(echoed({ stdout }).length, `cut at ${cut}`).toBe(
        complete.filter((line) => line.includes('"STATE"')).length,
      );
      const database = await openForReading(path);
      const [count] = await database.exclusive((session) => session.rows('SELECT count(*)::INTEGER AS n FROM calls'));
      await database.close();
      expect(count?.['n'], `cut at ${cut}`).toBe(complete.filter((line) => line.includes('"RECORD"')).length);
    }
  }, 120_000);
});

/** Kills it the fourth time that it comes to the crash point: by then it has answered something. */
async function runUntilKilled(place: Place, crashAt: string, input: string) {
  const child = spawn(process.execPath, [join(root, 'test/cli/fixtures/killed-destination.mjs'), ...place.args], {
    env: { ...process.env, CRASH_AT: crashAt, PASSES: '4' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  // It dies before it has read everything.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [, signal] = await once(child, 'close');
  return { signal: signal as NodeJS.Signals | null, stdout };
}

/** The destination in this process. */
async function runHere(argv: readonly string[], input: Buffer): Promise<{ code: number; stdout: string }> {
  const stdin = Readable.from(input.length === 0 ? [] : [input]);
  const { io, stdout } = openProgram({ argv, stdin });
  const code = await runAirbyteDestination(io, 'destination-duckdb');
  return { code, stdout: stdout() };
}
