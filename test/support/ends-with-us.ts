// Child processes that do not outlive the tests: a run that is aborted leaves nobody who ends them, and a stopped process hears
// of nothing.
import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Kills `child` when this process ends first, in whatever way. A shell in a session of its own waits for that: its pipe to us
 * closes then. @returns the child
 */
export function endsWithUs<Child extends ChildProcess>(child: Child): Child {
  if (child.pid === undefined) return child;
  const script = 'read -r line || kill -s KILL "$0"';
  const watcher = spawn('sh', ['-c', script, String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // It may be gone already when the child is.
  watcher.stdin.on('error', () => {});
  child.once('exit', () => watcher.stdin.end('ended\n'));
  return child;
}
