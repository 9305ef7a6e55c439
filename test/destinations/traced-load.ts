// The load of crash-child.mjs with one system call that fails, or after which the process is dead, by strace.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endsWithUs } from '../support/ends-with-us.ts';

export const canTrace = process.platform === 'linux' && spawnSync('strace', ['-V']).status === 0;

export interface Injection {
  /** A system call; one that has two names on different machines is named by both: `link,linkat`. */
  readonly call: string;
  /** `error=EIO` or `signal=SIGKILL`; undefined: it is only counted. */
  readonly what?: string;
  /** The how manieth, from 1; default: each. */
  readonly when?: number;
  /** Only on this file or folder, or these. */
  readonly path?: string | readonly string[];
}

export interface Traced {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly acknowledged: number;
  readonly stderr: string;
  /** How often the call was made. */
  readonly calls: number;
  /** Did what was asked for happen? Strace counts by thread, so a number that no thread reaches does not. */
  readonly hasHappened: boolean;
}

/** @param args of node */
export async function runTraced(args: readonly string[], injection: Injection, input?: string): Promise<Traced> {
  const { call, what, when, path } = injection;
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-trace-'));
  const log = join(folder, 'trace');
  const inject = what === undefined ? [] : ['-e', `inject=${call}:${what}${when === undefined ? '' : `:when=${when}`}`];
  const only = [path ?? []].flat().flatMap((one) => ['-P', one]);
  const traced = ['-f', '-qq', '-o', log, '-e', `trace=${call}`, ...only, ...inject, process.execPath, ...args];
  // strace counts by thread: with one thread for files, the n-th call is the n-th of the process.
  const env = { PATH: process.env['PATH'] ?? '', UV_THREADPOOL_SIZE: '1' };
  const child = endsWithUs(spawn('strace', traced, { env, stdio: ['pipe', 'pipe', 'pipe'] }));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdin.end(input ?? '');
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const lines = (await readFile(log, 'utf8')).split('\n');
  const calls = lines.filter((line) => / = -?\d/.test(line)).length;
  const hasHappened = lines.some((line) => /\(INJECTED\)|killed by SIGKILL/.test(line));
  await rm(folder, { recursive: true, force: true });
  const acknowledged = Math.max(0, ...[...stdout.matchAll(/ACK (\d+)/g)].map((match) => Number(match[1])));
  return { code, signal, acknowledged, stderr, calls, hasHappened };
}

/** The two rounds of crash-child.mjs into the lake or the file at `place`. */
export function loadTraced(place: string, injection: Injection, kind: 'duckdb' | 'lake' = 'lake'): Promise<Traced> {
  return runTraced([join(import.meta.dirname, 'crash-child.mjs'), kind, place, '-', '0'], injection);
}
