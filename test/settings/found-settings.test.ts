// Where settings come from, what stands above what, and what a file may not hold.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { SettingsPlaces } from '../../src/settings/found-settings.ts';
import { findSettings } from '../../src/settings/found-settings.ts';
import { parsePeopleConfig, parsePlaces } from '../../src/settings/people-config.ts';

const now = Date.parse('2026-03-01T00:00:00Z');
const keys = { GONG_ACCESS_KEY: 'env-access-key', GONG_ACCESS_KEY_SECRET: 'env-access-secret' };

let folder: string;
let warnings: string[];
let learned: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-config-'));
  warnings = [];
  learned = [];
});
afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
  await chmod(join(folder, path), mode);
}

const find = (places: Partial<SettingsPlaces> = {}) =>
  findSettings({
    flags: {},
    env: {},
    cwd: folder,
    learnSecret: (secret) => void learned.push(secret),
    warn: (message) => void warnings.push(message),
    ...places,
  });

const parse = async (places: Partial<SettingsPlaces> = {}) => parsePeopleConfig(await find(places), now);

async function failure(run: () => unknown): Promise<ConnectorError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('precedence', () => {
  // Each place adds itself above the ones before.
  const places: [string, number, () => Promise<Partial<SettingsPlaces>>][] = [
    ['the default', 24, async () => ({ env: keys })],
    ['the file', 1, async () => ({ env: keys })],
    ['.env', 2, async () => ({ env: keys })],
    ['the environment', 3, async () => ({ env: { ...keys, LOOKBACK_HOURS: '3' } })],
    ['a flag', 4, async () => ({ env: { ...keys, LOOKBACK_HOURS: '3' }, flags: { lookback_hours: 4 } })],
  ];
  it.each(places.map(([name, expected], level) => [name, expected, level] as const))(
    'takes %s',
    async (_, expected, level) => {
      await write('gong-elt.yaml', `start_date: 2026-01-01\n${level >= 1 ? 'lookback_hours: 1\n' : ''}`);
      if (level >= 2) await write('.env', 'LOOKBACK_HOURS=2\n');
      const { source } = await parse(await (places[level]?.[2] ?? (async () => ({})))());
      expect(source.lookback_hours).toBe(expected);
    },
  );

  it('reads lists and groups from the environment as JSON', async () => {
    const env = { ...keys, START_DATE: '2026-01-01', KITS: '[{"code":"A1B2C3D4"}]', WORKSPACE_IDS: '["1"]' };
    const { source } = await parse({ env });
    expect(source.kits).toEqual([{ code: 'A1B2C3D4', min_duration_seconds: 0, input: 'text' }]);
    expect(source.workspace_ids).toEqual(['1']);
  });

  it('takes an empty variable for a mistake, not for nothing', async () => {
    const { message } = await failure(() => parse({ env: { ...keys, START_DATE: '2026-01-01', WORKSPACE_LABEL: '' } }));
    expect(message).toContain('workspace_label is empty');
  });
});

describe('the file', () => {
  it('is found above, as far as the root of the repository', async () => {
    await write('.git/HEAD', '');
    await write('gong-elt.yaml', 'start_date: 2026-01-01\n');
    await mkdir(join(folder, 'a/b'), { recursive: true });
    expect((await find({ cwd: join(folder, 'a/b') })).values).toEqual({ start_date: '2026-01-01' });
  });

  it('is not looked for above the repository, nor above a folder that is in none', async () => {
    await write('gong-elt.yaml', 'start_date: 2026-01-01\n');
    await write('repository/.git/HEAD', '');
    await write('plain/x', '');
    for (const name of ['repository', 'plain']) expect((await find({ cwd: join(folder, name) })).files).toEqual([]);
  });

  it('may be JSON, by --config, with the keys that a host puts there', async () => {
    await write(
      'c.json',
      '{"gong_access_key":"file-key","gong_access_key_secret":"file-secret","start_date":"2026-01-01"}',
    );
    const { source } = await parse({ configPath: 'c.json' });
    expect(source.gong_access_key).toBe('file-key');
    expect(learned).toEqual(['file-key', 'file-secret']);
  });

  it('may hold no key when it is a person’s YAML', async () => {
    await write('gong-elt.yaml', 'start_date: 2026-01-01\ngong_access_key: canary-key\n');
    const { message, hint } = await failure(() => parse({ env: keys }));
    expect(message).toBe(
      'Configuration: gong_access_key may not stand in gong-elt.yaml: put it into .env or the environment as GONG_ACCESS_KEY.',
    );
    expect(`${message}${hint}`).not.toContain('canary');
    expect(learned).toContain('canary-key');
  });

  it('names line and column of a mistake, not what stands there', async () => {
    await write('gong-elt.yaml', 'start_date: 2026-01-01\nkits: [canary\nsemarize: *canary\n');
    const { message } = await failure(() => find());
    expect(message).toMatch(/^gong-elt.yaml is not valid YAML or JSON: .* in line \d+, column \d+\.$/);
    expect(message).not.toContain('canary');
  });

  it('names a key that stands there twice', async () => {
    await write('gong-elt.yaml', 'start_date: 2026-01-01\nstart_date: 2026-01-02\n');
    expect((await failure(() => find())).message).toContain('duplicate key in line 2');
  });

  it.each(['- a\n', 'canary\n', '&a [*a]\n'])('refuses what is no settings at all: %j', async (text) => {
    await write('gong-elt.yaml', text);
    const { message } = await failure(() => find());
    expect(message).not.toContain('canary');
  });

  it('may be empty', async () => {
    await write('gong-elt.yaml', '');
    expect((await find()).values).toEqual({});
  });

  it('is an error when --config names none', async () => {
    expect((await failure(() => find({ configPath: 'none.yaml' }))).message).toBe('There is no file none.yaml.');
  });

  it('gives paths their folder: those in the file are relative to it, those of a flag to where one is', async () => {
    await write('sub/gong-elt.yaml', 'destination: w.duckdb\nanalytics: /abs/analytics.yaml\n');
    const found = await find({ configPath: 'sub/gong-elt.yaml' });
    expect(parsePlaces(found)).toEqual({ destination: join(folder, 'sub/w.duckdb'), analytics: '/abs/analytics.yaml' });
    const byFlag = await find({ configPath: 'sub/gong-elt.yaml', flags: { destination: 'x.duckdb' } });
    expect(parsePlaces(byFlag).destination).toBe(join(folder, 'x.duckdb'));
  });
});

describe('keys', () => {
  it('are read from files that NAME_FILE names, without the line feed at the end', async () => {
    await write('secret', 'mounted-secret\n');
    const env = {
      GONG_ACCESS_KEY: 'k-from-env',
      GONG_ACCESS_KEY_SECRET_FILE: join(folder, 'secret'),
      START_DATE: '2026-01-01',
    };
    expect((await parse({ env })).source.gong_access_key_secret).toBe('mounted-secret');
    expect(learned).toEqual(['k-from-env', 'mounted-secret']);
  });

  it('that somebody put where the path should stand are not shown', async () => {
    const { message } = await failure(() => find({ env: { SEMARIZE_API_KEY_FILE: 'canary-key' } }));
    expect(message).toBe('There is no file that SEMARIZE_API_KEY_FILE names.');
  });

  it('that are missing are told with where they go', async () => {
    const { message, hint } = await failure(() => parse());
    expect(message).toContain('- gong_access_key is required');
    expect(hint).toContain('GONG_ACCESS_KEY_SECRET');
    expect(hint).toContain('no gong-elt.yaml or .env was found');
  });

  it('in a file that all can read are warned about, by name', async () => {
    await write('.env', 'GONG_ACCESS_KEY=k\n', 0o644);
    await find();
    expect(warnings).toEqual(['.env holds keys and can be read by every user of this machine: chmod 600 .env']);
    await chmod(join(folder, '.env'), 0o600);
    warnings = [];
    await find();
    expect(warnings).toEqual([]);
  });
});

it('knows its own keys beside the source’s, and hints at both', async () => {
  await write('gong-elt.yaml', 'start_date: 2026-01-01\ndestnation: w.duckdb\nsweep_day: 3\n');
  const { message } = await failure(() => parse({ env: keys }));
  expect(message).toContain('destnation is not a known setting. Did you mean "destination"?');
  expect(message).toContain('sweep_day is not a known setting. Did you mean "sweep_days"?');
});
