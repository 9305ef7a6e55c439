// A person's settings as they were found, not checked yet. Precedence: flag, environment, .env, file, default.
import { statSync } from 'node:fs';
import { platform } from 'node:os';
import { extname } from 'node:path';
import type { ConnectorError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Log } from '../core/log.ts';
import { secretSettings } from '../source/config.ts';
import type { Layer, LayerPlaces } from './layers.ts';
import { mergeLayers, originText, overridesOfFile, readLayers } from './layers.ts';
import { settingNames } from './people-schema.ts';
import { learnSecrets } from './secrets.ts';
import { unknownVariables, unreadVariableOf, variableOf } from './variables.ts';

export interface SettingsPlaces extends LayerPlaces {
  readonly learnSecret: (secret: string) => void;
  readonly log: Log;
  /** Settings that whoever asks will use; all without it. Where nothing gives one, a plain name that is set is hinted at. */
  readonly asked?: readonly string[] | undefined;
}

export interface FoundSettings {
  readonly values: JsonObject;
  /** Setting → where its value stands, in words. */
  readonly origins: ReadonlyMap<string, string>;
  /** Files that were read, as people would write them. */
  readonly files: readonly string[];
  /** Secrets that stand where none may: in the first file. */
  readonly misplaced: readonly string[];
  /** `environment overrides gong-elt.yaml: kits` */
  readonly overrides: readonly string[];
  /** Of area `config`: what could not be read, so that the settings are not whole. */
  readonly errors: readonly ConnectorError[];
}

/** Does not throw for what people wrote: parsePeopleConfig and parsePlaces do, and `config show` shows the rest. */
export async function findSettings(places: SettingsPlaces): Promise<FoundSettings> {
  const { learnSecret, log, asked = settingNames } = places;
  const layers = await readLayers(places);
  for (const { values } of layers) learnSecrets(values, learnSecret);
  const { values, holders } = mergeLayers(layers);

  const file = layers.find(({ kind }) => kind === 'file');
  const secretsInFile = secretSettings.filter((name) => file?.values[name] !== undefined);
  warnOfOpenFiles(layers, secretsInFile.length > 0, log);
  warnOfUnknown(layers, log);
  hintAtUnread(
    layers,
    asked.filter((name) => !holders.has(name)),
    log,
  );
  const overrides = overridesOfFile(layers, holders);
  for (const text of overrides) log('debug', text);
  return {
    values,
    origins: new Map([...holders].map(([name, layer]) => [name, originText(layer, name)])),
    files: layers.filter(({ path }) => path !== undefined).map(({ shown }) => shown),
    misplaced: extname(file?.path ?? '') === '.json' ? [] : secretsInFile,
    overrides,
    errors: layers.flatMap(({ errors }) => errors),
  };
}

function warnOfOpenFiles(layers: readonly Layer[], isKeyInFile: boolean, log: Log): void {
  for (const { kind, path, shown } of layers) {
    if (path === undefined || !(kind === '.env' || isKeyInFile) || !isOpenToAll(path)) continue;
    log('warn', `${shown} holds keys and can be read by every user of this machine: chmod 600 ${shown}`);
  }
}

function warnOfUnknown(layers: readonly Layer[], log: Log): void {
  for (const { env, shown } of layers)
    for (const { variable, meant } of unknownVariables(env)) {
      const question = meant === undefined ? '.' : `. Did you mean ${meant}?`;
      log('warn', `${variable} is set in ${shown} but names no setting${question}`);
    }
}

/** Other programs have variables of these names: that one of them meant us is only likely when nothing else says the setting. */
function hintAtUnread(layers: readonly Layer[], settings: readonly string[], log: Log): void {
  for (const setting of settings) {
    const layer = layers.find(({ env }) => unreadVariableOf(setting, env) !== undefined);
    if (layer === undefined) continue;
    const variable = unreadVariableOf(setting, layer.env);
    log('info', `${variable} is set in ${layer.shown} but is not read; say ${variableOf(setting)} if you mean it`);
  }
}

function isOpenToAll(path: string): boolean {
  // Windows shows no rights here: 0o666 for every file.
  return platform() !== 'win32' && (statSync(path).mode & 0o004) !== 0;
}
