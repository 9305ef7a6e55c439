// Every setting with what holds and who said it, for people who wonder. Shows what there is, however wrong.
import { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import type { JsonValue } from '../core/json.ts';
import { parseSettings } from '../core/settings.ts';
import { secretSettings } from '../source/config.ts';
import type { FoundSettings } from './found-settings.ts';
import { parsePeopleConfig } from './people-config.ts';
import type { SettingName } from './people-schema.ts';
import { peopleConfigSchema, settingNames } from './people-schema.ts';
import { secretText } from './secrets.ts';

export interface ListedSetting {
  readonly name: SettingName;
  /** With its default; as it was found where it is wrong; null when it is not set. Of a secret only what may be shown. */
  readonly value: JsonValue;
  /** `GONG_ELT_KITS in the environment`, `gong-elt.yaml`, `--to`, `default` */
  readonly origin: string;
}

export interface SettingList {
  readonly settings: readonly ListedSetting[];
  /** Of area `config`: what a command that uses all of them would say. */
  readonly problem: ConnectorError | undefined;
}

/** @param now milliseconds since the epoch */
export function listSettings(found: FoundSettings, now: number): SettingList {
  const settings = settingNames.map((name) => ({
    name,
    value: isSecret(name) ? secretText(found.values[name]) : heldValue(name, found),
    origin: found.origins.get(name) ?? 'default',
  }));
  return { settings, problem: problemOf(() => parsePeopleConfig(found, now)) };
}

function isSecret(name: SettingName): boolean {
  return secretSettings.some((secret) => secret === name);
}

function heldValue(name: SettingName, { values }: FoundSettings): JsonValue {
  const found = values[name];
  const schema = z.strictObject({ [name]: peopleConfigSchema.shape[name] });
  try {
    return (parseSettings(schema, found === undefined ? {} : { [name]: found })[name] ?? null) as JsonValue;
  } catch (error) {
    if (error instanceof ConnectorError) return found ?? null;
    throw error;
  }
}

function problemOf(parse: () => unknown): ConnectorError | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
}
