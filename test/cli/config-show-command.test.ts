// gong-elt config show: every setting, where it comes from, and no more of a key than its end.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingNames } from '../../src/settings/people-schema.ts';
import { runGongElt } from '../support/run-node.ts';

const keys = { access: 'Qx7Zp2Wv9Lk4a91f', secret: 'Hj3Nt8Rb5Mc6Yd1Gb82e', semarize: 'Vw4Xs9Tf2Lq7' };
const env = {
  GONG_ACCESS_KEY_SECRET: keys.secret,
  SEMARIZE_API_KEY_FILE: 'semarize-key',
  GONG_ELT_MAX_RUNS_PER_SYNC: '7',
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-config-show-'));
  await write('gong-elt.yaml', 'start_date: 2026-01-01\nkits: [{code: A1B2C3D4}]\ndestination: w.duckdb\n');
  await write('.env', `GONG_ACCESS_KEY=${keys.access}\nGONG_ELT_LOOKBACK_HOURS=5\nGONG_ELT_SWEEP_DAYS=\n`);
  await write('semarize-key', `${keys.semarize}\n`);
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });

const show = async (args: readonly string[] = [], variables: Record<string, string> = env) => {
  const ended = await runGongElt(['config', 'show', ...args], { cwd: folder, env: variables });
  // Whatever is shown, no more of a key than four characters at its end.
  for (const key of Object.values(keys))
    for (let start = 0; start + 5 <= key.length; start++)
      expect(`${ended.stdout}${ended.stderr}`).not.toContain(key.slice(start, start + 5));
  return ended;
};

/** Setting → what stands behind it in its line: its value, or its origin and its value. */
const cellsOf = (stdout: string): Record<string, string[]> => {
  const lines = stdout.trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/ {2,}/)).map(([name = '', ...cells]) => [name, cells]));
};

describe('gong-elt config show', () => {
  it('prints every setting with its value, defaults included', async () => {
    const { code, stdout, stderr } = await show();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const cells = cellsOf(stdout);
    expect(Object.keys(cells)).toEqual(settingNames);
    expect(cells).toMatchObject({
      start_date: ['2026-01-01T00:00:00.000Z'],
      end_date: ['not set'],
      kits: ['[{"code":"A1B2C3D4","min_duration_seconds":0,"input":"text"}]'],
      max_runs_per_sync: ['7'],
      lookback_hours: ['5'],
      sweep_days: ['90'],
      gong_base_url: ['https://api.gong.io'],
      destination: [join(folder, 'w.duckdb')],
    });
  });

  it('shows of a key its last four characters, and of a short one that it is there', async () => {
    expect(cellsOf((await show()).stdout)).toMatchObject({
      gong_access_key: ['set (…a91f)'],
      gong_access_key_secret: ['set (…b82e)'],
      semarize_api_key: ['set'],
    });
    const without = await show([], { ...env, SEMARIZE_API_KEY_FILE: '', SEMARIZE_API_KEY: '' });
    expect(cellsOf(without.stdout)['semarize_api_key']).toEqual(['not set']);
  });

  it('says with --origin which flag, variable or file said it', async () => {
    const { code, stdout } = await show(['--origin', '--to', 'x.duckdb']);
    expect(code).toBe(0);
    expect(cellsOf(stdout)).toMatchObject({
      gong_access_key: ['GONG_ACCESS_KEY in .env', 'set (…a91f)'],
      gong_access_key_secret: ['GONG_ACCESS_KEY_SECRET in the environment', 'set (…b82e)'],
      semarize_api_key: ['SEMARIZE_API_KEY_FILE in the environment', 'set'],
      start_date: ['gong-elt.yaml', '2026-01-01T00:00:00.000Z'],
      max_runs_per_sync: ['GONG_ELT_MAX_RUNS_PER_SYNC in the environment', '7'],
      lookback_hours: ['GONG_ELT_LOOKBACK_HOURS in .env', '5'],
      sweep_days: ['default', '90'],
      destination: ['--to', join(folder, 'x.duckdb')],
    });
  });

  it('shows the same as JSON', async () => {
    const plain = JSON.parse((await show(['--json'])).stdout) as Record<string, Record<string, unknown>>;
    expect(Object.keys(plain)).toEqual(['settings']);
    expect(Object.keys(plain['settings'] ?? {})).toEqual(settingNames);
    expect(plain['settings']).toMatchObject({
      gong_access_key: 'set (…a91f)',
      gong_access_key_secret: 'set (…b82e)',
      max_runs_per_sync: 7,
      kits: [{ code: 'A1B2C3D4', min_duration_seconds: 0, input: 'text' }],
      end_date: null,
    });
    const { origins } = JSON.parse((await show(['--json', '--origin'])).stdout) as Record<string, object>;
    expect(origins).toMatchObject({
      gong_access_key: 'GONG_ACCESS_KEY in .env',
      kits: 'gong-elt.yaml',
      max_runs_per_sync: 'GONG_ELT_MAX_RUNS_PER_SYNC in the environment',
      sweep_days: 'default',
    });
  });

  it('shows what there is where nothing is set, says what is missing, and ends with 2', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'gong-elt-config-none-'));
    const { code, stdout, stderr } = await runGongElt(['config', 'show'], { cwd: empty });
    await rm(empty, { recursive: true });
    expect(code).toBe(2);
    expect(Object.keys(cellsOf(stdout))).toEqual(settingNames);
    for (const name of ['gong_access_key', 'gong_access_key_secret', 'start_date'])
      expect(stderr).toContain(`${name} is required`);
  });

  it('shows what is wrong as it was found, and tells where it stands', async () => {
    const wrong = { ...env, GONG_ELT_MAX_RUNS_PER_SYNC: 'many', GONG_ELT_SWEEP_DAYS: keys.secret };
    const { code, stdout, stderr } = await show(['--origin'], wrong);
    expect(code).toBe(2);
    expect(cellsOf(stdout)).toMatchObject({
      max_runs_per_sync: ['GONG_ELT_MAX_RUNS_PER_SYNC in the environment', 'many'],
      // A key at the wrong place.
      sweep_days: ['GONG_ELT_SWEEP_DAYS in the environment', '[redacted]'],
      start_date: ['gong-elt.yaml', '2026-01-01T00:00:00.000Z'],
    });
    expect(stderr).toContain('max_runs_per_sync (GONG_ELT_MAX_RUNS_PER_SYNC in the environment) must be a');
    const json = JSON.parse((await show(['--json'], wrong)).stdout) as Record<string, Record<string, unknown>>;
    expect(json['settings']).toMatchObject({ max_runs_per_sync: 'many', sweep_days: '[redacted]', lookback_hours: 5 });
    expect(json['error']).toMatchObject({ area: 'config', exit_code: 2, paths: 'max_runs_per_sync, sweep_days' });
  });

  it('shows the rest of what it cannot read', async () => {
    await write('gong-elt.yaml', 'start_date: [\n');
    const { code, stdout, stderr } = await show();
    expect(code).toBe(2);
    expect(cellsOf(stdout)['lookback_hours']).toEqual(['5']);
    expect(stderr).toMatch(/^error: gong-elt\.yaml is not valid YAML or JSON: .* in line \d+/m);
    await write('gong-elt.yaml', 'start_date: 2026-01-01\n');
    const noFile = await show([], { ...env, GONG_ACCESS_KEY_SECRET: '', GONG_ACCESS_KEY_SECRET_FILE: keys.secret });
    expect(noFile.code).toBe(2);
    expect(cellsOf(noFile.stdout)['max_runs_per_sync']).toEqual(['7']);
    expect(noFile.stderr).toContain('There is no file that GONG_ACCESS_KEY_SECRET_FILE names.');
  });

  it('is meant by who types it almost right', async () => {
    const { code, stderr } = await runGongElt(['confg', 'show'], { cwd: folder });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('Did you mean "config"?') });
  });
});
