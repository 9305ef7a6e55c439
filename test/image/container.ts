// The Dockerfile's steps without Docker: the build stage is run in a folder, and what it leaves is started as the platform would:
// by a shell, as another user, without capabilities, on a root file system that cannot be written. As root this is done in a mount
// namespace of its own; without root the same commands run in the open.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environmentOf, instructionsOf, readDockerfile, root } from './dockerfile.ts';

export const isIsolated = process.getuid?.() === 0;

/** Follows the stages `build` and `runtime`. @returns the folder that stands for `/airbyte/gong-elt`. */
export function buildImage(folder: string): string {
  const stages = readDockerfile();
  const work = join(folder, 'build');
  mkdirSync(work, { recursive: true });
  for (const { name, value } of instructionsOf(stages, 'build')) {
    if (name === 'RUN') execFileSync('sh', ['-c', value], { cwd: work, stdio: ['ignore', 'ignore', 'pipe'] });
    if (name !== 'COPY') continue;
    const paths = value.split(/\s+/);
    const target = paths.pop() ?? '.';
    for (const path of paths)
      cpSync(join(root, path), target.endsWith('/') ? join(work, target, path) : join(work, target), {
        recursive: true,
      });
  }
  const app = join(folder, 'app');
  for (const { name, value } of stages.find((stage) => stage.name === 'runtime')?.instructions ?? []) {
    if (name !== 'COPY') continue;
    const paths = value.replace(/^--from=build /, '').split(/\s+/);
    const target = paths.pop() ?? '.';
    for (const path of paths) {
      const from = join(work, path.replace(/^\/build\//, ''));
      const to = target.endsWith('/') ? join(app, target, path.split('/').at(-1) ?? '') : join(app, target);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    }
  }
  return app;
}

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * @param image target of the Dockerfile
 * @param command as the platform appends it to the entry point; paths in `data` are the same inside and outside
 * @param data a folder that can be written
 */
export async function runImage(
  image: 'source' | 'destination',
  command: string,
  { app, data, input = '', env = {} }: { app: string; data: string; input?: string; env?: Record<string, string> },
): Promise<Answer> {
  const entry = environmentOf(instructionsOf(readDockerfile(), image))['AIRBYTE_ENTRYPOINT'] ?? '';
  const node = dirname(process.execPath);
  const variables = {
    PATH: `${node}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    // Outside of the namespace the image's folder has another name.
    AIRBYTE_ENTRYPOINT: isIsolated ? entry : entry.replaceAll('/airbyte/gong-elt', app),
    COMMAND: command,
    ...env,
  };
  const script = join(data, '..', 'start.sh');
  const start = 'eval "$AIRBYTE_ENTRYPOINT $COMMAND"';
  writeFileSync(
    script,
    isIsolated ? isolated({ app, data, node, start, cwd: image === 'source' ? '/source' : '/dest' }) : start,
  );
  const child = spawn(isIsolated ? 'unshare' : 'sh', isIsolated ? ['-m', 'sh', script] : [script], { env: variables });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

interface Place {
  readonly app: string;
  readonly data: string;
  readonly node: string;
  readonly start: string;
  readonly cwd: string;
}

/** A root of its own in memory: the system's folders and the image read-only, `/tmp` and the data to be written. */
function isolated({ app, data, node, start, cwd }: Place): string {
  const system = ['/usr', '/bin', '/lib', '/lib64', '/etc', '/dev', '/proc', node];
  return `set -e
new=$(mktemp -d)
mount -t tmpfs -o mode=755 tmpfs "$new"
for folder in ${system.join(' ')}; do
  [ -e "$folder" ] || continue
  mkdir -p "$new$folder"
  mount --rbind "$folder" "$new$folder"
done
mkdir -p "$new/airbyte/gong-elt" "$new/source" "$new/dest" "$new/tmp"
mount -t tmpfs -o mode=1777 tmpfs "$new/tmp"
mkdir -p "$new${data}"
mount --bind "${app}" "$new/airbyte/gong-elt"
mount -o remount,bind,ro "$new/airbyte/gong-elt"
mount --bind "${data}" "$new${data}"
chmod 777 "$new${data}"
mount -o remount,ro "$new"
cd /
exec chroot "$new" setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs --bounding-set -all --inh-caps -all sh -c 'cd ${cwd} && ${start}'
`;
}
