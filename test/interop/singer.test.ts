// The Singer world outside of Meltano: the SDK's own messages and checks, and taps and targets that others wrote.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { keptFolder, programOf, versionOf } from './environment.ts';
import { type Finished, run } from './run.ts';
import { openSandboxPlace, rowsOf } from './sandbox-place.ts';
import { noteVerified } from './verified.ts';

const bin = (name: string) => join(import.meta.dirname, '..', '..', 'dist', 'bin', `${name}.js`);
const sdk = versionOf('singer-sdk', 'singer-sdk');

async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-singer-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** @param to file or folder in `folder` */
async function load(folder: string, input: string, to = 'w.duckdb', settings: JsonObject = {}): Promise<Finished> {
  const config = join(folder, 'target.json');
  await writeFile(config, JSON.stringify({ path: join(folder, to), ...settings }));
  return await run(process.execPath, [bin('target-duckdb-parquet'), '--config', config], { input });
}

const streamsFolder = join(
  keptFolder,
  'singer-sdk/lib',
  readdirSync(join(keptFolder, 'singer-sdk/lib')).find((name) => name.startsWith('python')) ?? '',
  'site-packages/singer_sdk/testing/target_test_streams',
);
const fixture = (name: string) => readFileSync(join(streamsFolder, `${name}.singer`), 'utf8');

interface Expectation {
  /** Messages that were loaded before it. */
  readonly after?: string;
  /** SQL → rows. */
  readonly rows?: Readonly<Record<string, readonly unknown[][]>>;
  /** What is printed. */
  readonly states?: readonly string[];
  /** It is refused with this. */
  readonly refusal?: string;
}

/** What the SDK's tests of targets want, and the tables of them: names in quotes are as the stream spells them. */
const expectations: Readonly<Record<string, Expectation>> = {
  array_data: {
    rows: {
      'SELECT id, json_array_length(fruits)::INTEGER, fruits->>0 FROM test_array_data ORDER BY id': [
        [1, 3, 'apple'],
        [2, 2, 'banana'],
        [3, 1, 'pear'],
        [4, 4, 'orange'],
      ],
    },
    states: ['{"test_array_data": 4}'],
  },
  camelcase: {
    rows: { 'SELECT "Id", "clientName" FROM "TestCamelcase" WHERE "Id" = \'2\'': [['2', 'Gitter iOS App']] },
  },
  camelcase_complex_schema: {
    rows: {
      'SELECT count(*)::INTEGER FROM "ForecastingTypeToCategory"': [[0]],
      "SELECT data_type FROM duckdb_columns() WHERE table_name = 'ForecastingTypeToCategory' AND column_name = 'IsDeleted'":
        [['BOOLEAN']],
    },
  },
  duplicate_records: {
    rows: {
      'SELECT id, metric FROM test_duplicate_records ORDER BY id': [
        [1, 100],
        [2, 20],
      ],
    },
    states: ['{"test_duplicate_records": 2}'],
  },
  encoded_string_data: {
    rows: {
      'SELECT count(*)::INTEGER, count(DISTINCT info)::INTEGER FROM test_strings': [[11, 11]],
      'SELECT info FROM test_strings WHERE id = 3': [['简单的字串']],
      "SELECT info = concat('Control Characters in string: ', chr(0), ' A ', chr(1)) FROM test_strings WHERE id = 11": [
        [true],
      ],
      "SELECT info->>'value' FROM test_strings_in_objects WHERE id = 8": [['ā']],
      'SELECT strings->>2 FROM test_strings_in_arrays WHERE id = 1': [['简单的字串']],
    },
  },
  invalid_schema: {
    refusal:
      'Line 1 of the input cannot be taken: a SCHEMA of stream "test_invalid_schema" that declares no properties',
  },
  multiple_state_messages: {
    rows: {
      'SELECT (SELECT count(*) FROM test_multiple_state_messages_a)::INTEGER, (SELECT count(*) FROM test_multiple_state_messages_b)::INTEGER':
        [[6, 6]],
    },
    // Each one stands for those before it that became durable with it.
    states: ['{"test_multiple_state_messages_a": 5, "test_multiple_state_messages_b": 6}'],
  },
  no_primary_keys: { rows: { 'SELECT count(*)::INTEGER, sum(metric)::INTEGER FROM test_no_pk': [[3, 66]] } },
  no_primary_keys_append: {
    after: 'no_primary_keys',
    rows: { 'SELECT count(*)::INTEGER, count(DISTINCT id)::INTEGER FROM test_no_pk': [[8, 5]] },
  },
  optional_attributes: {
    rows: { 'SELECT count(*)::INTEGER, count(optional)::INTEGER FROM test_optional_attributes': [[4, 2]] },
  },
  pk_updates: {
    rows: {
      'SELECT id, name FROM example_stream ORDER BY id': [
        [1, 'Alice'],
        [2, 'Bob'],
      ],
    },
  },
  record_before_schema: {
    refusal: 'Line 1 of the input cannot be taken: a RECORD of a stream that no SCHEMA came for',
  },
  record_missing_fields: {
    rows: { 'SELECT count(*)::INTEGER, count(optional)::INTEGER FROM record_missing_fields': [[2, 1]] },
    states: [],
  },
  record_missing_key_property: { refusal: 'a part of the key (id) is missing' },
  record_missing_required_property: { refusal: 'the required id is missing' },
  schema_no_properties: {
    rows: {
      "SELECT sum((object_store->>'metric')::INTEGER)::INTEGER FROM test_object_schema_with_properties": [[390]],
      "SELECT sum((object_store->>'metric')::INTEGER)::INTEGER FROM test_object_schema_no_properties": [[3]],
    },
  },
  schema_updates: {
    rows: {
      'SELECT count(*)::INTEGER, count(a3)::INTEGER, count(a4)::INTEGER, count(a5)::INTEGER, count(a6)::INTEGER FROM test_schema_updates':
        [[6, 5, 4, 4, 2]],
    },
    states: ['{"test_schema_updates": 6}'],
  },
  special_chars_in_attributes: {
    rows: { 'SELECT d->>\'agent:type\' FROM "test:SpecialChars!in?attributes"': [['desktop']] },
  },
  user_location_data: {
    rows: {
      'SELECT (SELECT count(*) FROM test_users)::INTEGER, (SELECT count(*) FROM test_locations)::INTEGER, (SELECT count(*) FROM test_user_in_location)::INTEGER':
        [[5, 3, 3]],
    },
  },
  user_location_upsert_data: {
    after: 'user_location_data',
    rows: {
      'SELECT id, name FROM test_users ORDER BY id': [
        [1, 'Johny'],
        [2, 'George'],
        [3, 'Jacob'],
        [4, 'Josh'],
        [5, 'Jim'],
        [8, 'Thomas'],
        [12, 'Paul'],
        [13, 'Mary'],
      ],
      'SELECT id, name FROM test_locations ORDER BY id': [
        [1, 'Philly'],
        [2, 'NY'],
        [3, 'San Francisco'],
        [6, 'Colorado'],
        [8, 'Boston'],
      ],
      'SELECT count(*)::INTEGER FROM test_user_in_location': [[5]],
    },
    states: ['{"test_users": 13, "test_locations": 8, "test_user_in_location": 14}'],
  },
};

const loaded: string[] = [];
afterAll(() => {
  const count = `${loaded.length} of ${Object.keys(expectations).length}`;
  if (loaded.length > 0) noteVerified('Singer SDK', sdk, `${count} target test streams: ${loaded.join(', ')}`);
});

test('there is an expectation for each of the test streams of the SDK', () => {
  const names = readdirSync(streamsFolder).filter((name) => name.endsWith('.singer'));
  expect(Object.keys(expectations).sort()).toEqual(names.map((name) => name.slice(0, -'.singer'.length)).sort());
});

test.each(Object.entries(expectations))('loads the test stream %s of the SDK as it wants it', async (name, wanted) => {
  const folder = await openFolder();
  if (wanted.after !== undefined) expect((await load(folder, fixture(wanted.after))).code).toBe(0);
  const ended = await load(folder, fixture(name));
  if (wanted.refusal === undefined) expect(ended.code, ended.stderr).toBe(0);
  else {
    expect(ended.code).not.toBe(0);
    expect(ended.stderr.split('\n').find((line) => line.startsWith('CRITICAL '))).toContain(wanted.refusal);
    expect(ended.stdout).toBe('');
  }
  if (wanted.states !== undefined) expect(ended.stdout.split('\n').filter(Boolean)).toEqual(wanted.states);
  for (const [sql, rows] of Object.entries(wanted.rows ?? {}))
    expect(
      (await rowsOf(join(folder, 'w.duckdb'), sql)).map((row) => Object.values(row)).map(plainNumbers),
      sql,
    ).toEqual(rows);
  loaded.push(name);
});

/** DuckDB's BIGINT arrives as a bigint or a number. */
function plainNumbers(row: unknown[]): unknown[] {
  return row.map((value) => (typeof value === 'bigint' ? Number(value) : value));
}

test('a lake holds the same after the test streams with an upsert', async () => {
  const folder = await openFolder();
  for (const name of ['user_location_data', 'user_location_upsert_data', 'schema_updates', 'encoded_string_data'])
    expect((await load(folder, fixture(name), 'lake')).code).toBe(0);
  const query = (sql: string) =>
    run(process.execPath, [bin('gong-elt'), 'query', sql, '--from', join(folder, 'lake'), '--format', 'jsonl']);
  const users = await query('SELECT count(*) AS users, max(name) AS last FROM test_users');
  expect(users.stdout, users.stderr).toBe('{"users":8,"last":"Thomas"}\n');
  const updates = await query('SELECT count(*) AS n, count(a6) AS a6 FROM test_schema_updates');
  expect(updates.stdout, updates.stderr).toBe('{"n":6,"a6":2}\n');
  noteVerified('Singer SDK', sdk, 'four target test streams into a Parquet lake');
});

test('the SDK finds our catalog, schemas, records and states in order', async () => {
  const place = await openSandboxPlace(25);
  onTestFinished(() => place.close());
  const path = (name: string) => join(place.folder, name);
  await writeFile(path('config.json'), JSON.stringify(place.settings));
  const tap = (...args: string[]) =>
    run(process.execPath, [bin('tap-gong-semarize'), '--config', path('config.json'), ...args]);
  const discovered = await tap('--discover');
  await writeFile(path('catalog.json'), discovered.stdout);
  const read = await tap('--catalog', path('catalog.json'));
  expect(read.code, read.stderr).toBe(0);
  await writeFile(path('messages.jsonl'), read.stdout);
  const checked = await run(programOf('singer-sdk', 'python'), [
    join(import.meta.dirname, 'check_tap.py'),
    path('catalog.json'),
    path('messages.jsonl'),
  ]);
  expect(checked.code, checked.stdout + checked.stderr).toBe(0);
  const seen = JSON.parse(checked.stdout) as { records: Record<string, number> };
  expect(seen.records['calls']).toBe(place.shown.length);
  expect(seen.records['semarize_runs']).toBe(place.sandbox.ledger.distinctRuns);
  noteVerified('Singer SDK', sdk, 'catalog, selection, schemas, every record and state of our tap');
}, 120_000);

test('a target made with the SDK takes all that our tap prints, and gives back its last state', async () => {
  const place = await openSandboxPlace(25);
  onTestFinished(() => place.close());
  const path = (name: string) => join(place.folder, name);
  await writeFile(path('config.json'), JSON.stringify(place.settings));
  const tap = (...args: string[]) =>
    run(process.execPath, [bin('tap-gong-semarize'), '--config', path('config.json'), ...args]);
  const read = await tap();
  expect(read.code, read.stderr).toBe(0);
  await writeFile(path('target.json'), '{}');
  const program = [join(import.meta.dirname, 'sdk_target.py'), '--config', path('target.json')];
  const target = await run(programOf('singer-sdk', 'python'), program, { input: read.stdout });
  expect(target.code, target.stderr).toBe(0);

  const [state = ''] = target.stdout.trimEnd().split('\n').slice(-1);
  const emitted = JSON.parse(read.stdout.trimEnd().split('\n').at(-1) ?? '');
  expect({ type: 'STATE', value: JSON.parse(state) }).toEqual(emitted);
  expect(Object.keys(emitted.value.bookmarks.transcripts.pending).length).toBeGreaterThan(1);
  await writeFile(path('state.json'), state);
  const again = await tap('--state', path('state.json'));
  expect(again.code, again.stderr).toBe(0);
  expect(again.stdout).not.toContain('"RECORD"');
  noteVerified('Singer SDK', sdk, 'a target made with it takes our messages; our tap goes on from the state it prints');
}, 120_000);

test('singer-check-tap finds two runs of our tap valid, the second with the state of the first', async () => {
  const place = await openSandboxPlace(25);
  onTestFinished(() => place.close());
  const path = (name: string) => join(place.folder, name);
  await writeFile(path('config.json'), JSON.stringify(place.settings));
  const tap = path('tap');
  // singer-check-tap waits for the tap to end, never for its own reader of the tap's output: on a busy machine it
  // asks for a summary that it has not made yet. The tap that it starts therefore ends a moment after its output.
  const command = `'${process.execPath}' '${bin('tap-gong-semarize')}' "$@"`;
  await writeFile(tap, `#!/bin/sh\n${command}\ncode=$?\nexec >&-\nsleep 2\nexit $code\n`, { mode: 0o755 });
  const settings = ['--tap', tap, '--config', path('config.json')];
  const checked = await run(programOf('singer-tools', 'singer-check-tap'), settings, { cwd: place.folder });
  expect(checked.code, checked.stdout + checked.stderr).toBe(0);
  expect(checked.stdout.split('The output is valid.')).toHaveLength(3);
  expect(checked.stdout).toMatch(new RegExp(`\\| calls +\\| ${place.shown.length} +\\| 1 `));
  noteVerified('singer-tools', versionOf('singer-tools', 'singer-tools'), 'singer-check-tap: two runs of our tap');
}, 120_000);

test('targets that others wrote take what our tap prints', async () => {
  const place = await openSandboxPlace(25);
  onTestFinished(() => place.close());
  const path = (name: string) => join(place.folder, name);
  await writeFile(path('config.json'), JSON.stringify(place.settings));
  const read = await run(process.execPath, [bin('tap-gong-semarize'), '--config', path('config.json')]);
  expect(read.code, read.stderr).toBe(0);

  await writeFile(path('jsonl.json'), JSON.stringify({ destination_path: place.folder }));
  const jsonl = await run(programOf('target-jsonl', 'target-jsonl'), ['--config', path('jsonl.json')], {
    input: read.stdout,
  });
  expect(jsonl.code, jsonl.stderr).toBe(0);
  const [file = ''] = readdirSync(place.folder).filter((name) => /^calls-.*\.jsonl$/.test(name));
  const lines = readFileSync(path(file), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).call_id).sort()).toEqual(place.shown);
  noteVerified('target-jsonl', versionOf('target-jsonl', 'target-jsonl'), 'validates and stores what our tap prints');

  const settings = { filepath: path('foreign.duckdb'), default_target_schema: 'main' };
  await writeFile(path('duckdb.json'), JSON.stringify(settings));
  const duckdb = await run(programOf('target-duckdb', 'target-duckdb'), ['--config', path('duckdb.json')], {
    input: read.stdout,
  });
  expect(duckdb.code, duckdb.stderr).toBe(0);
  // Its DuckDB is a newer one than ours: its own Python looks into the file.
  const select = `import duckdb; print(*(row[0] for row in duckdb.connect('${path('foreign.duckdb')}').execute('select call_id from calls order by 1').fetchall()))`;
  const calls = await run(programOf('target-duckdb', 'python'), ['-c', select]);
  const stored = calls.stdout.trim().split(' ');
  const firstCall = /"type":"RECORD","stream":"calls","record":\{"call_id":"(\d+)"/.exec(read.stdout)?.[1];
  // It stages rows as CSV and takes the first one of a batch for a header (its issue 58).
  expect(stored, calls.stderr).toEqual(place.shown.filter((id) => id !== firstCall || stored.includes(id)));
  noteVerified('target-duckdb', versionOf('target-duckdb', 'target-duckdb'), 'stores what our tap prints');
}, 120_000);

test('our target takes what a tap prints that others wrote', async () => {
  const folder = await openFolder();
  const items = Array.from({ length: 5 }, (_, n) => ({
    id: String(n),
    amount: n * 1.5,
    name: `Größe ${n}`,
    tags: ['a', 'é'],
  }));
  // Beyond 2^53: as text, since JSON.stringify has no way to write it.
  const body = JSON.stringify({ items }).replaceAll('"tags"', '"big":9007199254740993,"tags"');
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const stream = {
    name: 'deals',
    path: '/deals',
    primary_keys: ['id'],
    records_path: '$.items[*]',
    num_inference_records: 5,
  };
  await writeFile(join(folder, 'tap.json'), JSON.stringify({ api_url: `http://127.0.0.1:${port}`, streams: [stream] }));
  const read = await run(programOf('tap-rest-api-msdk', 'tap-rest-api-msdk'), ['--config', join(folder, 'tap.json')]);
  expect(read.code, read.stderr).toBe(0);
  const loaded = await load(folder, read.stdout, 'w.duckdb', { add_record_metadata: true });
  expect(loaded.code, loaded.stderr).toBe(0);
  const rows = await rowsOf(
    join(folder, 'w.duckdb'),
    'SELECT id, amount, big::VARCHAR AS big, name FROM deals ORDER BY id',
  );
  expect(rows).toEqual(items.map(({ id, amount, name }) => ({ id, amount, big: '9007199254740993', name })));
  const stamped =
    'SELECT count(*)::INTEGER AS n FROM deals WHERE _sdc_extracted_at <= _sdc_batched_at AND _sdc_sequence > 0';
  expect(await rowsOf(join(folder, 'w.duckdb'), stamped)).toEqual([{ n: 5 }]);
  noteVerified('tap-rest-api-msdk', versionOf('tap-rest-api-msdk', 'tap-rest-api-msdk'), 'is stored by our target');
}, 120_000);
