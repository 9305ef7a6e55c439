// Makes a fresh clone runnable: installs what the lock file names and builds dist/, each only when it is missing or older
// than what it is made from. `npm test` and `npm run demo` call it first, so that neither needs a step before it.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `gong-elt needs Node 20.19 or newer; this is ${process.versions.node}. → install a newer Node, then run the command again`,
  );
  process.exitCode = 2;
} else {
  if (olderThan('node_modules/.package-lock.json', ['package-lock.json']))
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (
    !process.exitCode &&
    olderThan('dist/.built', ['src', 'scripts/build.mjs', 'tsconfig.json', 'tsconfig.build.json', 'package.json'])
  )
    run(process.execPath, ['scripts/build.mjs']);
}

/** Is `made` missing, or older than the newest file of `sources`? */
function olderThan(made, sources) {
  const path = join(root, made);
  return !existsSync(path) || statSync(path).mtimeMs < Math.max(...sources.map((source) => newest(join(root, source))));
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function run(command, args) {
  console.error(`> ${command === process.execPath ? 'node' : command} ${args.join(' ')}`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exitCode = status ?? 1;
}
