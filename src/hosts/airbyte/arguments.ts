// The command line of an Airbyte host: a command, and the files that it works with.
import { parseArgs } from 'node:util';
import { ConnectorError } from '../../core/errors.ts';

const options = {
  config: { type: 'string' },
  catalog: { type: 'string' },
  state: { type: 'string' },
  debug: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

export type AirbyteArguments = ReturnType<typeof parseArguments>;

/**
 * @param usage of the program, for its errors
 * @throws ConnectorError (config) for what is not understood, and without a command
 */
export function parseArguments(argv: readonly string[], usage: string) {
  const { values: flags, positionals } = parse(argv, usage);
  const [command = '', ...more] = positionals;
  if (more.length > 0) throw usageError('There is one command at a time.', usage);
  if (command === '' && !flags.help) throw usageError('Which command?', usage);
  return { command, flags };
}

/** @throws ConnectorError (config) when the command cannot do without the flag */
export function needFlag({ command, flags }: AirbyteArguments, flag: 'config' | 'catalog', usage: string): string {
  const value = flags[flag];
  if (value === undefined) throw usageError(`The command ${command} needs --${flag}.`, usage);
  return value;
}

export function usageError(message: string, usage: string): ConnectorError {
  return new ConnectorError(message, { area: 'config', hint: usage });
}

function parse(argv: readonly string[], usage: string) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    // Its text quotes what was typed, and nothing else.
    throw usageError(`The arguments are not understood: ${(error as Error).message.split('.')[0]}.`, usage);
  }
}
