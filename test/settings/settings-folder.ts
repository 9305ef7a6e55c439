// A folder with files of settings, and what was said and learned while they were looked for.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConnectorError } from '../../src/core/errors.ts';
import type { FoundSettings, SettingsPlaces } from '../../src/settings/found-settings.ts';
import { findSettings } from '../../src/settings/found-settings.ts';

export const keys = { GONG_ACCESS_KEY: 'env-access-key', GONG_ACCESS_KEY_SECRET: 'env-access-secret' };
export const now = Date.parse('2026-03-01T00:00:00Z');

export interface SettingsFolder {
  readonly folder: string;
  /** `level: message` */
  readonly said: string[];
  /** Secrets that the redaction heard of. */
  readonly learned: string[];
  write(path: string, text: string, mode?: number): Promise<void>;
  find(places?: Partial<SettingsPlaces>): Promise<FoundSettings>;
  close(): Promise<void>;
}

export async function openSettingsFolder(): Promise<SettingsFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-config-'));
  const said: string[] = [];
  const learned: string[] = [];
  return {
    folder,
    said,
    learned,
    async write(path, text, mode = 0o600) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
      await chmod(join(folder, path), mode);
    },
    find: (places = {}) =>
      findSettings({
        flags: {},
        env: {},
        cwd: folder,
        learnSecret: (secret) => void learned.push(secret),
        log: (level, message) => void said.push(`${level}: ${message}`),
        ...places,
      }),
    close: () => rm(folder, { recursive: true }),
  };
}

export async function failure(run: () => unknown): Promise<ConnectorError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
