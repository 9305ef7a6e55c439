// dist/ from src/: compiled TypeScript, and the SQL files beside it.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: ['ignore', 2, 2],
});
if (status === 0) {
  cpSync(join(root, 'src'), dist, { recursive: true, filter: (path) => !/\.ts$/.test(path) });
  for (const name of readdirSync(join(dist, 'bin'))) chmodSync(join(dist, 'bin', name), 0o755);
  writeFileSync(join(dist, '.built'), '');
}
process.exitCode = status ?? 1;
