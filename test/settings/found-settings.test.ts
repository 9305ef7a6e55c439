// Where settings come from, what stands above what, and what a file may not hold.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SettingsPlaces } from '../../src/settings/found-settings.ts';
import { parsePeopleConfig, parsePlaces } from '../../src/settings/people-config.ts';
import type { SettingsFolder } from './settings-folder.ts';
import { failure, keys, now, openSettingsFolder } from './settings-folder.ts';

let place: SettingsFolder;
beforeEach(async () => {
  place = await openSettingsFolder();
});
afterEach(() => place.close());

const parse = async (places: Partial<SettingsPlaces> = {}) => parsePeopleConfig(await place.find(places), now);

describe('precedence', () => {
  // Each place adds itself above the ones before.
  const places: [string, number, () => Promise<Partial<SettingsPlaces>>][] = [
    ['the default', 24, async () => ({ env: keys })],
    ['the file', 1, async () => ({ env: keys })],
    ['.env', 2, async () => ({ env: keys })],
    ['the environment', 3, async () => ({ env: { ...keys, GONG_ELT_LOOKBACK_HOURS: '3' } })],
    [
      'a flag',
      4,
      async () => ({ env: { ...keys, GONG_ELT_LOOKBACK_HOURS: '3' }, flags: { '--hours': { lookback_hours: 4 } } }),
    ],
  ];
  it.each(places.map(([name, expected], level) => [name, expected, level] as const))(
    'takes %s',
    async (_, expected, level) => {
      await place.write('gong-elt.yaml', `start_date: 2026-01-01\n${level >= 1 ? 'lookback_hours: 1\n' : ''}`);
      if (level >= 2) await place.write('.env', 'GONG_ELT_LOOKBACK_HOURS=2\n');
      const { source } = await parse(await (places[level]?.[2] ?? (async () => ({})))());
      expect(source.lookback_hours).toBe(expected);
    },
  );

  it('reads lists and groups from the environment as JSON', async () => {
    const env = {
      ...keys,
      GONG_ELT_START_DATE: '2026-01-01',
      GONG_ELT_KITS: '[{"code":"A1B2C3D4"}]',
      GONG_ELT_WORKSPACE_IDS: '["1"]',
    };
    const { source } = await parse({ env });
    expect(source.kits).toEqual([{ code: 'A1B2C3D4', min_duration_seconds: 0, input: 'text' }]);
    expect(source.workspace_ids).toEqual(['1']);
  });

  it('takes an empty variable for one that is not set, for keys and their files too', async () => {
    await place.write('gong-elt.yaml', 'start_date: 2026-01-01\nworkspace_label: ours\n');
    await place.write('.env', 'GONG_ACCESS_KEY=k-from-file\nGONG_ELT_LOOKBACK_HOURS=\n');
    const env = {
      GONG_ACCESS_KEY: '',
      GONG_ACCESS_KEY_FILE: '',
      GONG_ACCESS_KEY_SECRET: 's-from-env',
      SEMARIZE_API_KEY: '',
      SEMARIZE_API_KEY_FILE: '',
      GONG_ELT_WORKSPACE_LABEL: '',
      GONG_BASE_URL: '',
      GONG_ELT_NONSENSE: '',
    };
    const { source } = await parse({ env });
    expect(source).toMatchObject({ gong_access_key: 'k-from-file', workspace_label: 'ours', lookback_hours: 24 });
    expect(source.semarize_api_key).toBeUndefined();
    expect(place.said).toEqual([]);
  });

  it('takes an empty text of the file for a mistake', async () => {
    await place.write('gong-elt.yaml', 'start_date: 2026-01-01\nworkspace_label: ""\n');
    expect((await failure(() => parse({ env: keys }))).message).toContain('workspace_label (gong-elt.yaml) is empty');
  });
});

describe('the file', () => {
  it('is found above, as far as the root of the repository', async () => {
    await place.write('.git/HEAD', '');
    await place.write('gong-elt.yaml', 'start_date: 2026-01-01\n');
    await mkdir(join(place.folder, 'a/b'), { recursive: true });
    expect((await place.find({ cwd: join(place.folder, 'a/b') })).values).toEqual({ start_date: '2026-01-01' });
  });

  it('is not looked for above the repository, nor above a folder that is in none', async () => {
    await place.write('gong-elt.yaml', 'start_date: 2026-01-01\n');
    await place.write('repository/.git/HEAD', '');
    await place.write('plain/x', '');
    for (const name of ['repository', 'plain'])
      expect((await place.find({ cwd: join(place.folder, name) })).files).toEqual([]);
  });

  it('may be JSON, by --config, with the keys that a host puts there', async () => {
    await place.write(
      'c.json',
      '{"gong_access_key":"file-key","gong_access_key_secret":"file-secret","start_date":"2026-01-01"}',
    );
    const { source } = await parse({ configPath: 'c.json' });
    expect(source.gong_access_key).toBe('file-key');
    expect(place.learned).toEqual(['file-key', 'file-secret']);
  });

  it('may hold no key when it is a person’s YAML', async () => {
    await place.write('gong-elt.yaml', 'start_date: 2026-01-01\ngong_access_key: canary-key\n');
    const { message, hint } = await failure(() => parse({ env: keys }));
    expect(message).toBe(
      'Configuration: gong_access_key may not stand in gong-elt.yaml: put it into .env or the environment as GONG_ACCESS_KEY.',
    );
    expect(`${message}${hint}`).not.toContain('canary');
    expect(place.learned).toContain('canary-key');
  });

  it('names line and column of a mistake, not what stands there', async () => {
    await place.write('gong-elt.yaml', 'start_date: 2026-01-01\nkits: [canary\nsemarize: *canary\n');
    const { message } = await failure(() => parse());
    expect(message).toMatch(/^gong-elt.yaml is not valid YAML or JSON: .* in line \d+, column \d+\.$/);
    expect(message).not.toContain('canary');
  });

  it('names a key that stands there twice', async () => {
    await place.write('gong-elt.yaml', 'start_date: 2026-01-01\nstart_date: 2026-01-02\n');
    expect((await failure(() => parse())).message).toContain('duplicate key in line 2');
  });

  it.each(['- a\n', 'canary\n', '&a [*a]\n'])('refuses what is no settings at all: %j', async (text) => {
    await place.write('gong-elt.yaml', text);
    const { message } = await failure(() => parse());
    expect(message).not.toContain('canary');
  });

  it('may be empty', async () => {
    await place.write('gong-elt.yaml', '');
    expect((await place.find()).values).toEqual({});
  });

  it('is an error when --config names none', async () => {
    expect((await failure(() => parse({ configPath: 'none.yaml' }))).message).toBe('There is no file none.yaml.');
  });

  it('gives paths their folder: those in the file are relative to it, those of a flag to where one is', async () => {
    await place.write('sub/gong-elt.yaml', 'destination: w.duckdb\nanalytics: /abs/analytics.yaml\n');
    const found = await place.find({ configPath: 'sub/gong-elt.yaml' });
    expect(parsePlaces(found)).toEqual({
      destination: join(place.folder, 'sub/w.duckdb'),
      analytics: '/abs/analytics.yaml',
      singleWriter: false,
    });
    const byFlag = await place.find({
      configPath: 'sub/gong-elt.yaml',
      flags: { '--to': { destination: 'x.duckdb' } },
    });
    expect(parsePlaces(byFlag).destination).toBe(join(place.folder, 'x.duckdb'));
  });
});

describe('keys', () => {
  it('are read from files that NAME_FILE names, without the line feed at the end', async () => {
    await place.write('secret', 'mounted-secret\n');
    const env = {
      GONG_ACCESS_KEY: 'k-from-env',
      GONG_ACCESS_KEY_SECRET_FILE: join(place.folder, 'secret'),
      GONG_ELT_START_DATE: '2026-01-01',
    };
    expect((await parse({ env })).source.gong_access_key_secret).toBe('mounted-secret');
    expect(place.learned).toEqual(['k-from-env', 'mounted-secret']);
  });

  it('stand above the file that NAME_FILE names, which is not read then', async () => {
    const env = { SEMARIZE_API_KEY: 'k-from-env', SEMARIZE_API_KEY_FILE: 'none' };
    const { values, origins, errors } = await place.find({ env });
    expect(values).toEqual({ semarize_api_key: 'k-from-env' });
    expect(origins.get('semarize_api_key')).toBe('SEMARIZE_API_KEY in the environment');
    expect(errors).toEqual([]);
  });

  it('are read from files that .env names, relative to it', async () => {
    await place.write('sub/gong-elt.yaml', '');
    await place.write('sub/.env', 'GONG_ACCESS_KEY_FILE=secret\nSEMARIZE_API_KEY_FILE=none\n');
    await place.write('sub/secret', 'mounted-key\n');
    const { values, errors } = await place.find({ configPath: 'sub/gong-elt.yaml' });
    expect(values).toEqual({ gong_access_key: 'mounted-key\n' });
    expect(errors.map(({ message }) => message)).toEqual(['There is no file that SEMARIZE_API_KEY_FILE names.']);
  });

  it('that somebody put where the path should stand are not shown', async () => {
    const { message } = await failure(() => parse({ env: { SEMARIZE_API_KEY_FILE: 'canary-key' } }));
    expect(message).toBe('There is no file that SEMARIZE_API_KEY_FILE names.');
  });

  it('that are missing are told with where they go', async () => {
    const { message, hint } = await failure(() => parse());
    expect(message).toContain('- gong_access_key is required');
    expect(hint).toContain('GONG_ACCESS_KEY_SECRET');
    expect(hint).toContain('no gong-elt.yaml or .env was found');
  });

  it('in a file that all can read are warned about, by name', async () => {
    await place.write('.env', 'GONG_ACCESS_KEY=k\n', 0o644);
    await place.find();
    expect(place.said).toEqual(['warn: .env holds keys and can be read by every user of this machine: chmod 600 .env']);
    await chmod(join(place.folder, '.env'), 0o600);
    place.said.length = 0;
    await place.find();
    expect(place.said).toEqual([]);
  });
});

describe('what is said of the file', () => {
  it('names the keys that the environment and .env say otherwise, each once', async () => {
    await place.write('sub/gong-elt.yaml', 'start_date: 2026-01-01\nkits: []\nlookback_hours: 1\nsweep_days: 1\n');
    await place.write('sub/.env', 'GONG_ELT_LOOKBACK_HOURS=2\nGONG_ELT_KITS=[]\nGONG_ELT_END_DATE=2026-02-01\n');
    const env = { GONG_ELT_KITS: '[]', GONG_ELT_START_DATE: '2026-01-02', GONG_ELT_SWEEP_DAYS: '2' };
    const flags = { '--days': { sweep_days: 3 } };
    const { overrides } = await place.find({ configPath: 'sub/gong-elt.yaml', env, flags });
    expect(overrides).toEqual([
      'sub/.env overrides sub/gong-elt.yaml: lookback_hours',
      'environment overrides sub/gong-elt.yaml: start_date, kits',
    ]);
    expect(place.said).toEqual(overrides.map((text) => `debug: ${text}`));
  });

  it('is nothing where there is no file, or none of its keys is said elsewhere', async () => {
    const env = { GONG_ELT_START_DATE: '2026-01-02' };
    expect((await place.find({ env })).overrides).toEqual([]);
    await place.write('gong-elt.yaml', 'kits: []\nstart_date:\n');
    expect((await place.find({ env })).overrides).toEqual([]);
  });
});
