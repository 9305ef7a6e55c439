// The files that an Airbyte host names on the command line.
import { resolve } from 'node:path';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { readStateFile, refuseEmptyFile } from '../../pipeline/given-files.ts';
import { airbyte } from '../../protocol/airbyte/dialect.ts';
import { noState, type SavedState } from '../../protocol/dialect.ts';
import { readConfigFile, readJsonFile } from '../../settings/config-file.ts';
import { type AirbyteArguments, needFlag } from './arguments.ts';

/** Each throws ConnectorError (config) for a file that is not there, or not what it should be, and without a flag that is needed. */
export interface AirbyteFiles {
  /** The settings in the file that `--config` names. */
  readonly readConfig: () => Promise<JsonObject>;
  /** What is in the file that `--catalog` names. */
  readonly readCatalog: () => Promise<JsonValue>;
  /** What an earlier read saved. Of a first one the platform leaves `--state` out; PyAirbyte names a file with `[]`. */
  readonly readState: () => Promise<SavedState>;
}

export function findFiles(given: AirbyteArguments, cwd: string, usage: string): AirbyteFiles {
  const { state } = given.flags;
  return {
    async readConfig() {
      const path = needFlag(given, 'config', usage);
      return await readConfigFile(resolve(cwd, path), path);
    },
    async readCatalog() {
      const path = needFlag(given, 'catalog', usage);
      const catalog = await readJsonFile(resolve(cwd, path), path);
      return refuseEmptyFile(catalog, path, 'let the host write it from the output of discover');
    },
    async readState() {
      if (state === undefined) return noState;
      return airbyte.parseState(await readStateFile(resolve(cwd, state), state), state);
    },
  };
}
