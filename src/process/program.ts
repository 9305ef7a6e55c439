// The process around a program: streams, signals, stray prints, the exit. Every bin runs in it, and only it touches `process`.
import { Console } from 'node:console';
import { Readable, Writable } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/clock.ts';
import type { CrashPoint } from '../core/crash-point.ts';
import { noCrashPoint } from '../core/crash-point.ts';
import { StoppedError, toConnectorError } from '../core/errors.ts';
import type { Machine } from '../core/machine.ts';
import { exitCodes } from './exit-codes.ts';
import { thisMachine } from './machine.ts';
import type { Redactor } from './redaction.ts';
import { createRedactor } from './redaction.ts';

/** What a program gets instead of `process`. */
export interface ProgramIo {
  /** Without node and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly isTerminal: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Width of the terminal that stdout is. */
  readonly terminalColumns?: number | undefined;
  readonly clock: Clock;
  readonly crashPoint: CrashPoint;
  readonly machine: Machine;
  /** `20.19.0`. */
  readonly nodeVersion: string;
  readonly pid: number;
  /** What is printed to stderr passes it. */
  readonly redactor: Redactor;
  /**
   * Aborted with a StoppedError by the first SIGINT, SIGTERM or SIGHUP, and when the reader of stdout hung up: start nothing
   * new, commit, save the state, return. A second signal ends the process at once.
   */
  readonly signal: AbortSignal;
}

/** @returns the exit code; without effect when a signal came, since then the process dies by it. */
export type Program = (io: ProgramIo) => Promise<number>;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a program in this process. Never calls process.exit: what is written drains first. */
export async function runProgram(program: Program, overrides: Partial<ProgramIo> = {}): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const controller = new AbortController();
  const redactor = createRedactor();
  let received: NodeJS.Signals | undefined;
  let failed: number | undefined;

  const say = (text: string) => stderr.write(`${redactor.redact(text)}\n`);
  const onSignal = (signal: NodeJS.Signals) => {
    if (received !== undefined) return dieBy(signal);
    received = signal;
    controller.abort(new StoppedError(`stopped by ${signal}`));
  };
  const dieBy = (signal: NodeJS.Signals) => {
    for (const name of signals) process.removeListener(name, onSignal);
    process.kill(process.pid, signal);
  };
  for (const name of signals) process.on(name, onSignal);

  stdout.on('error', () => {
    failed ??= exitCodes.incomplete;
    controller.abort(new StoppedError('the reader of our output hung up'));
  });
  // Nobody is left to tell.
  stderr.on('error', () => {});
  process.on('uncaughtException', (error) => {
    failed = exitCodes.bug;
    say(`error: ${toConnectorError(error).message} → please report it, with the command`);
    controller.abort(new StoppedError('unexpected error', { cause: error }));
  });
  // stdout is data: a stray print of a library goes to stderr.
  const stray = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => void stderr.write(redactor.redact(String(chunk)), () => done()),
  });
  globalThis.console = new Console({ stdout: stray, stderr: stray });

  const code = await program({
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdin,
    stdout,
    stderr,
    isTerminal: { stdin: stdin.isTTY === true, stdout: stdout.isTTY === true, stderr: stderr.isTTY === true },
    terminalColumns: stdout.isTTY ? stdout.columns : undefined,
    clock: systemClock,
    crashPoint: noCrashPoint,
    machine: thisMachine(process.env, redactor.learn),
    nodeVersion: process.versions.node,
    pid: process.pid,
    redactor,
    signal: controller.signal,
    ...overrides,
  });
  // An open stdin would keep the process alive.
  if (stdin instanceof Readable) stdin.destroy();
  process.exitCode = failed ?? code;
  if (received === undefined) {
    for (const name of signals) process.removeListener(name, onSignal);
    return;
  }
  await new Promise<void>((done) => stdout.write('', () => done()));
  dieBy(received);
}
