// The files that AWS's own tools keep in a home folder: keys and settings by profile.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import type { Variables } from '../../core/machine.ts';

export type Profile = ReadonlyMap<string, string>;

/**
 * What both files say of the profile that is chosen; keys win over settings of the same name.
 * @returns undefined when no profile is named and there is none called `default`
 * @throws ConnectorError (config) when the profile that is named is not there
 */
export async function readProfile(env: Variables, home: string): Promise<Profile | undefined> {
  const name = env['AWS_PROFILE'] || 'default';
  const settings = await readSections(env['AWS_CONFIG_FILE'] || join(home, '.aws', 'config'));
  const keys = await readSections(env['AWS_SHARED_CREDENTIALS_FILE'] || join(home, '.aws', 'credentials'));
  const found = [settings.get(`profile ${name}`), name === 'default' ? settings.get(name) : undefined, keys.get(name)];
  if (found.some((section) => section !== undefined))
    return new Map(found.flatMap((section) => (section === undefined ? [] : [...section])));
  if (!env['AWS_PROFILE']) return undefined;
  throw new ConnectorError('AWS_PROFILE names a profile that is in neither of the AWS files', {
    area: 'config',
    hint: 'correct AWS_PROFILE, or make the profile: aws configure --profile NAME',
  });
}

async function readSections(path: string): Promise<Map<string, Map<string, string>>> {
  const text = await readFile(path, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    throw new ConnectorError(`the AWS file ${path} cannot be read (${code})`, {
      area: 'config',
      hint: 'make it readable for this user, or name others in AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE',
    });
  });
  return parseSections(text);
}

/** Sections of `name = value` lines. Pure. Members of a member, which are indented, are not for us. */
export function parseSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1]?.replace(/\s+/g, ' ');
    if (heading !== undefined) {
      current = sections.get(heading) ?? new Map();
      sections.set(heading, current);
      continue;
    }
    const [, name, value] = /^([\w.-]+)\s*=\s*(.*?)(?:\s+[#;].*)?\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && value !== '') current?.set(name.toLowerCase(), value);
  }
  return sections;
}
