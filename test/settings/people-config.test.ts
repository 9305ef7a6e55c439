// What is wrong with settings, and where it stands.
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

describe('what is wrong', () => {
  it('is told with where its value stands, never with the value', async () => {
    await place.write('sub/gong-elt.yaml', 'start_date: canary\nkits: [{code: canary}]\n');
    await place.write('sub/.env', 'GONG_ELT_END_DATE=canary\nGONG_ELT_MAX_RUNS_PER_SYNC=1\n');
    await place.write('secret', 'canary canary');
    const env = {
      GONG_ACCESS_KEY: 'k',
      GONG_ACCESS_KEY_SECRET_FILE: 'secret',
      GONG_ELT_MAX_RUNS_PER_SYNC: 'canary',
      GONG_BASE_URL: 'https://canary.example',
    };
    const { message } = await failure(() =>
      parse({ configPath: 'sub/gong-elt.yaml', env, flags: { '--to': { destination: '' } } }),
    );
    for (const text of [
      'gong_access_key_secret (GONG_ACCESS_KEY_SECRET_FILE in the environment) holds white space',
      'start_date (sub/gong-elt.yaml) must be a day',
      'kits[0].code (sub/gong-elt.yaml) must be 8 characters',
      'end_date (GONG_ELT_END_DATE in sub/.env) must be a day',
      'max_runs_per_sync (GONG_ELT_MAX_RUNS_PER_SYNC in the environment) must be a',
      'gong_base_url (GONG_BASE_URL in the environment) must be at api.gong.io',
      'destination (--to) is empty',
    ])
      expect(message).toContain(text);
    expect(message).not.toContain('canary');
  });

  it('names the places of commands that ask for no other settings, too', async () => {
    await place.write('gong-elt.yaml', 'destination: [w.duckdb]\n');
    const found = await place.find();
    expect((await failure(() => parsePlaces(found))).message).toContain('destination (gong-elt.yaml) must be a text');
  });
});

it('knows its own keys beside the source’s, and hints at both', async () => {
  await place.write('gong-elt.yaml', 'start_date: 2026-01-01\ndestnation: w.duckdb\nsweep_day: 3\n');
  const { message } = await failure(() => parse({ env: keys }));
  expect(message).toContain('destnation (gong-elt.yaml) is not a known setting. Did you mean "destination"?');
  expect(message).toContain('sweep_day (gong-elt.yaml) is not a known setting. Did you mean "sweep_days"?');
});
