// What is wrong with settings, and where it stands.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SettingsPlaces } from '../../src/settings/found-settings.ts';
import { parsePeopleConfig } from '../../src/settings/people-config.ts';
import type { SettingsFolder } from './settings-folder.ts';
import { failure, keys, now, openSettingsFolder } from './settings-folder.ts';

let place: SettingsFolder;
beforeEach(async () => {
  place = await openSettingsFolder();
});
afterEach(() => place.close());

const parse = async (places: Partial<SettingsPlaces> = {}) => parsePeopleConfig(await place.find(places), now);

it('knows its own keys beside the source’s, and hints at both', async () => {
  await place.write('gong-elt.yaml', 'start_date: 2026-01-01\ndestnation: w.duckdb\nsweep_day: 3\n');
  const { message } = await failure(() => parse({ env: keys }));
  expect(message).toContain('destnation is not a known setting. Did you mean "destination"?');
  expect(message).toContain('sweep_day is not a known setting. Did you mean "sweep_days"?');
});
