// argv to one command and its flags, or to the text of a help. yargs does the parsing and nothing else.
import type { Argv } from 'yargs';
import { ConnectorError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import { packageVersion } from '../process/package-version.ts';
import { variableOf } from '../settings/variables.ts';
import { secretSettings } from '../source/config.ts';
import type { Command, Flag, FlagValues } from './command.ts';
import { commands } from './commands.ts';

const everywhere = 'Everywhere:';

const commonFlags: Readonly<Record<string, Flag>> = {
  config: {
    type: 'string',
    group: everywhere,
    describe: 'Settings, as YAML or JSON',
    otherwise: 'gong-elt.yaml here or above, as far as the root of the repository',
  },
  json: { type: 'boolean', group: everywhere, describe: 'The result as JSON on stdout' },
  quiet: { type: 'boolean', alias: 'q', group: everywhere, describe: 'Only warnings and errors' },
  verbose: {
    type: 'count',
    alias: 'v',
    group: everywhere,
    describe: 'More on what happens; -vv: ids, numbers and where errors come from',
  },
  'log-format': {
    choices: ['human', 'json'],
    group: everywhere,
    describe: 'Form of the lines on stderr',
    otherwise: 'human',
  },
  'no-color': {
    type: 'boolean',
    group: everywhere,
    describe: 'No colours',
    env: 'NO_COLOR',
    otherwise: 'colours on a terminal',
  },
};

export interface ParsedCommand {
  readonly command: Command;
  readonly flags: FlagValues;
}

/** A text is that of a help or the version. */
export type Parsed = { readonly text: string } | ParsedCommand;

/** @throws ConnectorError of area `config` that says what was meant. */
export async function parseArguments(argv: readonly string[]): Promise<Parsed> {
  const { default: yargs } = await import('yargs');
  let chosen: Parsed | undefined;
  let known: Readonly<Record<string, Flag>> = commonFlags;
  const parser = yargs()
    .scriptName('gong-elt')
    .locale('en')
    .wrap(120)
    .exitProcess(false)
    .parserConfiguration({
      'boolean-negation': false,
      'greedy-arrays': false,
      'parse-positional-numbers': false,
      'parse-numbers': true,
    })
    .usage(overview)
    .version(packageVersion())
    .help()
    .alias('help', 'h')
    .group(['help', 'version'], everywhere)
    .strict()
    .demandCommand(1, 'Which command?')
    .fail((message, error) => {
      throw usageError(message ?? error.message, argv, known);
    });
  addFlags(parser, commonFlags);
  for (const [group, members] of groupsOf(commands)) {
    const add = (to: Argv, command: Command, name: string) =>
      to.command(
        [name, command.operands].filter(Boolean).join(' '),
        command.describe,
        (builder) => {
          known = { ...commonFlags, ...command.flags };
          return addFlags(builder.usage(usageOf(command)), command.flags);
        },
        (flags) => {
          chosen = { command, flags };
        },
      );
    const [only] = members;
    if (only?.name === group) add(parser, only, group);
    else
      parser.command(group, members.map(({ describe }) => describe).join('; '), (builder) => {
        for (const command of members) add(builder, command, command.name.slice(group.length + 1));
        return builder.demandCommand(1, `Which of: ${members.map(({ name }) => name).join(', ')}?`);
      });
  }
  // SQL may begin with a comment, and no flag begins with white space.
  const words = argv.map((word) => (/^-+\s/.test(word) ? ` ${word}` : word));
  await parser.parseAsync(words, {}, (_error, _flags, text) => {
    // Help and version.
    if (text !== '') chosen = { text };
  });
  if (chosen === undefined) throw new ConnectorError('Which command?', { area: 'config', hint: 'gong-elt --help' });
  return chosen;
}

const overview = `gong-elt demo                              # no keys, no network: invented calls, two kits
gong-elt sync --to warehouse.duckdb        # everything new since the last sync

Usage: gong-elt <command>

Settings: flag > environment > .env > gong-elt.yaml > default. The variable of a setting is GONG_ELT_ and its name,
GONG_ELT_START_DATE; gong-elt config show --origin says what holds and why.
Keys come from the environment or .env: GONG_ACCESS_KEY, GONG_ACCESS_KEY_SECRET, SEMARIZE_API_KEY,
each also as the path of a file: GONG_ACCESS_KEY_FILE and so on.`;

function usageOf(command: Command): string {
  return [
    ...command.examples,
    '',
    `Usage: gong-elt ${[command.name, command.operands].filter(Boolean).join(' ')}`,
  ].join('\n');
}

/** `state show` and `state reset` stand under `state`. */
function groupsOf(all: readonly Command[]): Map<string, Command[]> {
  const groups = new Map<string, Command[]>();
  for (const command of all) {
    const [group = ''] = command.name.split(' ');
    groups.set(group, [...(groups.get(group) ?? []), command]);
  }
  return groups;
}

function addFlags(parser: Argv, flags: Readonly<Record<string, Flag>>): Argv {
  for (const [name, { setting, env, otherwise, positional, describe, group, ...option }] of Object.entries(flags)) {
    const variable = setting === undefined ? env : variableOf(setting);
    const text = [describe, variable && `[${variable}]`, otherwise && `(default: ${otherwise})`]
      .filter(Boolean)
      .join(' ');
    if (positional) parser.positional(name, { type: 'string', describe: text });
    else
      parser.option(name, {
        ...option,
        group,
        describe: text,
        requiresArg: option.type === 'string' || option.type === 'number',
      });
  }
  return parser;
}

/** yargs says what is unknown; we say what was meant. */
function usageError(message: string, argv: readonly string[], flags: Readonly<Record<string, Flag>>): ConnectorError {
  const help = { area: 'config', hint: 'gong-elt --help' } as const;
  const unknown = /^Unknown (?:argument|command)s?: (.*)$/.exec(message)?.[1]?.split(', ')[0];
  if (unknown === undefined) return new ConnectorError(/[?.]$/.test(message) ? message : `${message}.`, help);
  const isFlag = argv.some((word) => word.startsWith('-') && word.replace(/^-+/, '').replace(/=.*$/s, '') === unknown);
  if (!isFlag) {
    const near = nearestName(
      unknown,
      commands.flatMap(({ name }) => name.split(' ')),
    );
    return new ConnectorError(`Unknown command or operand "${unknown}".${didYouMean(near)}`, help);
  }
  const secret = nearestName(unknown, secretSettings);
  if (secret !== undefined)
    return new ConnectorError(
      `Unknown flag --${unknown}. Keys are not taken from the command line: others can read it.`,
      {
        area: 'config',
        hint: `set ${variableOf(secret)} in the environment or in .env`,
      },
    );
  return new ConnectorError(
    `Unknown flag --${unknown}.${didYouMean(nearestName(unknown, Object.keys(flags)), '--')}`,
    help,
  );
}

function didYouMean(name: string | undefined, dashes = ''): string {
  return name === undefined ? '' : ` Did you mean "${dashes}${name}"?`;
}
