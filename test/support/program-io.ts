// A program in the tests' own process: what it gets instead of `process`, with its output in memory.
import { Readable, Writable } from 'node:stream';
import { systemClock } from '../../src/core/clock.ts';
import { noCrashPoint } from '../../src/core/crash-point.ts';
import type { ProgramIo } from '../../src/process/program.ts';
import { createRedactor } from '../../src/process/redaction.ts';
import { machine } from './environment.ts';
import { root } from './run-node.ts';

export interface ProgramInMemory {
  readonly io: ProgramIo;
  /** What was written so far. */
  stdout(): string;
  stderr(): string;
}

export function openProgram(given: Partial<ProgramIo>): ProgramInMemory {
  const stdout = createSink();
  const stderr = createSink();
  return {
    io: {
      argv: [],
      env: {},
      cwd: root,
      stdin: Readable.from([]),
      stdout: stdout.stream,
      stderr: stderr.stream,
      isTerminal: { stdin: false, stdout: false, stderr: false },
      clock: systemClock,
      crashPoint: noCrashPoint,
      machine,
      nodeVersion: process.versions.node,
      pid: process.pid,
      redactor: createRedactor(),
      signal: new AbortController().signal,
      ...given,
    },
    stdout: stdout.text,
    stderr: stderr.text,
  };
}

function createSink() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
