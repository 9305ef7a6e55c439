// Names of environment variables: which are read, which are hinted at, and which name nothing.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SettingsFolder } from './settings-folder.ts';
import { keys, openSettingsFolder } from './settings-folder.ts';

let place: SettingsFolder;
beforeEach(async () => {
  place = await openSettingsFolder();
});
afterEach(() => place.close());

describe('plain names', () => {
  // As they stand in shells of Airflow, CI and dbt.
  const foreign = { KITS: '[{"code":"ZZZZZZZZ"}]', START_DATE: '2020-01-01', DESTINATION: 'theirs', ANALYTICS: '1' };

  it('are not read, in the environment or in .env', async () => {
    await place.write('.env', 'MAX_RUNS_PER_SYNC=9\nEND_DATE=2026-02-01\n');
    expect((await place.find({ env: foreign })).values).toEqual({});
  });

  it('are read of base URLs and keys, which say themselves whose they are', async () => {
    const env = { GONG_BASE_URL: 'https://a.example', SEMARIZE_BASE_URL: 'https://b.example', ...keys };
    expect((await place.find({ env })).values).toEqual({
      gong_base_url: 'https://a.example',
      semarize_base_url: 'https://b.example',
      gong_access_key: 'env-access-key',
      gong_access_key_secret: 'env-access-secret',
    });
    const withPrefix = { GONG_ELT_GONG_BASE_URL: 'https://a.example', GONG_ELT_GONG_ACCESS_KEY: 'key' };
    expect((await place.find({ env: withPrefix })).values).toEqual({});
  });

  it('are hinted at where nothing else says the setting', async () => {
    await place.write('gong-elt.yaml', 'start_date: 2026-01-01\n');
    await place.write('.env', 'KITS=[]\nEND_DATE=2026-02-01\nGONG_ELT_ANALYTICS=a.yaml\n');
    await place.find({ env: foreign, flags: { '--to': { destination: 'w.duckdb' } } });
    expect(place.said).toEqual([
      'info: END_DATE is set in .env but is not read; say GONG_ELT_END_DATE if you mean it',
      'info: KITS is set in .env but is not read; say GONG_ELT_KITS if you mean it',
    ]);
  });

  it('are hinted at only when the setting is asked for', async () => {
    await place.find({ env: foreign, asked: ['analytics'] });
    expect(place.said).toEqual([
      'info: ANALYTICS is set in the environment but is not read; say GONG_ELT_ANALYTICS if you mean it',
    ]);
  });
});

describe('variables that name no setting', () => {
  it('are warned about, with the one that was meant', async () => {
    await place.write('.env', 'GONG_ELT_START_DAT=canary\n');
    const env = {
      GONG_ELT_KIT: 'canary',
      GONG_ELT_GONG_BASE_URL: 'canary',
      GONG_ELT_SEMARIZE_API_KEY: 'canary',
      GONG_ELT_SEMARIZE_API_KEY_FILE: 'canary',
      GONG_ELT_QQQQQQQQQQ: 'canary',
    };
    await place.find({ env });
    expect(place.said).toEqual([
      'warn: GONG_ELT_START_DAT is set in .env but names no setting. Did you mean GONG_ELT_START_DATE?',
      'warn: GONG_ELT_KIT is set in the environment but names no setting. Did you mean GONG_ELT_KITS?',
      'warn: GONG_ELT_GONG_BASE_URL is set in the environment but names no setting. Did you mean GONG_BASE_URL?',
      'warn: GONG_ELT_SEMARIZE_API_KEY is set in the environment but names no setting. Did you mean SEMARIZE_API_KEY?',
      'warn: GONG_ELT_SEMARIZE_API_KEY_FILE is set in the environment but names no setting. Did you mean SEMARIZE_API_KEY_FILE?',
      'warn: GONG_ELT_QQQQQQQQQQ is set in the environment but names no setting.',
    ]);
  });

  it('are Kubernetes’ own beside a Service that is called gong-elt', async () => {
    const env = {
      GONG_ELT_SERVICE_HOST: '10.0.0.1',
      GONG_ELT_SERVICE_PORT: '80',
      GONG_ELT_SERVICE_PORT_HTTP: '80',
      GONG_ELT_PORT: 'tcp://10.0.0.1:80',
      GONG_ELT_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    await place.find({ env });
    expect(place.said).toEqual([]);
  });
});
