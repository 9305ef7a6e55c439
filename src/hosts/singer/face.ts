// What both Singer faces share: flags, settings from files and the environment, errors to a last line and an exit code.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConnectorError, StoppedError, toConnectorError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { createLineWriter, type LineWriter } from '../../jsonl/writer.ts';
import { exitCodeOf, exitCodes } from '../../process/exit-codes.ts';
import { packageVersion } from '../../process/package-version.ts';
import type { ProgramIo } from '../../process/program.ts';
import { readJsonFile } from '../../settings/config-file.ts';
import { createSingerLog, type SingerLog, variablePrefix } from './log.ts';

/** What a program says of itself. */
export interface SingerAbout {
  readonly name: string;
  readonly description: string;
  readonly capabilities: readonly string[];
  /** JSON Schema of its settings. */
  readonly settings: JsonObject;
}

export interface SingerContext extends SingerLog {
  readonly io: ProgramIo;
  /** stdout: nothing but messages. */
  readonly output: LineWriter;
  readonly flags: SingerFlags;
  /** Aborted when a signal came, and when nobody reads the messages any more. */
  readonly signal: AbortSignal;
  /** The settings of all `--config`, later ones over earlier ones, the environment over all; undefined without any. */
  readonly readConfig: () => Promise<JsonObject | undefined>;
}

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

export type SingerFlags = ReturnType<typeof parseFlags>;

/**
 * Runs a face. What goes wrong is told on stderr: its last line is the reason.
 * @param usage of the program, without its name
 */
export async function runSingerFace(
  io: ProgramIo,
  usage: string,
  about: () => Promise<SingerAbout>,
  name: string,
  run: (context: SingerContext) => Promise<number>,
): Promise<number> {
  const output = createLineWriter(io.stdout);
  const log = createSingerLog(io, name);
  try {
    const flags = parseFlags(io.argv, `${name} ${usage}`);
    const text = await answerAbout(flags, about, `${name} ${usage}`, name);
    if (text !== undefined) await output.write(text);
    const signal = AbortSignal.any([io.signal, output.signal]);
    const readConfig = () => readSettings(flags.config ?? [], io, about, name);
    const code = text === undefined ? await run({ ...log, io, output, flags, signal, readConfig }) : exitCodes.complete;
    await output.finish();
    return code;
  } catch (thrown) {
    if (thrown instanceof StoppedError) {
      const reason = io.signal.reason instanceof StoppedError ? io.signal.reason : thrown;
      log.log('warn', reason.message);
      return exitCodes.incomplete;
    }
    const error = toConnectorError(thrown);
    log.critical(error);
    return exitCodeOf(error);
  }
}

function parseFlags(argv: readonly string[], usage: string) {
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

async function answerAbout(
  flags: SingerFlags,
  about: () => Promise<SingerAbout>,
  usage: string,
  name: string,
): Promise<string | undefined> {
  if (flags.help) return `Usage: ${usage}\n`;
  if (flags.version) return `${name} v${packageVersion()}\n`;
  if (!flags.about) return undefined;
  const { description, capabilities, settings } = await about();
  const version = packageVersion();
  if (flags.format === 'json') {
    const facts = { name, description, version, sdk_version: null, supported_python_versions: null };
    return `${JSON.stringify({ ...facts, capabilities, settings }, null, 2)}\n`;
  }
  const properties = isJsonObject(settings['properties']) ? settings['properties'] : {};
  const rows = Object.entries(properties).map(([setting, form]) => {
    const text = isJsonObject(form) ? form['description'] : undefined;
    return `| ${setting} | ${typeof text === 'string' ? text : ''} |`;
  });
  return [
    `# ${name}\n\n${description}\n\nVersion: ${version}\n\n## Capabilities\n`,
    ...capabilities.map((capability) => `- \`${capability}\``),
    '\n## Settings\n\n| Setting | Description |\n| --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

async function readSettings(
  paths: readonly string[],
  io: ProgramIo,
  about: () => Promise<SingerAbout>,
  name: string,
): Promise<JsonObject | undefined> {
  if (paths.length === 0) return undefined;
  const settings: JsonObject = {};
  for (const path of paths.filter((candidate) => candidate !== 'ENV')) {
    const value = await readJsonFile(resolve(io.cwd, path), path);
    if (value !== null && !isJsonObject(value))
      throw new ConnectorError(`${path} does not hold settings (a JSON object).`, {
        area: 'config',
        hint: 'correct the file that --config names',
      });
    Object.assign(settings, value);
  }
  if (!paths.includes('ENV')) return settings;
  const { properties } = (await about()).settings;
  for (const setting of isJsonObject(properties) ? Object.keys(properties) : []) {
    const text = io.env[`${variablePrefix(name)}${setting.toUpperCase()}`];
    if (text !== undefined) settings[setting] = text;
  }
  return settings;
}
