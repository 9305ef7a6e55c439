// The files that `meltano add --from-ref` takes, from what the plugins say of themselves.
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { SingerAbout } from './about.ts';

/**
 * One plugin definition. Without `pip_url` Meltano installs nothing and runs the program that is on the PATH.
 * Format: Meltano's plugin definition syntax.
 */
export function meltanoDefinition(about: SingerAbout): JsonObject {
  const { properties, required } = about.settings;
  const settings = isJsonObject(properties) ? Object.entries(properties) : [];
  const isRequired = Array.isArray(required) ? required : [];
  return {
    name: about.name,
    namespace: about.name.replaceAll('-', '_'),
    label: about.description,
    executable: about.name,
    capabilities: [...about.capabilities],
    settings_group_validation: [isRequired],
    settings: settings.map(([name, form]) => settingOf(name, isJsonObject(form) ? form : {})),
  };
}

function settingOf(name: string, form: JsonObject): JsonObject {
  const { title, description, enum: choices } = form;
  return {
    name,
    kind: Array.isArray(choices) ? 'options' : kindOf(form),
    ...(form['airbyte_secret'] === true ? { sensitive: true } : {}),
    ...(Array.isArray(choices) ? { options: choices.map((value) => ({ label: value, value })) } : {}),
    ...(typeof title === 'string' ? { label: title } : {}),
    ...(typeof description === 'string' ? { description } : {}),
  };
}

// Meltano 4.4 cannot write a `decimal` into the file of settings that it gives us; we read numbers from texts.
const kinds: Readonly<Record<string, string>> = { number: 'string' };

function kindOf({ type, format }: JsonObject): JsonValue {
  if (format === 'date-time') return 'date_iso8601';
  const name = String(type);
  return kinds[name] ?? name;
}
