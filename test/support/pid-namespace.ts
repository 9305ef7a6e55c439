// Processes in a PID namespace of their own, as a container has one, with the same host name and the same disks.
import { spawnSync } from 'node:child_process';

/** A shell command for `startScript` and the like. The process is not the namespace's first, which could not stop itself. */
export const intoNamespace = `exec unshare --pid --fork --kill-child --mount-proc bash -c '"$0" "$@"; exit $?' "$0" "$@"`;

const isPermitted = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;

export interface Elsewhere {
  /** For titles of tests. */
  readonly name: string;
  /** How a process gets there; undefined = it does not, and what it wrote down of itself is changed afterwards. */
  readonly shell: string | undefined;
}

/** Never only skipped: where no namespace can be made, the title says so. */
export const elsewheres: readonly Elsewhere[] = [
  ...(isPermitted ? [{ name: 'in another PID namespace', shell: intoNamespace }] : []),
  {
    name: isPermitted
      ? 'said to be in another PID namespace'
      : 'SAID to be in another one (unshare is not permitted here)',
    shell: undefined,
  },
];

/** What stands in a lock file, or in an identity, of a process that counts elsewhere. */
export const forgedMark = { pidNamespace: 'pid:[1]', pid: 2 ** 22 + 1 } as const;
