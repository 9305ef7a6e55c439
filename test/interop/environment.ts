// Virtual environments with the pinned foreign programs: one per list in `environments/`, made once and kept until it changes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const environmentNames = [
  'airbyte',
  'dbt',
  'lake-readers',
  'meltano',
  'moto',
  'notebooks',
  'singer-sdk',
  'singer-tools',
  'spark',
  'tap-rest-api-msdk',
  'target-duckdb',
  'target-jsonl',
] as const;
export type EnvironmentName = (typeof environmentNames)[number];

const root = join(import.meta.dirname, '..', '..');

/** Everything these tests keep between runs. */
export const keptFolder = join(root, '.interop');

const listOf = (name: EnvironmentName) => join(import.meta.dirname, 'environments', `${name}.txt`);

/** Path of a program of an environment that `prepareEnvironment` made. */
export function programOf(name: EnvironmentName, program: string): string {
  return join(keptFolder, name, 'bin', program);
}

/** The version of a package that an environment's list pins. */
export function versionOf(name: EnvironmentName, distribution: string): string {
  const pin = readFileSync(listOf(name), 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${distribution}==`));
  if (pin === undefined) throw new Error(`${listOf(name)} does not pin ${distribution}`);
  return pin.slice(distribution.length + 2).split(' ')[0] ?? '';
}

/** @throws with the words of Python or pip when it cannot be made. */
export function prepareEnvironment(name: EnvironmentName): void {
  const folder = join(keptFolder, name);
  const stamp = join(folder, '.made-from');
  const wanted = createHash('sha256')
    .update(readFileSync(listOf(name)))
    .update(run('python3', ['--version']))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write(`making the environment ${name}: about a minute, once\n`);
  rmSync(folder, { recursive: true, force: true });
  run('python3', ['-m', 'venv', folder]);
  run(programOf(name, 'python'), [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'],
    ...['-r', listOf(name)],
  ]);
  writeFileSync(stamp, wanted);
}

function run(command: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined)
    throw new Error(`${command} does not start (${error.message}); these tests need Python 3.11`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}
