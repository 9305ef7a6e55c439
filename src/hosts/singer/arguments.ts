// The command line of a Singer host: flags, in any order, of which each mode takes those that matter to it.
import { parseArgs } from 'node:util';
import { ConnectorError } from '../../core/errors.ts';

const options = {
  config: { type: 'string', short: 'c', multiple: true },
  state: { type: 'string', short: 's' },
  catalog: { type: 'string' },
  properties: { type: 'string', short: 'p' },
  discover: { type: 'boolean', short: 'd' },
  test: { type: 'string' },
  input: { type: 'string' },
  about: { type: 'boolean' },
  format: { type: 'string' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
  dev: { type: 'boolean' },
} as const;

export type SingerArguments = ReturnType<typeof parseArguments>;

/**
 * @param usage of the program, for its errors
 * @throws ConnectorError (config) for what is not understood
 */
export function parseArguments(argv: readonly string[], usage: string) {
  try {
    // `--test` may stand alone.
    const args = argv.map((argument) => (argument === '--test' ? '--test=all' : argument));
    return parseArgs({ args, options }).values;
  } catch (error) {
    // Its text quotes what was typed, and nothing else.
    throw new ConnectorError(`The arguments are not understood: ${(error as Error).message.split('.')[0]}.`, {
      area: 'config',
      hint: usage,
    });
  }
}
