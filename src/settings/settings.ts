// Where a person's settings come from. Precedence: flag, environment, .env, file, default.
import { existsSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { parseSettings } from '../core/settings.ts';
import type { SourceConfig } from '../source/config.ts';
import { secretSettings, sourceConfigSchema, sourceProblems } from '../source/config.ts';
import { readConfigFile, readTextFile } from './config-file.ts';
import { learnSecrets } from './secrets.ts';
import { shownPath } from './shown-path.ts';

const placesShape = {
  destination: z
    .string()
    .optional()
    .meta({
      title: 'Destination',
      description: 'Where rows go: a file that ends in .duckdb, or a folder for a Parquet lake. Relative to this file.',
      examples: ['warehouse.duckdb', './lake'],
    }),
  analytics: z
    .string()
    .optional()
    .meta({
      title: 'Analytics',
      description: 'The file with the settings of the marts. Relative to this file.',
      examples: ['analytics.yaml'],
    }),
};

/** All that the people's command line knows: the source's settings and two places. */
export const peopleConfigSchema = z.strictObject({ ...sourceConfigSchema.shape, ...placesShape });

const settingNames = Object.keys(peopleConfigSchema.shape);

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

/** What a command that reads Gong needs. */
export interface PeopleConfig {
  readonly source: SourceConfig;
  readonly destination: string | undefined;
  readonly analytics: string | undefined;
}

/**
 * @param now milliseconds since the epoch
 * @throws ConnectorError of area `config` that lists every problem.
 */
export function parsePeopleConfig(found: FoundSettings, now: number): PeopleConfig {
  const misplaced = found.misplaced.map((name) => ({
    path: [name],
    text: `may not stand in ${found.files[0]}: put it into .env or the environment as ${name.toUpperCase()}`,
  }));
  const parse = () =>
    parseSettings(peopleConfigSchema, found.values, (settings) => [...misplaced, ...sourceProblems(settings, now)]);
  const { destination, analytics, ...source } = explained(parse, found);
  return { source, destination, analytics };
}

/** What a command needs that never asks Gong or Semarize. */
export function parsePlaces(found: FoundSettings): Pick<PeopleConfig, 'destination' | 'analytics'> {
  const { destination, analytics } = explained(
    () =>
      parseSettings(
        z.strictObject(placesShape),
        Object.fromEntries(Object.entries(found.values).filter(([name]) => name in placesShape)),
      ),
    found,
  );
  return { destination, analytics };
}

function explained<T>(parse: () => T, found: FoundSettings): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const files = found.files.length === 0 ? 'no gong-elt.yaml or .env was found' : `read: ${found.files.join(', ')}`;
    const keys = error.message.includes('is required')
      ? '; keys come from the environment or .env: GONG_ACCESS_KEY, GONG_ACCESS_KEY_SECRET, SEMARIZE_API_KEY'
      : '';
    const hint = `${error.hint} (${files}${keys})`;
    throw new ConnectorError(error.message, { area: error.area, hint, fields: error.fields, cause: error });
  }
}

/** gong-elt.yaml here, or above as far as the root of the repository. Outside of one only here: a folder above may be anybody's. */
function findConfigFile(cwd: string): string | undefined {
  const above: string[] = [];
  for (let folder = cwd; ; folder = dirname(folder)) {
    above.push(join(folder, 'gong-elt.yaml'));
    if (existsSync(join(folder, '.git'))) break;
    if (dirname(folder) === folder) {
      above.length = 1;
      break;
    }
  }
  return above.find((path) => existsSync(path));
}

/** Settings among environment variables: a setting's name in capitals; secrets also as the path of a file (NAME_FILE). */
async function fromVariables(env: Readonly<Record<string, string | undefined>>, folder: string): Promise<JsonObject> {
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
