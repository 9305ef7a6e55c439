// The places that settings come from, one above the other: file, .env, environment, flags. The upper one holds.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { ConnectorError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { findConfigFile, readConfigFile, readTextFile } from './config-file.ts';
import { placesShape } from './people-schema.ts';
import { shownPath } from './shown-path.ts';
import type { Variables } from './variables.ts';
import { readVariables } from './variables.ts';

/** A flag (`--to`) → the settings it gives. */
export type FlagSettings = Readonly<Record<string, JsonObject>>;

export interface LayerPlaces {
  readonly flags: FlagSettings;
  readonly env: Variables;
  readonly cwd: string;
  /** `--config`; without it gong-elt.yaml is looked for. */
  readonly configPath?: string | undefined;
}

export interface Layer {
  readonly kind: 'file' | '.env' | 'environment' | 'flag';
  /** How messages name it. */
  readonly shown: string;
  /** Of a file. */
  readonly path?: string;
  /** Without those that are null, which means "not set"; paths are absolute. */
  readonly values: JsonObject;
  /** Setting → the variable that says it, where variables do. */
  readonly variables: Readonly<Record<string, string>>;
  /** All variables that stand there, whether they say a setting or not. */
  readonly env: Variables;
  /** Of area `config`: what could not be read. */
  readonly errors: readonly ConnectorError[];
}

/** @returns the lowest first. Does not throw for what cannot be read: see `errors`. */
export async function readLayers({ flags, env, cwd, configPath }: LayerPlaces): Promise<Layer[]> {
  const path = configPath === undefined ? findConfigFile(cwd) : resolve(cwd, configPath);
  const folder = path === undefined ? cwd : dirname(path);
  const envPath = join(folder, '.env');
  return [
    ...(path === undefined ? [] : [await readFileLayer(path, cwd)]),
    ...(existsSync(envPath) ? [await readEnvFileLayer(envPath, cwd)] : []),
    { kind: 'environment', shown: 'the environment', ...(await readVariableValues(env, cwd)) },
    ...Object.entries(flags).map(([flag, values]): Layer => {
      return { kind: 'flag', shown: flag, values: ownValues(values, cwd), variables: {}, env: {}, errors: [] };
    }),
  ];
}

/** Where the value of a setting stands, in words: `GONG_ELT_KITS in the environment`, `gong-elt.yaml`, `--to`. */
export function originText({ variables, shown }: Layer, setting: string): string {
  const variable = variables[setting];
  return variable === undefined ? shown : `${variable} in ${shown}`;
}

/**
 * @param layers the lowest first
 * @returns what they say together, and whose word each setting is.
 */
export function mergeLayers(layers: readonly Layer[]): { values: JsonObject; holders: ReadonlyMap<string, Layer> } {
  const holders = new Map(layers.flatMap((layer) => Object.keys(layer.values).map((name) => [name, layer] as const)));
  return { values: Object.assign({}, ...layers.map(({ values }) => values)), holders };
}

/** `environment overrides gong-elt.yaml: kits, start_date`: one text per layer of variables that does. */
export function overridesOfFile(layers: readonly Layer[], holders: ReadonlyMap<string, Layer>): string[] {
  const file = layers.find(({ kind }) => kind === 'file');
  if (file === undefined) return [];
  return layers
    .filter(({ kind }) => kind === 'environment' || kind === '.env')
    .map((layer) => ({ layer, names: Object.keys(file.values).filter((name) => holders.get(name) === layer) }))
    .filter(({ names }) => names.length > 0)
    .map(
      ({ layer: { kind, shown }, names }) =>
        `${kind === '.env' ? shown : kind} overrides ${file.shown}: ${names.join(', ')}`,
    );
}

async function readFileLayer(path: string, cwd: string): Promise<Layer> {
  const shown = shownPath(path, cwd);
  const { value, errors } = await orErrors(() => readConfigFile(path, shown));
  return { kind: 'file', shown, path, values: ownValues(value ?? {}, dirname(path)), variables: {}, env: {}, errors };
}

async function readEnvFileLayer(path: string, cwd: string): Promise<Layer> {
  const shown = shownPath(path, cwd);
  const { value, errors } = await orErrors(async () => parseEnv(await readTextFile(path, shown)));
  const read = await readVariableValues(value ?? {}, dirname(path));
  return { kind: '.env', shown, path, ...read, errors: [...errors, ...read.errors] };
}

async function readVariableValues(env: Variables, folder: string) {
  const { values, variables, errors } = await readVariables(env, folder);
  return { values: ownValues(values, folder), variables, env, errors };
}

/** Paths are relative to where they were written down. */
function ownValues(values: JsonObject, folder: string): JsonObject {
  const own = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(
    own.map(([name, value]) => {
      const isPath = name in placesShape && typeof value === 'string' && value !== '' && !value.includes('://');
      return [name, isPath ? resolve(folder, value) : value];
    }),
  );
}

async function orErrors<T>(read: () => Promise<T>): Promise<{ value?: T; errors: readonly ConnectorError[] }> {
  try {
    return { value: await read(), errors: [] };
  } catch (error) {
    if (error instanceof ConnectorError) return { errors: [error] };
    throw error;
  }
}
