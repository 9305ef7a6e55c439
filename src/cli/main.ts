// The people's program: argv to one command, its result to text and an exit code.
import { StoppedError, toConnectorError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { createLineWriter } from '../jsonl/writer.ts';
import { exitCodeOf, exitCodes } from '../process/exit-codes.ts';
import type { Logger } from '../process/logger.ts';
import { createLogger, errorAnswer } from '../process/logger.ts';
import type { ProgramIo } from '../process/program.ts';
import type { Screen } from '../process/screen.ts';
import { createScreen } from '../process/screen.ts';
import type { SettingName } from '../settings/people-schema.ts';
import type { ParsedCommand } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import type { Command, CommandContext, FlagValues } from './command.ts';

type Print = CommandContext['print'];

/** Runs one command. Its result goes to stdout, everything else to stderr. */
export async function runMain(io: ProgramIo): Promise<number> {
  const screen = createScreen(io.stderr, io.isTerminal.stderr);
  const stdout = createLineWriter(io.stdout);
  const print: Print = async (text) => await stdout.write(text);
  let logger = createLoggerFor(io, screen, {});
  let flags: FlagValues = {};
  try {
    const parsed = await parseArguments(io.argv);
    if ('text' in parsed) {
      await print(`${parsed.text}\n`);
      await stdout.finish();
      return exitCodes.complete;
    }
    flags = parsed.flags;
    logger = createLoggerFor(io, screen, flags);
    const code = await parsed.command.run(flags, createContext(io, screen, parsed, logger, print));
    await stdout.finish();
    return code;
  } catch (thrown) {
    screen.status([]);
    const code = tell(thrown, logger, io.signal);
    if (flags['json'] === true && !stdout.signal.aborted) {
      await print(`${io.redactor.redact(JSON.stringify(errorAnswer(thrown)))}\n`);
      await stdout.finish();
    }
    return code;
  }
}

/** @returns the exit code. */
function tell(thrown: unknown, logger: Logger, signal: AbortSignal): number {
  if (thrown instanceof StoppedError) {
    // The signal knows why; who was stopped by it may not.
    const { message } = signal.reason instanceof StoppedError ? signal.reason : thrown;
    logger.log('warn', message);
    return exitCodes.incomplete;
  }
  const error = toConnectorError(thrown);
  logger.error(error);
  return exitCodeOf(error);
}

function createLoggerFor(io: ProgramIo, screen: Screen, flags: FlagValues): Logger {
  const verbose = Number(flags['verbose'] ?? 0);
  return createLogger({
    screen,
    redactor: io.redactor,
    format: flags['log-format'] === 'json' ? 'json' : 'human',
    level: flags['quiet'] === true ? 'warn' : verbose > 0 ? 'debug' : 'info',
    details: verbose > 1,
    color: usesColor(io, flags),
    now: () => io.clock.now(),
  });
}

function usesColor({ env, isTerminal }: ProgramIo, flags: FlagValues): boolean {
  if (flags['no-color'] === true) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return isTerminal.stderr && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

function createContext(
  io: ProgramIo,
  screen: Screen,
  { command, flags }: ParsedCommand,
  logger: Logger,
  print: Print,
): CommandContext {
  const { config } = flags;
  const logOnce = createOnceLog(logger.log);
  return {
    io,
    screen,
    log: logger.log,
    environment: { ...io, log: logger.log },
    print,
    json: flags['json'] === true,
    quiet: flags['quiet'] === true,
    fail: (error) => tell(error, logger, io.signal),
    settings: async (flagSettings = {}, asked) => {
      const { findSettings } = await import('../settings/found-settings.ts');
      const { settingNames } = await import('../settings/people-schema.ts');
      const given = settingsOfFlags(command, flags);
      return await findSettings({
        flags: flagSettings,
        env: io.env,
        cwd: io.cwd,
        configPath: typeof config === 'string' ? config : undefined,
        learnSecret: io.redactor.learn,
        log: logOnce,
        asked: (asked ?? settingNames).filter((name) => !given.includes(name)),
      });
    },
  };
}

/** Settings that this command's flags stand above, whatever form the flags have. */
function settingsOfFlags(command: Command, flags: FlagValues): SettingName[] {
  return Object.entries(command.flags).flatMap(([name, { setting }]) =>
    setting === undefined || flags[name] === undefined ? [] : [setting],
  );
}

/** A command may look for settings twice, and what there is to say of them is said once. */
function createOnceLog(log: Log): Log {
  const said = new Set<string>();
  return (level, message, fields) => {
    if (said.has(message)) return;
    said.add(message);
    log(level, message, fields);
  };
}
