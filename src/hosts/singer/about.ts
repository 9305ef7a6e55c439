// What a Singer program says of itself: to people, and to those who make plugin definitions.
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { packageVersion } from '../../process/package-version.ts';
import type { SingerArguments } from './arguments.ts';

export interface SingerAbout {
  readonly name: string;
  readonly description: string;
  readonly capabilities: readonly string[];
  /** JSON Schema of its settings. */
  readonly settings: JsonObject;
}

/** The names of the settings. */
export function settingNamesOf({ settings: { properties } }: SingerAbout): string[] {
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

/**
 * @param usage of the program
 * @returns the answer to `--help`, `--version` and `--about`; undefined when nobody asks
 */
export async function answerAbout(
  flags: SingerArguments,
  name: string,
  usage: string,
  about: () => Promise<SingerAbout>,
): Promise<string | undefined> {
  if (flags.help) return `Usage: ${usage}\n`;
  if (flags.version) return `${name} v${packageVersion()}\n`;
  if (!flags.about) return undefined;
  return flags.format === 'json' ? toJson(await about()) : toMarkdown(await about());
}

function toJson({ name, description, capabilities, settings }: SingerAbout): string {
  const facts = { name, description, version: packageVersion(), sdk_version: null, supported_python_versions: null };
  return `${JSON.stringify({ ...facts, capabilities, settings }, null, 2)}\n`;
}

function toMarkdown({ name, description, capabilities, settings }: SingerAbout): string {
  const properties = isJsonObject(settings['properties']) ? settings['properties'] : {};
  const rows = Object.entries(properties).map(([setting, form]) => {
    const text = isJsonObject(form) ? form['description'] : undefined;
    return `| ${setting} | ${typeof text === 'string' ? text : ''} |`;
  });
  return [
    `# ${name}\n\n${description}\n\nVersion: ${packageVersion()}\n\n## Capabilities\n`,
    ...capabilities.map((capability) => `- \`${capability}\``),
    '\n## Settings\n\n| Setting | Description |\n| --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
