// The Singer target as a process: what it stores, when it prints a state, and how it ends.
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { openForReading, openForWriting } from '../../../src/duckdb/connection.ts';
import { openFolder, writeJson } from '../../support/folder.ts';
import { runGongElt } from '../../support/run-node.ts';
import { runTarget, toInput } from './bins.ts';

const text = { type: ['null', 'string'] };
const schema: JsonObject = {
  type: 'SCHEMA',
  stream: 'deals',
  schema: {
    type: 'object',
    properties: { id: { type: 'string' }, amount: { type: ['null', 'integer'] }, at: { ...text, format: 'date-time' } },
    required: ['id'],
  },
  key_properties: ['id'],
};
const deal = (id: string, amount: unknown = 1, more: JsonObject = {}): JsonObject => ({
  type: 'RECORD',
  stream: 'deals',
  record: { id, amount: amount as number, at: '2026-01-02T03:04:05+02:00' },
  time_extracted: '2026-01-03T00:00:00Z',
  ...more,
});
const state = (n: number): JsonObject => ({ type: 'STATE', value: { n } });

async function openTarget(settings: JsonObject = {}) {
  const folder = await openFolder();
  const path = join(folder, 'w.duckdb');
  const config = await writeJson(folder, 'config.json', { path, ...settings });
  return {
    folder,
    path,
    config,
    load: (messages: readonly JsonObject[] | string) =>
      runTarget(['--config', config], { input: typeof messages === 'string' ? messages : toInput(messages) }),
    async rows(sql: string) {
      const database = await openForReading(path);
      return await database.exclusive((session) => session.rows(sql)).finally(() => database.close());
    },
  };
}

const ids = 'SELECT id, amount FROM deals ORDER BY id, amount';

describe('rows', () => {
  test('are the newest of each key, and the state behind them is printed once', async () => {
    const { load, rows } = await openTarget();
    const ended = await load([schema, deal('a'), deal('b'), state(1), deal('a', 5), state(2), state(2)]);
    expect(ended).toMatchObject({ code: 0, stdout: '{"n":2}\n' });
    expect(ended.stderr).not.toMatch(/error|exception/i);
    expect(await rows(ids)).toEqual([
      { id: 'a', amount: 5 },
      { id: 'b', amount: 1 },
    ]);
    expect((await load([schema, deal('a', 7), state(3)])).stdout).toBe('{"n":3}\n');
    expect(await rows('SELECT count(*)::INTEGER AS n, max(amount)::INTEGER AS most FROM deals')).toEqual([
      { n: 2, most: 7 },
    ]);
  });

  test('are appended when asked for it', async () => {
    const { load, rows } = await openTarget({ load_method: 'append-only' });
    expect((await load([schema, deal('a'), deal('a', 2)])).code).toBe(0);
    expect(await rows(ids)).toHaveLength(2);
  });

  test('get columns that say where they came from, in a file and in a lake', async () => {
    const columns = { add_metadata_columns: 'true' };
    const file = await openTarget(columns);
    const version = { version: 17 };
    expect((await file.load([schema, deal('a', 1, version), deal('b', 2, { time_extracted: null })])).code).toBe(0);
    const select =
      'id, _sdc_extracted_at::VARCHAR AS extracted, _sdc_received_at <= _sdc_batched_at AS in_order, _sdc_sequence > 1.7e12 AS sequence, _sdc_table_version AS version, _sdc_sync_started_at > 1.7e12 AS started';
    const wanted = [
      { id: 'a', extracted: '2026-01-03 00:00:00+00', in_order: true, sequence: true, version: 17, started: true },
      { id: 'b', extracted: null, in_order: true, sequence: true, version: null, started: true },
    ];
    expect(await file.rows(`SELECT ${select} FROM deals ORDER BY id`)).toEqual(wanted);

    const folder = await openFolder();
    const lake = await writeJson(folder, 'lake.json', { path: join(folder, 'lake'), ...columns });
    const input = toInput([schema, deal('a', 1, version)]);
    expect((await runTarget(['--config', lake], { input })).code).toBe(0);
    const { stdout } = await runGongElt([
      'query',
      `SELECT id, _sdc_table_version AS version FROM deals`,
      '--from',
      join(folder, 'lake'),
      '--format',
      'jsonl',
    ]);
    expect(stdout).toBe('{"id":"a","version":17}\n');
  });

  test('go into the schema that is asked for, or that the name of the stream names', async () => {
    const named = await openTarget({ default_target_schema: 'crm' });
    await named.load([schema, deal('a')]);
    expect(await named.rows('SELECT count(*)::INTEGER AS n FROM crm.deals')).toEqual([{ n: 1 }]);
    const split = await openTarget();
    await split.load([
      { ...schema, stream: 'crm-deals' },
      { ...deal('a'), stream: 'crm-deals' },
    ]);
    expect(await split.rows('SELECT count(*)::INTEGER AS n FROM crm.deals')).toEqual([{ n: 1 }]);
  });

  test('of twenty streams may come in any order', async () => {
    const { load, rows } = await openTarget();
    const names = Array.from({ length: 20 }, (_, n) => `deals_${n}`);
    const messages = names.map((stream) => ({ ...schema, stream }));
    for (let n = 0; n < 5; n++) for (const stream of names) messages.push({ ...deal(String(n)), stream });
    expect((await load([...messages, state(1)])).code).toBe(0);
    expect(
      await rows(`SELECT (${names.map((name) => `(SELECT count(*) FROM ${name})`).join(' + ')})::INTEGER AS n`),
    ).toEqual([{ n: 100 }]);
  });

  test('follow a schema that changes under way, and the table of a stream without records is there', async () => {
    const { load, rows } = await openTarget();
    const wider = { ...schema, schema: { properties: { id: text, amount: { type: 'number' }, name: text } } };
    const empty = { ...schema, stream: 'empty' };
    const ended = await load([
      schema,
      deal('a'),
      wider,
      { ...deal('b'), record: { id: 'b', amount: 1.5, name: 'x' } },
      empty,
    ]);
    expect(ended.code, ended.stderr).toBe(0);
    expect(await rows('SELECT id, amount, name FROM deals ORDER BY id')).toEqual([
      { id: 'a', amount: 1, name: null },
      { id: 'b', amount: 1.5, name: 'x' },
    ]);
    expect(await rows('SELECT count(*)::INTEGER AS n FROM empty')).toEqual([{ n: 0 }]);
  });
});

describe('what is broken', () => {
  test.each([
    [
      'a record without its key',
      { type: 'RECORD', stream: 'deals', record: { amount: 1 } },
      'a part of the key (id) is missing',
    ],
    ['a value that does not fit', deal('b', 'many'), 'a value does not fit column amount'],
  ])('%s ends the load, and nothing of its batch is stored', async (_, message, words) => {
    const { load, rows } = await openTarget();
    const ended = await load([schema, deal('a'), message as JsonObject, state(1)]);
    expect(ended).toMatchObject({ code: 7, stdout: '' });
    expect(ended.stderr).toContain(words);
    expect(ended.stderr).toContain('the first is the record in line 3 of the input');
    expect(await rows(ids)).toEqual([]);
  });

  test('ends the load into a lake as well', async () => {
    const folder = await openFolder();
    const lake = join(folder, 'lake');
    const config = await writeJson(folder, 'c.json', { path: lake });
    const keyless = { type: 'RECORD', stream: 'deals', record: { amount: 1 } };
    const ended = await runTarget(['--config', config], { input: toInput([schema, deal('a'), keyless, state(1)]) });
    expect(ended).toMatchObject({ code: 7, stdout: '' });
    expect(ended.stderr).toContain('a part of the key (id) is missing');
    const left = readdirSync(lake, { recursive: true, encoding: 'utf8' });
    expect(left.filter((name) => /\.(parquet|json)$/.test(name))).toEqual([]);
  });

  test('passes, and is counted, with validate_records: false', async () => {
    const { load, rows } = await openTarget({ validate_records: false });
    const keyless = { type: 'RECORD', stream: 'deals', record: { amount: 1 } };
    const ended = await load([schema, deal('a', 'many'), keyless, state(1)]);
    expect(ended).toMatchObject({ code: 0, stdout: '{"n":1}\n' });
    expect(ended.stderr).toContain('without_key=1 values_nulled=1');
    expect(await rows(ids)).toEqual([{ id: 'a', amount: null }]);
  });

  test.each([
    ['a record before its schema', '{"type":"RECORD","stream":"other","record":{"id":"x"}}', 'that no SCHEMA came for'],
    ['a line that is no message', 'INFO something', 'not one JSON object'],
    ['a BATCH', '{"type":"BATCH","stream":"deals"}', 'BATCH'],
  ])('%s ends the load; what came before is stored, and its state printed', async (_, line, words) => {
    const { load, rows } = await openTarget();
    const ended = await load(`${toInput([schema, deal('a'), state(1)])}${line}\n${toInput([deal('b'), state(2)])}`);
    expect(ended).toMatchObject({ code: 7, stdout: '{"n":1}\n' });
    expect(ended.stderr).toContain('Line 4 of the input');
    expect(ended.stderr).toContain(words);
    expect(await rows(ids)).toEqual([{ id: 'a', amount: 1 }]);
  });

  test('a last line that is torn, as a killed tap leaves it, takes nothing else along', async () => {
    const { load, rows } = await openTarget();
    const ended = await load(`${toInput([schema, deal('a'), state(1)])}{"type":"RECORD","stre`);
    expect(ended).toMatchObject({ code: 1, stdout: '{"n":1}\n' });
    expect(await rows(ids)).toEqual([{ id: 'a', amount: 1 }]);
  });

  test('a field that the schema forgot is not stored, and is named once', async () => {
    const { load, rows } = await openTarget();
    const extra = { ...deal('a'), record: { id: 'a', amount: 1, at: null, colour: 'red' } };
    const ended = await load([schema, extra, extra]);
    expect(ended.code).toBe(0);
    expect(ended.stderr.match(/the field "colour" is not in its schema/g)).toHaveLength(1);
    expect(await rows(ids)).toEqual([{ id: 'a', amount: 1 }]);
  });
});

describe('settings', () => {
  test.each<[string, JsonObject, string]>([
    ['no path', { path: null }, 'path is required'],
    ['a mode that is none', { load_method: 'replace' }, 'load_method must be'],
    ['a wrong type', { batch_size_rows: 'many' }, 'batch_size_rows must be'],
  ])('%s is an error with the next step, before anything is stored', async (_, settings, words) => {
    const { load, folder } = await openTarget(settings);
    const ended = await load([schema, deal('a')]);
    expect(ended.code).toBe(2);
    expect(ended.stderr.trimEnd().split('\n').at(-1)).toMatch(/^CRITICAL /);
    expect(ended.stderr).toContain(words);
    expect(readdirSync(folder)).toEqual(['config.json']);
  });

  test('that nobody gives, or in an empty file, are an error', async () => {
    const folder = await openFolder();
    await writeFile(join(folder, 'c.json'), '\n');
    const input = toInput([schema, deal('a')]);
    const empty = await runTarget(['--config', 'c.json'], { input, cwd: folder });
    expect(empty).toMatchObject({ code: 2, stdout: '' });
    expect(empty.stderr).toContain('CRITICAL The file c.json is empty');
    const none = await runTarget([], { input, cwd: folder });
    expect(none).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('There are no settings') });
  });

  test('of other targets are told and left alone; theirs for ours are taken', async () => {
    const folder = await openFolder();
    const config = await writeJson(folder, 'c.json', { destination_path: join(folder, 'w.duckdb'), stream_maps: {} });
    const ended = await runTarget(['--config', config], { input: toInput([schema, deal('a')]) });
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('stream_maps');
    expect(readdirSync(folder).sort()).toEqual(['c.json', 'w.duckdb']);
  });

  test('may come from the environment', async () => {
    const folder = await openFolder();
    const env = { TARGET_DUCKDB_PARQUET_PATH: join(folder, 'w.duckdb') };
    const ended = await runTarget(['--config', 'ENV'], { input: toInput([schema, deal('a')]), env });
    expect(ended.code, ended.stderr).toBe(0);
    expect(readdirSync(folder)).toEqual(['w.duckdb']);
  });
});

describe('the end', () => {
  test('a state is printed only when its rows are in the file, whatever comes after', async () => {
    const { config, rows } = await openTarget({ batch_size_rows: 3 });
    const first = toInput([schema, deal('a'), deal('b'), state(1), deal('c')]);
    const ended = await runTarget(['--config', config], {
      // More than a pipe holds, so that the target is in the middle of its input when it dies.
      input: first + toInput(Array.from({ length: 20_000 }, (_, n) => deal(`later ${n}`))),
      onOutput: (child, stdout) => {
        if (stdout.includes('\n')) child.kill('SIGKILL');
      },
    });
    expect(ended.signal).toBe('SIGKILL');
    expect(ended.stdout).toBe('{"n":1}\n');
    expect(await rows("SELECT count(*)::INTEGER AS n FROM deals WHERE id IN ('a', 'b')")).toEqual([{ n: 2 }]);
  });

  test('by SIGTERM: what came is stored, its state printed, and then by the signal', async () => {
    const { config, rows } = await openTarget({ batch_size_rows: 500 });
    const messages = Array.from({ length: 30_000 }, (_, n) => [
      deal(String(n)),
      ...(n % 10 === 9 ? [state(n + 1)] : []),
    ]);
    let sent = false;
    const ended = await runTarget(['--config', config], {
      input: toInput([schema, ...messages.flat()]),
      onOutput: (child) => {
        // Once: a second signal would end it at once.
        if (!sent) sent = child.kill('SIGTERM');
      },
    });
    expect(ended.signal).toBe('SIGTERM');
    const printed = ended.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { n: number }).n);
    const [{ n } = { n: 0 }] = await rows('SELECT count(*)::INTEGER AS n FROM deals');
    expect(Number(n)).toBeLessThan(30_000);
    // The last state is that of the last ten records: the rest is younger than any state.
    expect(printed.at(-1)).toBe(Math.floor(Number(n) / 10) * 10);
    expect(ended.stderr).toContain('stopped by SIGTERM');
  });

  test('a file that somebody else holds: 8, with who it is', async () => {
    const { load, path, folder } = await openTarget();
    const holder = await openForWriting(path, { spillFolder: join(folder, 'spill') });
    const ended = await load([schema, deal('a')]).finally(() => holder.close());
    expect(ended.code).toBe(8);
    expect(ended.stderr).toContain(`PID ${process.pid}`);
  });
});
