// Many tests run dist/: it is built first when it is older than src/. Otherwise they would hold the old build against the new tests.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

export default function setup(): void {
  const script = resolve(import.meta.dirname, '..', '..', 'scripts', 'setup.mjs');
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('dist/ is older than src/ and cannot be built: the messages above say why');
}
