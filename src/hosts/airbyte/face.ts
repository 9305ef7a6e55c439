// What both Airbyte faces share: a command of a host to a function of ours, and its end to an exit code.
import { errorText, StoppedError, toConnectorError } from '../../core/errors.ts';
import { createLineWriter, type LineWriter } from '../../jsonl/writer.ts';
import { endByError } from '../../process/ending.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { ProgramIo } from '../../process/program.ts';
import { encodeConnectionStatus } from '../../protocol/airbyte/encode.ts';
import { parseArguments, usageError } from './arguments.ts';
import { type AirbyteFiles, findFiles } from './files.ts';
import { type AirbyteLog, createAirbyteLog } from './log.ts';

export interface AirbyteContext extends AirbyteFiles {
  readonly io: ProgramIo;
  /** stdout: nothing but messages. */
  readonly output: LineWriter;
  readonly words: AirbyteLog;
  /** Aborted when a signal came, and when nobody reads the messages any more. */
  readonly signal: AbortSignal;
}

/** @returns the exit code. @throws what a host is told as TRACE ERROR. */
export type AirbyteCommand = (context: AirbyteContext) => Promise<number>;

/**
 * Runs one command of a face. A host is told of every failure.
 * @param name of the program
 * @returns the exit code
 */
export async function runAirbyteFace(
  io: ProgramIo,
  name: string,
  commands: Readonly<Record<string, AirbyteCommand>>,
): Promise<number> {
  const output = createLineWriter(io.stdout);
  const signal = AbortSignal.any([io.signal, output.signal]);
  const usage = `${name} ${Object.keys(commands).join('|')} [--config FILE] [--catalog FILE] [--state FILE] [--debug]`;
  let words = createAirbyteLog(io, output, name, false);
  let code: number;
  try {
    const given = parseArguments(io.argv, usage);
    words = createAirbyteLog(io, output, name, given.flags.debug === true);
    if (given.flags.help) {
      io.stderr.write(`Usage: ${usage}\n`);
      return exitCodes.complete;
    }
    const run = Object.hasOwn(commands, given.command) ? commands[given.command] : undefined;
    if (run === undefined) throw usageError(`There is no command "${given.command.slice(0, 60)}".`, usage);
    code = await run({ ...findFiles(given, io.cwd, usage), io, output, words, signal });
    await output.finish();
  } catch (thrown) {
    code = endByError(thrown, signal, words);
    // Nobody is left to tell when that fails, too.
    await output.finish().catch(() => {});
  }
  return code;
}

/**
 * Answers `check`: settings that are wrong and services that refuse are an answer, not a failure of ours.
 * @param check returns what is wrong, in words; undefined when nothing is
 * @returns the exit code, 0 for either answer
 */
export async function answerCheck(
  { io, output }: AirbyteContext,
  check: () => Promise<string | undefined>,
): Promise<number> {
  let problem: string | undefined;
  try {
    problem = await check();
  } catch (thrown) {
    if (thrown instanceof StoppedError) throw thrown;
    const error = toConnectorError(thrown);
    if (error.area === 'bug') throw error;
    problem = errorText(error);
  }
  await output.write(encodeConnectionStatus(problem === undefined, io.redactor.redact(problem ?? 'ok')));
  return exitCodes.complete;
}
