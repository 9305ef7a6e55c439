// Who this process is, as far as the system tells: for the lock file of a sync, and for its staging folder.
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { ProcessIdentity } from '../core/machine.ts';

export async function identifyProcess(): Promise<ProcessIdentity> {
  return {
    pid: process.pid,
    host: hostname(),
    // These two on Linux only; elsewhere the process id alone has to do.
    bootId: await readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
      (text) => text.trim(),
      () => '',
    ),
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => ''),
    startTime: (await startTimeOf(process.pid)) ?? '',
    startTimeOf,
  };
}

async function startTimeOf(pid: number): Promise<string | undefined> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold blanks; the start time is the 20th field behind it (proc(5), field 22).
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
