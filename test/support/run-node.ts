// Child processes for black-box tests: the compiled bins, and scripts beside the tests.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { endsWithUs } from '../support/ends-with-us.ts';

export const root = join(import.meta.dirname, '../..');
export const gongElt = join(root, 'dist/bin/gong-elt.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with the process and all that came from its stdout so far, at each piece. */
  readonly onOutput?: (child: ChildProcess, stdout: string) => void;
  /** The same of its stderr. */
  readonly onError?: (child: ChildProcess, stderr: string) => void;
}

/** Runs node with `args` and nothing of our environment but PATH. */
export function runNode(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '', ...options.env };
    const child = endsWithUs(spawn(process.execPath, args, { cwd: options.cwd ?? root, env }));
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(child, stdout);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onError?.(child, stderr);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    // Who dies does not read to the end.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

export const runGongElt = (args: readonly string[], options: RunOptions = {}) => runNode([gongElt, ...args], options);
