// What both Airbyte faces share: arguments of a host to a command, logs and errors to messages, results to an exit code.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConnectorError, StoppedError, toConnectorError } from '../../core/errors.ts';
import type { JsonValue } from '../../core/json.ts';
import type { Log, LogLevel } from '../../core/log.ts';
import { createLineWriter, type LineWriter } from '../../jsonl/writer.ts';
import { exitCodeOf, exitCodes } from '../../process/exit-codes.ts';
import type { ProgramIo } from '../../process/program.ts';
import { encodeConnectionStatus, encodeError, encodeLog, logText } from '../../protocol/airbyte/encode.ts';
import { readConfigFile, readJsonFile, readTextFile } from '../../settings/config-file.ts';

export interface FaceContext {
  readonly io: ProgramIo;
  /** stdout: nothing but messages. */
  readonly output: LineWriter;
  /** Writes LOG messages. */
  readonly log: Log;
  /** Aborted when a signal came, and when nobody reads the messages any more. */
  readonly signal: AbortSignal;
  /** The settings in the file that `--config` names. */
  readonly readConfig: () => Promise<JsonValue>;
  /** The parsed file that `--catalog` names. */
  readonly readCatalog: () => Promise<JsonValue>;
  /** The text of the file that `--state` names; undefined without one. */
  readonly readState: () => Promise<string | undefined>;
}

/** @returns the exit code. @throws what a host is told as TRACE ERROR. */
export type FaceCommand = (context: FaceContext) => Promise<number>;

/**
 * Runs one command of a face. A host is told of every failure on stdout; stderr is used only when stdout is gone.
 * @param name of the program, for its usage
 */
export async function runFace(
  io: ProgramIo,
  name: string,
  commands: Readonly<Record<string, FaceCommand>>,
): Promise<number> {
  const output = createLineWriter(io.stdout);
  try {
    const code = await runCommand(io, output, name, commands);
    await output.finish();
    return code;
  } catch (thrown) {
    if (output.signal.aborted) {
      io.stderr.write(`${name}: ${(output.signal.reason as Error).message}\n`);
      return exitCodes.incomplete;
    }
    const { text, code } = explain(thrown, io);
    output.write(text);
    await output.finish();
    return code;
  }
}

function explain(thrown: unknown, io: ProgramIo): { text: string; code: number } {
  // The host asked for it, so it is no error to tell.
  if (thrown instanceof StoppedError) {
    const { message } = io.signal.reason instanceof StoppedError ? io.signal.reason : thrown;
    return { text: encodeLog('warn', message), code: exitCodes.incomplete };
  }
  const error = withoutSecrets(toConnectorError(thrown), io);
  return { text: encodeError(error, io.clock), code: exitCodeOf(error) };
}

/** The error with the secrets taken out of its texts, for messages that do not pass the log. */
export function withoutSecrets(error: ConnectorError, { redactor }: ProgramIo): ConnectorError {
  const { hint } = error;
  const clean = { ...error, cause: error.cause, ...(hint === undefined ? {} : { hint: redactor.redact(hint) }) };
  return new ConnectorError(redactor.redact(error.message), clean);
}

async function runCommand(
  io: ProgramIo,
  output: LineWriter,
  name: string,
  commands: Readonly<Record<string, FaceCommand>>,
): Promise<number> {
  const usage = `${name} ${Object.keys(commands).join('|')} [--config FILE] [--catalog FILE] [--state FILE] [--debug]`;
  const { command, flags } = parseArguments(io.argv, usage);
  if (flags.help) {
    io.stderr.write(`Usage: ${usage}\n`);
    return exitCodes.complete;
  }
  const run = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (run === undefined)
    throw usageError(command === '' ? 'Which command?' : `There is no command "${command.slice(0, 60)}".`, usage);
  const pathOf = (flag: 'config' | 'catalog'): string => {
    const path = flags[flag];
    if (path === undefined) throw usageError(`The command ${command} needs --${flag}.`, usage);
    return path;
  };
  const { state } = flags;
  return await run({
    io,
    output,
    log: createHostLog(io, output, flags.debug === true ? 'debug' : levelOf(io.env['LOG_LEVEL'])),
    signal: AbortSignal.any([io.signal, output.signal]),
    readConfig: async () => await readConfigFile(resolve(io.cwd, pathOf('config')), pathOf('config')),
    readCatalog: async () => await readJsonFile(resolve(io.cwd, pathOf('catalog')), pathOf('catalog')),
    readState: async () => (state === undefined ? undefined : await readTextFile(resolve(io.cwd, state), state)),
  });
}

function parseArguments(argv: readonly string[], usage: string) {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        catalog: { type: 'string' },
        state: { type: 'string' },
        debug: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    const [command = '', ...more] = positionals;
    if (more.length > 0) throw usageError('There is one command at a time.', usage);
    return { command, flags: values };
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    // Its text quotes what was typed, and nothing else.
    throw usageError(`The arguments are not understood: ${(error as Error).message.split('.')[0]}.`, usage);
  }
}

function usageError(message: string, usage: string): ConnectorError {
  return new ConnectorError(message, { area: 'config', hint: usage });
}

const levels: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** LOG_LEVEL as hosts set it. */
function levelOf(name: string | undefined): LogLevel {
  const level = name?.toLowerCase();
  if (level === 'trace') return 'debug';
  return levels.find((known) => known === level) ?? 'info';
}

function createHostLog(io: ProgramIo, output: LineWriter, least: LogLevel): Log {
  return (level, message, fields) => {
    if (levels.indexOf(level) > levels.indexOf(least) || output.signal.aborted) return;
    output.write(encodeLog(level, io.redactor.redact(logText(message, fields))));
  };
}

/**
 * Answers `check`: settings that are wrong and services that refuse are an answer, not a failure of ours.
 * @returns the exit code, 0 for either answer
 */
export async function answerCheck(
  { io, output }: FaceContext,
  check: () => Promise<{ readonly ok: boolean; readonly message: string }>,
): Promise<number> {
  let answer: { readonly ok: boolean; readonly message: string };
  try {
    answer = await check();
  } catch (thrown) {
    if (thrown instanceof StoppedError) throw thrown;
    const error = toConnectorError(thrown);
    if (error.area === 'bug') throw error;
    answer = { ok: false, message: error.hint === undefined ? error.message : `${error.message} → ${error.hint}` };
  }
  await output.write(encodeConnectionStatus(answer.ok, io.redactor.redact(answer.message)));
  return exitCodes.complete;
}
