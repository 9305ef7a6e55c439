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
  /** Resolves with the first group of `pattern` when the process has printed what it matches. */
  said(pattern: RegExp): Promise<string>;
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
  const until = <T>(what: string, find: () => T | undefined) =>
    new Promise<T>((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`ended before it printed ${what}: ${stdout}`)));
    });
  return {
    child,
    ended,
    async printed(line) {
      await until(`"${line}"`, () => (`\n${stdout}`.includes(`\n${line}\n`) ? true : undefined));
    },
    said: (pattern) => until(String(pattern), () => pattern.exec(stdout)?.[1]),
  };
}
