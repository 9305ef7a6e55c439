// dist/ from src/: compiled TypeScript, and the SQL files beside it. Made beside the old one, so that it is never half there.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const next = join(root, `.dist-${process.pid}`);
mkdirSync(next, { recursive: true });
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', next], {
  cwd: root,
  stdio: ['ignore', 2, 2],
});
if (status === 0) {
  cpSync(join(root, 'src'), next, { recursive: true, filter: (path) => !/\.ts$/.test(path) });
  for (const name of readdirSync(join(next, 'bin'))) chmodSync(join(next, 'bin', name), 0o755);
  writeFileSync(join(next, '.built'), '');
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
}
rmSync(next, { recursive: true, force: true });
process.exitCode = status ?? 1;
