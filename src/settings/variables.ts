// Which environment variable says which setting. Our name stands before a setting's: KITS, START_DATE and DESTINATION are set in
// shells of Airflow, CI and dbt, and what they mean there must not decide here what is bought. Plain are only names that say
// themselves whose they are.
import { resolve } from 'node:path';
import { ConnectorError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { nearestName } from '../core/nearest-name.ts';
import { secretSettings } from '../source/config.ts';
import { readTextFile } from './config-file.ts';
import { settingNames } from './people-schema.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

const prefix = 'GONG_ELT_';
const plainSettings: readonly string[] = [...secretSettings, 'gong_base_url', 'semarize_base_url'];

/** `GONG_ELT_START_DATE`; for secrets and base URLs the plain name. */
export function variableOf(setting: string): string {
  return plainSettings.includes(setting) ? setting.toUpperCase() : `${prefix}${setting.toUpperCase()}`;
}

export interface SaidByVariables {
  readonly values: JsonObject;
  /** Setting → the variable that says it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Of area `config`: files of secrets that cannot be read. */
  readonly errors: readonly ConnectorError[];
}

/**
 * Settings among environment variables; secrets also as the path of a file (NAME_FILE). An empty variable says nothing: Compose
 * and CI pass what they have no value for as an empty text.
 * @param folder that paths of files are relative to
 */
export async function readVariables(env: Variables, folder: string): Promise<SaidByVariables> {
  const values: Record<string, JsonValue> = {};
  const variables: Record<string, string> = {};
  const errors: ConnectorError[] = [];
  for (const setting of settingNames) {
    const value = env[variableOf(setting)];
    if (!value) continue;
    values[setting] = value;
    variables[setting] = variableOf(setting);
  }
  for (const setting of secretSettings) {
    const variable = fileVariableOf(setting);
    const path = env[variable];
    if (!path || values[setting] !== undefined) continue;
    try {
      // The path is not shown: somebody may have put the key itself there.
      values[setting] = await readTextFile(resolve(folder, path), `that ${variable} names`);
      variables[setting] = variable;
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      errors.push(error);
    }
  }
  return { values, variables, errors };
}

/** A setting's plain name when a variable of that name is set, and not read. */
export function unreadVariableOf(setting: string, env: Variables): string | undefined {
  const plain = setting.toUpperCase();
  return env[plain] && plain !== variableOf(setting) ? plain : undefined;
}

/** Variables that begin as ours do and name no setting, each with the one that was probably meant. */
export function unknownVariables(env: Variables): { variable: string; meant: string | undefined }[] {
  const known = new Map<string, string>([
    ...settingNames.map((setting) => [setting, variableOf(setting)] as const),
    ...secretSettings.map((setting) => [`${setting}_file`, fileVariableOf(setting)] as const),
  ]);
  const names = new Set(known.values());
  return Object.keys(env)
    .filter((variable) => variable.startsWith(prefix) && env[variable] && !names.has(variable))
    .filter((variable) => !isServiceLink(variable))
    .map((variable) => {
      const near = nearestName(variable.slice(prefix.length), [...known.keys()]);
      return { variable, meant: near === undefined ? undefined : known.get(near) };
    });
}

function fileVariableOf(setting: string): string {
  return `${variableOf(setting)}_FILE`;
}

/** Kubernetes sets these in every pod beside a Service that is called gong-elt. */
function isServiceLink(variable: string): boolean {
  return /^GONG_ELT_(SERVICE_(HOST|PORT)|PORT)(_|$)/.test(variable);
}
