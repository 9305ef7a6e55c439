// Code of a test in a process of its own, with modules of the compiled program at hand.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { endsWithUs } from '../support/ends-with-us.ts';

const dist = join(import.meta.dirname, '../../dist');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the process has printed this line. */
  printed(line: string): Promise<void>;
}

/**
 * @param code  an ES module; `load('ledger/sync-lock')` gives it a module of ours, `given` what the test passes
 * @param shell a shell command that ends in `exec "$0" "$@"`, for limits of the process
 */
export function startScript(code: string, given: unknown, shell?: string): Running {
  const module = `
    const load = (name) => import(${JSON.stringify(dist)} + '/' + name + '.js');
    const given = ${JSON.stringify(given)};
    ${code}`;
  const args = ['--input-type=module', '-e', module];
  const [command, ...rest] =
    shell === undefined ? [process.execPath, ...args] : ['bash', '-c', shell, process.execPath, ...args];
  const child = endsWithUs(spawn(command as string, rest, { stdio: ['ignore', 'pipe', 'inherit'] }));
  let stdout = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of waiting) look();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ code: exitCode, signal, stdout }));
  });
  return {
    child,
    ended,
    printed: (line) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!`\n${stdout}`.includes(`\n${line}\n`)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`ended before it printed "${line}": ${stdout}`)));
      }),
  };
}
