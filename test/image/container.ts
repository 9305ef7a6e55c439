// The Dockerfile's steps without Docker: the build stage is run in a folder, and what it leaves is started as a host would:
// as another user, without capabilities, on a root file system that cannot be written. As root this is done in a mount namespace
// of its own; without root the same commands run in the open.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environmentOf, type ImageName, instructionsOf, lastOf, readDockerfile, root } from './dockerfile.ts';

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

export interface Surroundings {
  /** What `buildImage` left. */
  readonly app: string;
  /** A folder of this machine that can be written: the volume. */
  readonly data: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * A connector as Airbyte's platform starts it: by a shell, as user 1000. Paths in `data` are the same inside and outside.
 * @param command as the platform appends it to the entry point
 */
export async function runImage(
  image: 'source' | 'destination',
  command: string,
  { app, data, input, env }: Surroundings,
): Promise<Answer> {
  return await start(image, ['sh', '-c', 'eval "$AIRBYTE_ENTRYPOINT $COMMAND"'], {
    app,
    data,
    input,
    env: { COMMAND: command, ...env },
    user: 1000,
    volume: data,
    cwd: image === 'source' ? '/source' : '/dest',
  });
}

/** The image `cli` as `docker run --user` starts it: its entry point, in its folder, with a new volume where it declares one. */
export async function runCli(
  args: readonly string[],
  { app, data, input, env, user }: Surroundings & { user: number },
): Promise<Answer> {
  const instructions = instructionsOf(readDockerfile(), 'cli');
  return await start('cli', [...(JSON.parse(lastOf(instructions, 'ENTRYPOINT')) as string[]), ...args], {
    app,
    data,
    input,
    // Docker's for a user that the image does not know.
    env: { HOME: '/', ...env },
    user,
    volume: lastOf(instructions, 'VOLUME'),
    cwd: lastOf(instructions, 'WORKDIR'),
  });
}

interface Place extends Surroundings {
  readonly input: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly user: number;
  /** Where `data` is mounted. */
  readonly volume: string;
  readonly cwd: string;
}

async function start(image: ImageName, words: readonly string[], place: Place): Promise<Answer> {
  const stages = readDockerfile();
  const steps = (stages.find(({ name }) => name === image)?.instructions ?? [])
    .filter(({ name }) => name === 'RUN')
    .map(({ value }) => value);
  const env = { ...environmentOf(instructionsOf(stages, image)), ...place.env };
  return isIsolated ? await startIsolated(words, steps, env, place) : await startInTheOpen(words, steps, env, place);
}

const searched = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

async function startIsolated(
  words: readonly string[],
  steps: readonly string[],
  env: Readonly<Record<string, string>>,
  place: Place,
): Promise<Answer> {
  const script = join(place.data, '..', 'start.sh');
  writeFileSync(script, isolated(steps, place));
  return await run(['unshare', '-m', 'sh', script, ...words], { PATH: searched, ...env }, place.input);
}

/** A root of its own in memory: the system's folders and the image read-only, `/tmp` and the data to be written. */
function isolated(steps: readonly string[], { app, data, user, volume, cwd }: Place): string {
  const system = '/usr /bin /lib /lib64 /etc';
  return `set -e
new=$(mktemp -d -p "${dirname(data)}")
mount -t tmpfs -o mode=755 tmpfs "$new"
for folder in ${system} /dev /proc; do
  [ -e "$folder" ] || continue
  mkdir -p "$new$folder"
  mount --rbind "$folder" "$new$folder"
done
# The image's steps are root's: nothing of this machine is theirs.
for folder in ${system}; do
  [ ! -e "$folder" ] || mount -o remount,bind,ro "$new$folder"
done
# Where the base image has its Node.
mount -t tmpfs -o mode=755 tmpfs "$new/usr/local/bin"
touch "$new/usr/local/bin/node"
mount --bind "${process.execPath}" "$new/usr/local/bin/node"
mkdir -p "$new/airbyte/gong-elt" "$new/tmp"
mount -t tmpfs -o mode=1777 tmpfs "$new/tmp"
mount --bind "${app}" "$new/airbyte/gong-elt"
mount -o remount,bind,ro "$new/airbyte/gong-elt"
${steps.map((step) => `chroot "$new" sh -ec '${step.replaceAll("'", `'\\''`)}'`).join('\n')}
mkdir -p "$new${cwd}"
[ -d "$new${volume}" ] || mkdir -p -m 777 "$new${volume}"
chown --reference "$new${volume}" "${data}"
chmod --reference "$new${volume}" "${data}"
mount --bind "${data}" "$new${volume}"
mount -o remount,ro "$new/usr/local/bin"
mount -o remount,ro "$new"
cd /
exec chroot "$new" setpriv --reuid ${user} --regid ${user} --clear-groups --no-new-privs --bounding-set -all --inh-caps -all env --chdir=${cwd} "$@"
`;
}

/** Outside of the namespace the image's places are folders of ours, and the user is who runs the tests. */
async function startInTheOpen(
  words: readonly string[],
  steps: readonly string[],
  env: Readonly<Record<string, string>>,
  { app, data, volume, input }: Place,
): Promise<Answer> {
  const bin = mkdtempSync(join(data, '..', 'bin-'));
  symlinkSync(process.execPath, join(bin, 'node'));
  const places: Record<string, string> = { '/airbyte/gong-elt': app, '/usr/local/bin': bin, [volume]: data };
  const named = new RegExp(`(?:${Object.keys(places).join('|')})(?![\\w-])`, 'g');
  const inPlace = (text: string) => text.replace(named, (place) => places[place] ?? place);
  const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, inPlace(value)]));
  for (const step of steps) execFileSync('sh', ['-ec', inPlace(step)], { cwd: data });
  return await run(words.map(inPlace), { PATH: `${bin}:${searched}`, ...variables }, input, data);
}

async function run(
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
  cwd?: string,
): Promise<Answer> {
  const child = spawn(command, args, { env, cwd });
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
