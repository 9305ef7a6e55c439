// Which environment variable says which setting.
import { resolve } from 'node:path';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { secretSettings } from '../source/config.ts';
import { readTextFile } from './config-file.ts';
import { settingNames } from './people-schema.ts';

/** Settings among environment variables: a setting's name in capitals; secrets also as the path of a file (NAME_FILE). */
export async function fromVariables(
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<JsonObject> {
  const values: Record<string, JsonValue> = {};
  for (const name of settingNames) {
    const value = env[name.toUpperCase()];
    if (value !== undefined) values[name] = value;
  }
  for (const name of secretSettings) {
    const variable = `${name.toUpperCase()}_FILE`;
    const path = env[variable];
    // The path is not shown: somebody may have put the key itself there.
    if (path !== undefined && values[name] === undefined)
      values[name] = await readTextFile(resolve(folder, path), `that ${variable} names`);
  }
  return values;
}
