// What a command of the people's program is: flags, help, and a function that parses, calls the library once, and prints.
import type { Options } from 'yargs';
import type { Log } from '../core/log.ts';
import type { Environment } from '../pipeline/environment.ts';
import type { ProgramIo } from '../process/program.ts';
import type { Screen } from '../process/screen.ts';
import type { FoundSettings } from '../settings/found-settings.ts';
import type { FlagSettings } from '../settings/layers.ts';
import type { SettingName } from '../settings/people-schema.ts';

export interface Flag extends Pick<Options, 'type' | 'describe' | 'choices' | 'array' | 'alias'> {
  /** The heading of the help it stands under. */
  readonly group: string;
  /** The setting that it stands above; the help names its environment variable. */
  readonly setting?: SettingName;
  /** An environment variable of the terminal's that says the same. */
  readonly env?: string;
  /** What holds without it, in words; for the help. */
  readonly otherwise?: string;
  /** A value without its dashes: `query 'select …'`. */
  readonly positional?: boolean;
}

/** What the parser found: texts, numbers, booleans, or lists of texts. */
export type FlagValues = Readonly<Record<string, unknown>>;

export interface Command {
  /** `sync`, or `state show`. */
  readonly name: string;
  /** What stands behind the name in the help: `<sql>`. */
  readonly operands?: string;
  readonly describe: string;
  readonly examples: readonly string[];
  readonly flags: Readonly<Record<string, Flag>>;
  /** @returns the exit code. @throws ConnectorError, which main turns into text and code. */
  run(flags: FlagValues, context: CommandContext): Promise<number>;
}

export interface CommandContext {
  readonly io: ProgramIo;
  readonly log: Log;
  /** What functions of the pipeline are handed. */
  readonly environment: Environment;
  readonly screen: Screen;
  /** Results go to stdout as one JSON value. */
  readonly json: boolean;
  readonly quiet: boolean;
  /** Writes to stdout; waits until there is room. */
  readonly print: (text: string | Buffer) => Promise<void>;
  /** Tells what went wrong, for a result that is printed all the same. @returns the exit code. */
  readonly fail: (error: unknown) => number;
  /**
   * Settings from everywhere, not checked yet.
   * @param flags stand above the rest
   * @param asked those that are used; all without it
   */
  readonly settings: (flags?: FlagSettings, asked?: readonly SettingName[]) => Promise<FoundSettings>;
}

/** A flag's text, or undefined. */
export function textFlag(flags: FlagValues, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberFlag(flags: FlagValues, name: string): number | undefined {
  const value = flags[name];
  return typeof value === 'number' ? value : undefined;
}

export function listFlag(flags: FlagValues, name: string): readonly string[] | undefined {
  const value = flags[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}
