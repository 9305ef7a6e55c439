// The files that a Singer host names on the command line, and the settings that it keeps in the environment instead.
import { resolve } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { readStateFile, refuseEmptyFile } from '../../pipeline/given-files.ts';
import { noState, type SavedState } from '../../protocol/dialect.ts';
import { singer } from '../../protocol/singer/dialect.ts';
import { readJsonFile } from '../../settings/config-file.ts';
import type { SingerArguments } from './arguments.ts';
import { variablePrefix } from './log.ts';

/** Each throws ConnectorError (config) for a file that is not there, or not what it should be. */
export interface SingerFiles {
  /**
   * The settings of all `--config`, later ones over earlier ones, the environment over all. Without a `--config` it throws, too.
   */
  readonly readConfig: () => Promise<JsonObject>;
  /** The same for discovery, which needs none: there an empty file is as good as no settings. */
  readonly findConfig: () => Promise<JsonObject>;
  /** What is in the file that `--catalog` names, or `--properties`; undefined without either. */
  readonly readCatalog: () => Promise<JsonValue | undefined>;
  /** What an earlier read saved. Of a first one hosts leave `--state` out. */
  readonly readState: () => Promise<SavedState>;
}

/**
 * @param name of the program
 * @param settingNames of the settings that the environment may hold
 */
export function findFiles(
  flags: SingerArguments,
  { env, cwd }: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string },
  name: string,
  settingNames: () => Promise<readonly string[]>,
): SingerFiles {
  const { config: configs = [], state } = flags;

  async function readConfigs(isEmptyAllowed: boolean): Promise<JsonObject> {
    const settings: JsonObject = {};
    for (const path of configs.filter((candidate) => candidate !== 'ENV')) {
      const value = await readJsonFile(resolve(cwd, path), path);
      if (value === null && isEmptyAllowed) continue;
      Object.assign(settings, toSettings(refuseEmptyFile(value, path, configHint), path));
    }
    if (!configs.includes('ENV')) return settings;
    for (const setting of await settingNames()) {
      const text = env[`${variablePrefix(name)}${setting.toUpperCase()}`];
      if (text !== undefined) settings[setting] = text;
    }
    return settings;
  }

  return {
    async readConfig() {
      if (configs.length === 0)
        throw new ConnectorError('There are no settings.', {
          area: 'config',
          hint: 'name a file with --config FILE, or take the environment with --config ENV',
        });
      return await readConfigs(false);
    },
    findConfig: () => readConfigs(true),
    async readCatalog() {
      const path = flags.catalog ?? flags.properties;
      if (path === undefined) return undefined;
      return refuseEmptyFile(await readJsonFile(resolve(cwd, path), path), path, catalogHint);
    },
    async readState() {
      if (state === undefined) return noState;
      return singer.parseState(await readStateFile(resolve(cwd, state), state), state);
    },
  };
}

const configHint = 'write the settings again, or leave that --config out';
const catalogHint = 'write it again with --discover; with --catalog left out every stream is read, and runs are bought';

function toSettings(value: JsonValue, path: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new ConnectorError(`${path} does not hold settings (a JSON object).`, {
    area: 'config',
    hint: 'correct the file that --config names',
  });
}
