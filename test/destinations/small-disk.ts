// A disk of a few megabytes that can be grown and made read-only. Only root may mount one.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface SmallDisk {
  readonly folder: string;
  /** `size=64m`, `ro`, `rw` */
  remount(options: string): void;
}

export const canMount = userInfo().uid === 0 && process.platform === 'linux';

export async function mountSmallDisk(size: string): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-disk-'));
  run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder);
  onTestFinished(async () => {
    run('umount', '-l', folder);
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, remount: (options) => run('mount', '-o', `remount,${options}`, folder) };
}

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}
