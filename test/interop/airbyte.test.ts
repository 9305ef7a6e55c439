// Airbyte's own programs from PyPI: PyAirbyte reads and writes with our executables, and its CDK tests them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { answersOf } from './answers.ts';
import { programOf, versionOf } from './environment.ts';
import { type Finished, run } from './run.ts';
import { openSandboxPlace, rowsOf, type SandboxPlace } from './sandbox-place.ts';
import { noteVerified } from './verified.ts';

const bin = (name: string) => join(import.meta.dirname, '..', '..', 'dist', 'bin', `${name}.js`);
const source = bin('source-gong-semarize');
const destination = bin('destination-duckdb');
const offline = { AIRBYTE_OFFLINE_MODE: '1', DO_NOT_TRACK: '1', PYTHONDONTWRITEBYTECODE: '1' };
const pyairbyte = versionOf('airbyte', 'airbyte');
const cdk = versionOf('airbyte', 'airbyte-cdk');

async function openPlace(calls: number): Promise<SandboxPlace> {
  const place = await openSandboxPlace(calls);
  onTestFinished(() => place.close());
  return place;
}

async function writeJson(folder: string, name: string, value: JsonObject): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify(value));
  return path;
}

/** Runs one of our scripts in the environment. */
function python(script: string, args: readonly string[], input?: string): Promise<Finished> {
  const path = join(import.meta.dirname, 'airbyte', script);
  return run(programOf('airbyte', 'python'), [path, ...args], {
    env: offline,
    ...(input === undefined ? {} : { input }),
  });
}

function resultOf({ stdout }: Finished) {
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT '));
  return JSON.parse(line?.slice(7) ?? 'null');
}

test('PyAirbyte reads the source twice into its own cache: every call once, every run once, nothing bought again', async () => {
  const place = await openPlace(40);
  const config = await writeJson(place.folder, 'config.json', place.settings);
  const cache = join(place.folder, 'cache.duckdb');
  const ended = await python('read_twice.py', [source, config, cache]);
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  const { first, second } = resultOf(ended);

  const calls = await rowsOf(cache, 'SELECT call_id FROM calls ORDER BY 1');
  expect(calls.map(({ call_id: id }) => id)).toEqual(place.shown);
  place.expectRunsOnce(await rowsOf(cache, 'SELECT call_id, kit_code, run_id FROM semarize_runs'));
  expect(second.rows.semarize_runs).toBe(first.rows.semarize_runs);
  noteVerified('PyAirbyte', pyairbyte, 'reads the source twice into its DuckDB cache');
  const answers = await answersOf(cache);
  expect(answers['scores']).toBe(place.sandbox.ledger.distinctRuns);
  noteVerified('PyAirbyte', pyairbyte, 'marts, import, analyze and report over its cache');
}, 300_000);

test('PyAirbyte writes our source into our destination twice: one row per key, nothing bought again', async () => {
  const place = await openPlace(30);
  const warehouse = join(place.folder, 'warehouse.duckdb');
  const ended = await python('write_twice.py', [
    source,
    await writeJson(place.folder, 'config.json', place.settings),
    destination,
    await writeJson(place.folder, 'destination.json', { path: warehouse }),
    join(place.folder, 'cache.duckdb'),
  ]);
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  const { first } = resultOf(ended);
  const runs = place.sandbox.ledger.distinctRuns;
  expect(first.processed).toBe(place.shown.length + place.spoken.length + runs);
  const calls = await rowsOf(warehouse, 'SELECT call_id FROM calls ORDER BY 1');
  expect(calls.map(({ call_id: id }) => id)).toEqual(place.shown);
  place.expectRunsOnce(await rowsOf(warehouse, 'SELECT call_id, kit_code, run_id FROM semarize_runs'));
  expect(place.sandbox.ledger.posts).toBe(runs);
  noteVerified('PyAirbyte', pyairbyte, 'writes our source into our destination twice');
}, 300_000);

test('pyab validates both connectors', async () => {
  const place = await openPlace(5);
  const configs = {
    [source]: await writeJson(place.folder, 'config.json', place.settings),
    [destination]: await writeJson(place.folder, 'destination.json', { path: join(place.folder, 'w.duckdb') }),
  };
  for (const [connector, config] of Object.entries(configs)) {
    const args = ['validate', `--connector=${connector}`, `--config=${config}`];
    const ended = await run(programOf('airbyte', 'pyab'), args, { env: offline, cwd: place.folder });
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  }
  noteVerified('PyAirbyte', pyairbyte, 'pyab validate of source and destination');
}, 120_000);

test('the destination passes PyAirbyte’s smoke test', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-smoke-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const warehouse = join(folder, 'w.duckdb');
  const smoke = async (scenarios: readonly string[]) => {
    const config = await writeJson(folder, 'destination.json', { path: warehouse });
    const args = ['destination-smoke-test', `--destination=${destination}`, `--config=${config}`];
    const env = { ...offline, PATH: `${programOf('airbyte', '')}:${process.env['PATH']}` };
    return await run(programOf('airbyte', 'pyab'), [...args, `--scenarios=${scenarios.join(',')}`], {
      env,
      cwd: folder,
    });
  };
  const passed = await smoke(smokeScenarios);
  const report = JSON.parse(passed.stdout.slice(passed.stdout.indexOf('\n{') + 1));
  expect(report, passed.stderr).toMatchObject({ success: true, preflight_passed: true });
  const [schema] = await rowsOf(warehouse, "SELECT schema_name FROM duckdb_tables() WHERE table_name = 'basic_types'");
  const inSchema = (table: string) => `"${String(schema?.['schema_name'])}"."${table}"`;
  expect(await rowsOf(warehouse, `SELECT count(*)::INTEGER AS n FROM ${inSchema('large_batch_stream')}`)).toEqual([
    { n: 1000 },
  ]);
  expect(await rowsOf(warehouse, `SELECT count(*)::INTEGER AS n FROM ${inSchema('empty_stream')}`)).toEqual([{ n: 0 }]);
  noteVerified('PyAirbyte', pyairbyte, `destination smoke test: ${smokeScenarios.join(', ')}`);

  // It asks to replace the table of a stream without a key: once more leaves it as it is.
  const again = await smoke(['schema_with_no_primary_key']);
  expect(again.code, again.stdout + again.stderr).toBe(0);
}, 180_000);

const smokeScenarios = [
  'basic_types',
  'timestamp_types',
  'large_decimals_and_numbers',
  'nested_json_objects',
  'null_handling',
  'column_naming_edge_cases',
  'table_naming_edge_cases',
  'CamelCaseStreamName',
  'wide_table_50_columns',
  'empty_stream',
  'single_record_stream',
  'unicode_and_special_strings',
  'long_column_names',
  'large_batch_stream',
  'schema_with_no_primary_key',
];

/** Names of the tests that passed; throws when any did not. */
async function standardTests(suite: string, connector: string, root: string): Promise<string[]> {
  const args = ['-m', 'pytest', '-p', 'no:cacheprovider', '-q', '-rA', '-k', 'not docker_image'];
  const ended = await run(programOf('airbyte', 'python'), [...args, join(import.meta.dirname, 'airbyte', suite)], {
    env: { ...offline, CONNECTOR: connector, CONNECTOR_ROOT: root },
  });
  expect(ended.code, ended.stdout).toBe(0);
  return Array.from(ended.stdout.matchAll(/^PASSED .*::(test_\w+)/gm), ([, name]) => name ?? '').sort();
}

async function writeScenarios(root: string, tests: JsonObject): Promise<void> {
  // JSON is YAML.
  await writeJson(root, 'acceptance-test-config.yml', { connector_image: 'none', acceptance_tests: tests });
}

test('the source passes the standard tests of the CDK', async () => {
  const place = await openPlace(25);
  const root = join(place.folder, 'source-gong-semarize');
  await mkdir(root);
  await writeJson(root, 'config.json', place.settings);
  await writeJson(root, 'wrong-key.json', { ...place.settings, gong_access_key_secret: 'not-the-right-one' });
  const good = { tests: [{ config_path: 'config.json' }] };
  await writeScenarios(root, {
    spec: good,
    connection: {
      tests: [
        { config_path: 'config.json', status: 'succeed' },
        { config_path: 'wrong-key.json', status: 'failed' },
      ],
    },
    discovery: good,
    basic_read: good,
    full_refresh: good,
  });
  const passed = await standardTests('source_suite.py', source, root);
  expect(passed).toEqual([
    'test_basic_read',
    'test_check',
    'test_check',
    'test_config_matches_spec',
    'test_discover',
    'test_fail_read_with_bad_catalog',
    'test_spec',
  ]);
  noteVerified('airbyte-cdk', cdk, `standard tests of the source: ${passed.join(', ')}`);
}, 180_000);

test('the destination passes the standard tests of the CDK', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-cdk-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const root = join(folder, 'destination-duckdb');
  await mkdir(root);
  await writeJson(root, 'config.json', { path: join(folder, 'w.duckdb') });
  await writeJson(root, 'no-folder.json', { path: join(folder, 'nowhere', 'w.duckdb') });
  await writeScenarios(root, {
    spec: { tests: [{ config_path: 'config.json' }] },
    connection: {
      tests: [
        { config_path: 'config.json', status: 'succeed' },
        { config_path: 'no-folder.json', status: 'failed' },
      ],
    },
  });
  const passed = await standardTests('destination_suite.py', destination, root);
  expect(passed).toEqual(['test_check', 'test_check', 'test_config_matches_spec', 'test_spec']);
  noteVerified('airbyte-cdk', cdk, `standard tests of the destination: ${passed.join(', ')}`);
}, 120_000);

test('every line of both connectors is a message to both of Airbyte’s own models', async () => {
  const place = await openPlace(15);
  const config = await writeJson(place.folder, 'config.json', place.settings);
  const target = await writeJson(place.folder, 'destination.json', { path: join(place.folder, 'w.duckdb') });
  const lines: string[] = [];
  const collect = async (program: string, args: readonly string[], input = '') => {
    const ended = await run(process.execPath, [program, ...args], { input });
    expect(ended.stderr).toBe('');
    lines.push(ended.stdout);
    return ended.stdout;
  };
  await collect(source, ['spec']);
  await collect(source, ['check', '--config', config]);
  const discovered = JSON.parse(await collect(source, ['discover', '--config', config]));
  const streams = (discovered.catalog.streams as JsonObject[]).map((stream) => ({
    stream,
    sync_mode: 'incremental',
    destination_sync_mode: 'append_dedup',
    primary_key: stream['source_defined_primary_key'] ?? [],
    cursor_field: stream['default_cursor_field'] ?? [],
  }));
  const catalog = await writeJson(place.folder, 'catalog.json', { streams });
  const read = await collect(source, ['read', '--config', config, '--catalog', catalog]);
  await collect(destination, ['spec']);
  await collect(destination, ['check', '--config', target]);
  await collect(destination, ['write', '--config', target, '--catalog', catalog], read);
  // And what they say when something is wrong.
  await collect(source, ['read', '--config', target, '--catalog', catalog]);
  await collect(destination, ['write', '--config', config, '--catalog', catalog]);
  const parsed = await python('parse_lines.py', [], lines.join(''));
  expect(parsed.code, parsed.stderr).toBe(0);
  expect(JSON.parse(parsed.stdout)).toMatchObject({
    SPEC: 2,
    CONNECTION_STATUS: 2,
    CATALOG: 1,
    TRACE: expect.any(Number),
  });
  const models = versionOf('airbyte', 'airbyte_protocol_models_pdv2');
  noteVerified(
    'airbyte-protocol-models-pdv2',
    models,
    `parses all ${lines.join('').split('\n').length - 1} lines of a sync and its failures`,
  );
  noteVerified('airbyte-cdk', cdk, 'its serializer parses the same lines');
}, 120_000);

test('the CDK reads the metadata of both images', async () => {
  const files = ['source-gong-semarize', 'destination-duckdb'].map((name) =>
    join(import.meta.dirname, '../../connectors', name, 'metadata.yaml'),
  );
  const script =
    'import sys; from pathlib import Path; from airbyte_cdk.models.connector_metadata import MetadataFile; ' +
    'print([MetadataFile.from_file(Path(path)).data.dockerRepository for path in sys.argv[1:]])';
  const ended = await run(programOf('airbyte', 'python'), ['-c', script, ...files], { env: offline });
  expect(ended.stdout, ended.stderr).toContain("['gong-elt/source-gong-semarize', 'gong-elt/destination-duckdb']");
  noteVerified('airbyte-cdk', cdk, 'metadata.yaml of both images');
}, 60_000);
