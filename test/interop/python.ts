// A virtual environment with the pinned foreign programs, made once and kept until its list changes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.venv-interop');
const requirements = join(import.meta.dirname, 'requirements.txt');

/** Is there a Python at all? Without one these tests say so and are skipped, except in CI, where they fail. */
export function hasPython(): boolean {
  return spawnSync('python3', ['--version']).status === 0;
}

/** @returns the path of its Python. @throws with pip's own words when it cannot be made. */
export function preparePython(): string {
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, '.made-from');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  rmSync(folder, { recursive: true, force: true });
  run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements]);
  writeFileSync(stamp, wanted);
  return python;
}

function run(command: string, args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
}
