// Real Meltano with our tap and our target: what it adds, selects, runs, kills and remembers.
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod, copyFile, cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../../src/core/json.ts';
import { createDoneSet } from '../../src/ledger/done-set.ts';
import { describeStream, streamNames } from '../../src/source/streams.ts';
import { answersOf } from './answers.ts';
import { programOf, versionOf } from './environment.ts';
import { type Finished, type RunSettings, run } from './run.ts';
import { openSandboxPlace, rowsOf, type SandboxPlace } from './sandbox-place.ts';
import { noteVerified } from './verified.ts';

const root = join(import.meta.dirname, '..', '..');
const tap = 'tap-gong-semarize';
const target = 'target-duckdb-parquet';
const job = `dev:${tap}-to-${target}`;

let place: SandboxPlace;
let project: string;

beforeAll(async () => {
  place = await openSandboxPlace(40);
  project = join(place.folder, 'project');
  await mkdir(join(place.folder, 'bin'));
  for (const name of [tap, target]) {
    await chmod(join(root, 'dist/bin', `${name}.js`), 0o755);
    await symlink(join(root, 'dist/bin', `${name}.js`), join(place.folder, 'bin', name));
  }
}, 120_000);
afterAll(() => place.close());

const verified = (what: string) => noteVerified('Meltano', versionOf('meltano', 'meltano'), what);

/** @param path where the target writes; a state of its own goes with it by `--state-id-suffix` */
async function meltano(
  args: readonly string[],
  path = 'w.duckdb',
  settings: RunSettings = {},
  more: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const env: Record<string, string> = {
    PATH: `${join(place.folder, 'bin')}:${process.env['PATH']}`,
    MELTANO_SEND_ANONYMOUS_USAGE_STATS: 'false',
    NO_COLOR: '1',
    TARGET_DUCKDB_PARQUET_PATH: join(place.folder, path),
    ...more,
  };
  for (const [name, value] of Object.entries(place.settings))
    env[`TAP_GONG_SEMARIZE_${name.toUpperCase()}`] = typeof value === 'string' ? value : JSON.stringify(value);
  return await run(programOf('meltano', 'meltano'), args, { cwd: project, env, ...settings });
}

async function succeed(args: readonly string[], path?: string): Promise<Finished> {
  const ended = await meltano(args, path);
  expect(ended.code, `meltano ${args.join(' ')}\n${ended.stdout}\n${ended.stderr}`).toBe(0);
  return ended;
}

async function bookmarks(id = job): Promise<JsonObject> {
  const { stdout } = await succeed(['state', 'get', id]);
  const { singer_state: state } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as JsonObject;
  if (!isJsonObject(state) || !isJsonObject(state['bookmarks'])) throw new Error(`no bookmarks in ${stdout}`);
  return state['bookmarks'];
}

async function expectComplete(path: string): Promise<void> {
  const calls = await rowsOf(join(place.folder, path), 'SELECT call_id FROM calls ORDER BY 1');
  expect(calls.map(({ call_id: id }) => id)).toEqual(place.shown);
  const transcripts = await rowsOf(join(place.folder, path), 'SELECT call_id FROM transcripts ORDER BY 1');
  expect(transcripts.map(({ call_id: id }) => id)).toEqual(place.spoken);
  place.expectRunsOnce(await rowsOf(join(place.folder, path), 'SELECT call_id, kit_code, run_id FROM semarize_runs'));
}

test('takes our definitions with add --from-ref', async () => {
  const init = await run(programOf('meltano', 'meltano'), ['init', project], {
    env: { MELTANO_SEND_ANONYMOUS_USAGE_STATS: 'false' },
  });
  expect(init.code, init.stderr).toBe(0);
  const reference = (name: string) => ['--from-ref', join(root, 'meltano', `${name}.yml`), '--no-install'];
  await succeed(['add', '--plugin-type', 'extractor', tap, ...reference(tap)]);
  await succeed(['add', '--plugin-type', 'loader', target, ...reference(target)]);
  expect(readFileSync(join(project, 'meltano.yml'), 'utf8')).toContain(`executable: ${tap}`);
  verified('add --from-ref of both definitions');
}, 120_000);

test('finds both configurations valid', async () => {
  const tested = await succeed(['config', 'test', tap]);
  expect(tested.stdout + tested.stderr).toContain('Plugin configuration is valid');
  // Of every loader that ends properly Meltano 4.4 says ProcessLookupError afterwards: its own line is the verdict.
  const loaded = await meltano(['config', 'test', target], 'test.duckdb');
  expect(loaded.stdout + loaded.stderr).toContain('Test data was written to your target system');
  expect(
    await rowsOf(join(place.folder, 'test.duckdb'), 'SELECT count(*)::INTEGER AS n FROM meltano_test_stream'),
  ).toEqual([{ n: 1 }]);
  verified('config test of both');
}, 120_000);

test('lists every field of every stream for selection, keys and cursors as automatic', async () => {
  const { stdout, stderr } = await succeed(['select', tap, '--list', '--all']);
  const listed = (stdout + stderr)
    .split('\n')
    .flatMap((line) => /\[(\w+) *\] (\S+)/.exec(line)?.slice(1, 3).join(' ') ?? []);
  const wanted = streamNames.flatMap((name) => {
    const { jsonSchema, primaryKey, cursorField } = describeStream(name);
    const always = new Set([...primaryKey.flat(), ...cursorField]);
    const fields = Object.keys(isJsonObject(jsonSchema['properties']) ? jsonSchema['properties'] : {});
    return fields.map((field) => `${always.has(field) ? 'automatic' : 'selected'} ${name}.${field}`);
  });
  const ours = listed.filter((line) => /^\w+ \w+\.\w+$/.test(line));
  expect(ours.sort()).toEqual(wanted.sort());
  verified('select --list --all shows every field');
}, 120_000);

test('runs the line twice: everything once, then nothing new and nothing bought', async () => {
  const first = await succeed(['run', tap, target]);
  await expectComplete('w.duckdb');
  // Structured logs: a line that Meltano could not parse would be shown as it is.
  expect(first.stdout + first.stderr).not.toContain('"logger_name"');
  expect(first.stdout + first.stderr).toMatch(/record_count/);
  expect(Object.keys(await bookmarks()).sort()).toEqual(['calls', 'semarize_runs', 'transcripts']);
  const bought = place.sandbox.ledger.posts;
  const before = await rowsOf(join(place.folder, 'w.duckdb'), 'SELECT max(extracted_at)::VARCHAR AS at FROM calls');
  await succeed(['run', tap, target]);
  expect(place.sandbox.ledger.posts).toBe(bought);
  expect(await rowsOf(join(place.folder, 'w.duckdb'), 'SELECT max(extracted_at)::VARCHAR AS at FROM calls')).toEqual(
    before,
  );
  await expectComplete('w.duckdb');
  verified('run twice: rows once, runs bought once, state kept, logs parsed');
}, 180_000);

test('the file and a lake that it fills give their answers to somebody without keys', async () => {
  const file = join(place.folder, 'answers.duckdb');
  await copyFile(join(place.folder, 'w.duckdb'), file);
  const fromFile = await answersOf(file);
  expect(fromFile['scores']).toBeGreaterThan(10);
  // Forty calls have too few deals for a test, and enough to be counted.
  expect(fromFile['tested']).toBeGreaterThan(3);
  await succeed(['run', '--state-id-suffix', 'lake', tap, target], 'lake');
  expect(await answersOf(join(place.folder, 'lake'))).toEqual(fromFile);
  verified('marts, import, analyze and report over what it filled, a file and a lake, offline');
}, 300_000);

test('reads everything again on --full-refresh, buys nothing twice, and goes on from there', async () => {
  const kept = place.sandbox.ledger.distinctRuns;
  await succeed(['run', '--full-refresh', tap, target]);
  expect(place.sandbox.ledger.distinctRuns).toBe(kept);
  await expectComplete('w.duckdb');
  const posts = place.sandbox.ledger.posts;
  await succeed(['run', tap, target]);
  expect(place.sandbox.ledger.posts).toBe(posts);
  expect(Object.keys(await bookmarks()).sort()).toEqual(['calls', 'semarize_runs', 'transcripts']);
  verified('run --full-refresh, and a run after it with the state that Meltano merged');
}, 180_000);

test('leaves a stream and a field out that are deselected', async () => {
  const before = readFileSync(join(project, 'meltano.yml'));
  await succeed(['select', tap, 'calls', '*']);
  await succeed(['select', tap, 'transcripts', '*']);
  await succeed(['select', tap, '--exclude', 'calls', 'title']);
  await succeed(['run', '--state-id-suffix', 'selected', tap, target], 'selected.duckdb');
  writeFileSync(join(project, 'meltano.yml'), before);
  const path = join(place.folder, 'selected.duckdb');
  const columns = await rowsOf(
    path,
    `SELECT column_name FROM duckdb_columns() WHERE table_name = 'calls' AND schema_name = 'main'`,
  );
  const names = columns.map(({ column_name: name }) => name);
  expect(names).toContain('started_at');
  expect(names).not.toContain('title');
  const tables = await rowsOf(path, `SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY 1`);
  expect(tables.map(({ table_name: name }) => name)).toEqual(['calls', 'transcripts']);
  verified('select of streams, --exclude of a field');
}, 180_000);

test('runs the example project as it is shipped, by its job, with the programs of npm install', async () => {
  const example = join(place.folder, 'example');
  await cp(join(root, 'meltano/example'), example, { recursive: true });
  await mkdir(join(example, 'node_modules/.bin'), { recursive: true });
  for (const name of [tap, target])
    await symlink(join(root, 'dist/bin', `${name}.js`), join(example, 'node_modules/.bin', name));
  const template = readFileSync(join(example, '.env.example'), 'utf8');
  const values: Record<string, unknown> = {
    GONG_ACCESS_KEY: place.sandbox.gongAccessKey,
    GONG_ACCESS_KEY_SECRET: place.sandbox.gongAccessKeySecret,
    SEMARIZE_API_KEY: place.sandbox.semarizeApiKey,
  };
  // What its comments say for the sandbox: the address of every service, and the keys.
  const filled = template
    .replace(/^TAP_GONG_SEMARIZE_GONG_BASE_URL=.*\n/m, '')
    .replaceAll(/^#(?=TAP_)/gm, '')
    .replaceAll('127.0.0.1:8700', new URL(place.sandbox.url).host)
    .replaceAll(/^TAP_GONG_SEMARIZE_(\w+)=$/gm, (line, name) => `${line}${values[name]}`);
  writeFileSync(join(example, '.env'), filled);

  const env = { MELTANO_SEND_ANONYMOUS_USAGE_STATS: 'false', NO_COLOR: '1' };
  const ran = await run(programOf('meltano', 'meltano'), ['run', 'gong'], { cwd: example, env });
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
  expect(ran.stderr).not.toContain('Deprecat');
  // A path is one in the project's folder.
  await expectComplete('example/warehouse.duckdb');
  verified('the example project, as it is shipped');
}, 120_000);

/** Pids of the programs that Meltano has started for `name`, under `parent`. */
function pidsOf(name: string, parent: number | undefined): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const [, ppid] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return Number(ppid) === parent && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`/${name}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** How many of these calls the state says to be evaluated. */
function doneOf({ semarize_runs: runs }: JsonObject, calls: readonly string[]): number {
  const done = createDoneSet(isJsonObject(runs) ? runs['done'] : undefined, new Map());
  return calls.filter((id) => done?.has('A1B2C3D4', id)).length;
}

test.each([
  { who: 'the target', name: target, signal: 'SIGKILL' },
  { who: 'the tap', name: tap, signal: 'SIGKILL' },
  { who: 'Meltano itself', name: undefined, signal: 'SIGTERM' },
  { who: 'Meltano itself', name: undefined, signal: 'SIGKILL' },
] as const)(
  'loses nothing and buys nothing twice when $who gets $signal in the middle',
  async ({ name, signal }) => {
    const other = await openSandboxPlace(30);
    const main = place;
    place = other;
    try {
      await mkdir(join(other.folder, 'bin'));
      for (const bin of [tap, target])
        await symlink(join(root, 'dist/bin', `${bin}.js`), join(other.folder, 'bin', bin));
      const suffix = `${name ?? 'meltano'}-${signal}`;
      let killed = 0;
      const watch = (child: ChildProcess) => {
        const timer = setInterval(() => {
          if (other.sandbox.ledger.distinctRuns < 14 || killed > 0) return;
          const pids = name === undefined ? [child.pid ?? 0] : pidsOf(name, child.pid);
          for (const pid of pids) {
            process.kill(pid, signal);
            killed += 1;
          }
        }, 20);
        child.on('close', () => clearInterval(timer));
      };
      // Few runs at a time and small batches: the kill comes after some commits and before others.
      Object.assign(other.settings, { semarize_concurrency: 4 });
      const run = ['run', '--force', '--state-id-suffix', suffix, tap, target];
      const broken = await meltano(run, 'w.duckdb', { onStart: watch }, { TARGET_DUCKDB_PARQUET_BATCH_SIZE_ROWS: '4' });
      expect(killed).toBe(1);
      expect(broken.code).not.toBe(0);
      // A killed Meltano leaves its plugins alive for a moment: they see their pipes close.
      await expect.poll(() => pidsOf(tap, 1).length + pidsOf(target, 1).length, { timeout: 30_000 }).toBe(0);

      const stored = await rowsOf(join(other.folder, 'w.duckdb'), 'SELECT DISTINCT call_id FROM semarize_runs');
      const done = doneOf(await bookmarks(`${job}:${suffix}`), other.spoken);
      // A state goes with every 64 runs, so that it may say of none that it is done: what was sent is sent again under its key.
      expect(stored.length, 'runs stored, of which the state says that they are').toBeGreaterThanOrEqual(done);
      expect(stored.length).toBeLessThan(other.spoken.length - 5);

      Object.assign(other.settings, { semarize_concurrency: 20 });
      await succeed(run);
      await expectComplete('w.duckdb');
    } finally {
      place = main;
      await other.close();
    }
    verified(`nothing lost, nothing bought twice after ${signal} of ${name ?? 'Meltano'}`);
  },
  180_000,
);
