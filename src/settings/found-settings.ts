// Where a person's settings come from. Precedence: flag, environment, .env, file, default.
import { existsSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { JsonObject } from '../core/json.ts';
import { secretSettings } from '../source/config.ts';
import { findConfigFile, readConfigFile, readTextFile } from './config-file.ts';
import { placesShape } from './people-schema.ts';
import { learnSecrets } from './secrets.ts';
import { shownPath } from './shown-path.ts';
import { fromVariables } from './variables.ts';

export interface SettingsPlaces {
  /** Settings that flags give; they stand above everything else. */
  readonly flags: JsonObject;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** `--config`; without it gong-elt.yaml is looked for. */
  readonly configPath?: string | undefined;
  readonly learnSecret: (secret: string) => void;
  readonly warn: (message: string) => void;
}

/** Settings as they were found, not checked yet. Paths among them are absolute. */
export interface FoundSettings {
  readonly values: JsonObject;
  /** Files that were read, as people would write them. */
  readonly files: readonly string[];
  /** Secrets that stand where none may. */
  readonly misplaced: readonly string[];
}

/** @throws ConnectorError of area `config` when a file cannot be read. */
export async function findSettings(places: SettingsPlaces): Promise<FoundSettings> {
  const { cwd, env } = places;
  const path = places.configPath === undefined ? findConfigFile(cwd) : resolve(cwd, places.configPath);
  const folder = path === undefined ? cwd : dirname(path);
  const envPath = join(folder, '.env');
  const show = (file: string) => shownPath(file, cwd);

  const fromFile = path === undefined ? {} : await readConfigFile(path, show(path));
  const fromEnvFile = existsSync(envPath) ? parseEnv(await readTextFile(envPath, show(envPath))) : {};
  // Lowest first.
  const layers = [
    withPaths(fromFile, folder),
    withPaths(await fromVariables(fromEnvFile, folder), folder),
    withPaths(await fromVariables(env, cwd), cwd),
    withPaths(places.flags, cwd),
  ];
  for (const layer of layers) learnSecrets(layer, places.learnSecret);

  const isJson = path !== undefined && extname(path) === '.json';
  const secretsInFile = secretSettings.filter((name) => name in fromFile);
  const files = [...(path === undefined ? [] : [path]), ...(existsSync(envPath) ? [envPath] : [])];
  for (const file of files) {
    if ((file === envPath || secretsInFile.length > 0) && isOpenToAll(file))
      places.warn(`${show(file)} holds keys and can be read by every user of this machine: chmod 600 ${show(file)}`);
  }
  const values: JsonObject = Object.assign({}, ...layers);
  return { values, files: files.map(show), misplaced: isJson ? [] : secretsInFile };
}

/** Paths are relative to where they were written down. */
function withPaths(values: JsonObject, folder: string): JsonObject {
  const paths = Object.keys(placesShape).flatMap((name) => {
    const path = values[name];
    return typeof path === 'string' && path !== '' && !path.includes('://') ? [[name, resolve(folder, path)]] : [];
  });
  return { ...values, ...Object.fromEntries(paths) };
}

function isOpenToAll(path: string): boolean {
  // Windows shows no rights here: 0o666 for every file.
  return platform() !== 'win32' && (statSync(path).mode & 0o004) !== 0;
}
