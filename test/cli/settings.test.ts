// Settings from everywhere, watched from outside: what other programs have in the environment does not steer, and whoever reads
// the screen learns which variable or file said what.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runGongElt } from '../support/run-node.ts';
import type { SandboxFolder } from './sandbox-folder.ts';
import { openSandboxFolder } from './sandbox-folder.ts';

let place: SandboxFolder;
beforeEach(async () => {
  place = await openSandboxFolder({ calls: 12 });
});
afterEach(() => place.close());

const run = (args: readonly string[], env: Record<string, string> = {}) => runGongElt(args, { cwd: place.folder, env });

/** As they stand in shells of Airflow, CI and dbt. */
const foreign = {
  KITS: '[{"code":"ZZZZZZZZ"}]',
  START_DATE: '2020-01-01',
  DESTINATION: 'none/theirs.duckdb',
  MAX_RUNS_PER_SYNC: 'canary',
  GONG_REQUESTS_PER_SECOND: 'canary',
};

const countOf = (text: string, part: string) => text.split(part).length - 1;

describe('variables of other programs', () => {
  it('do not steer, and are not talked of where the file says the same', async () => {
    await place.configure({ max_runs_per_sync: 7, gong_requests_per_second: 50 });
    const { code, stdout, stderr } = await run(['check'], foreign);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('A1B2C3D4');
    expect(stdout).toMatch(/^ok {4}destination {5}w\.duckdb writable/m);
    for (const theirs of ['ZZZZZZZZ', 'theirs.duckdb', 'settings']) expect(stdout).not.toContain(theirs);
  });

  it('are hinted at, once each, where nothing says the setting', async () => {
    await writeFile(join(place.folder, 'gong-elt.yaml'), '');
    const { code, stderr } = await run(['sync'], foreign);
    expect(code).toBe(2);
    for (const name of Object.keys(foreign))
      expect(
        countOf(stderr, `${name} is set in the environment but is not read; say GONG_ELT_${name} if you mean it\n`),
        name,
      ).toBe(1);
    expect(countOf(stderr, 'is not read')).toBe(Object.keys(foreign).length);
    expect(stderr).not.toContain('canary');
  });

  it('are not hinted at where a flag says the setting', async () => {
    await writeFile(join(place.folder, 'gong-elt.yaml'), '');
    const args = ['sync', '--to', 'w.duckdb', '--kit', 'A1B2C3D4', '--max-runs', '1'];
    const { stderr } = await run(args, foreign);
    for (const name of ['KITS', 'DESTINATION', 'MAX_RUNS_PER_SYNC']) expect(stderr).not.toContain(`${name} is set`);
    expect(stderr).toContain('START_DATE is set');
  });

  it('are hinted at only by a command that would use them, and once though it looks twice', async () => {
    await writeFile(join(place.folder, 'gong-elt.yaml'), 'destination: none.duckdb\n');
    await chmod(join(place.folder, '.env'), 0o644);
    const { stderr } = await run(['copy', '--to', 'lake'], { ...foreign, ANALYTICS: '1', GONG_ELT_ANALYTIC: '1' });
    // The names of kits are settings of the marts.
    expect(countOf(stderr, 'is not read')).toBe(2);
    expect(countOf(stderr, 'KITS is set in the environment but is not read')).toBe(1);
    for (const text of ['ANALYTICS is set in the environment but is not read', 'Did you mean GONG_ELT_ANALYTICS?'])
      expect(countOf(stderr, text), text).toBe(1);
    // Windows has no such rights.
    if (process.platform !== 'win32') expect(countOf(stderr, 'chmod 600 .env')).toBe(1);
  });
});

describe('a setting that is said twice', () => {
  it('is named by check and by -v when it is not the file that holds', async () => {
    await writeFile(join(place.folder, '.env'), '\nGONG_ELT_GONG_REQUESTS_PER_DAY=900\n', { flag: 'a' });
    await place.configure({ gong_requests_per_day: 800, workspace_label: 'file' });
    const env = { GONG_ELT_KITS: '[{"code":"6AD3F0B6"}]', GONG_ELT_WORKSPACE_LABEL: 'env' };
    const said = '.env overrides gong-elt.yaml: gong_requests_per_day';
    const alsoSaid = 'environment overrides gong-elt.yaml: kits, workspace_label';
    const { code, stdout, stderr } = await run(['check'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`\nok    settings        ${said}; ${alsoSaid}\n`);
    expect(stdout).toContain('6AD3F0B6');
    expect(stdout).not.toContain('A1B2C3D4');
    const verbose = await run(['plan', '-v'], env);
    for (const text of [said, alsoSaid]) expect(countOf(verbose.stderr, `debug: ${text}\n`)).toBe(1);
  });
});

describe('a setting that is wrong', () => {
  it('is told with the variable, the file or the flag that said it, and without its value', async () => {
    await place.configure({ start_date: 'canary' });
    await writeFile(join(place.folder, '.env'), '\nGONG_ELT_END_DATE=canary\n', { flag: 'a' });
    const { code, stdout, stderr } = await run(['check', '--to', ''], { GONG_ELT_MAX_RUNS_PER_SYNC: 'canary' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const text of [
      'start_date (gong-elt.yaml) must be a day',
      'end_date (GONG_ELT_END_DATE in .env) must be a day',
      'max_runs_per_sync (GONG_ELT_MAX_RUNS_PER_SYNC in the environment) must be a',
      'destination (--to) is empty',
    ])
      expect(stderr).toContain(text);
    expect(stderr).not.toContain('canary');
    expect(place.sandbox.ledger.requests).toEqual([]);
  });
});

describe('a key without a value', () => {
  it('counts as not set, as Compose passes it', async () => {
    const env = { SEMARIZE_API_KEY: '', SEMARIZE_API_KEY_FILE: '', GONG_ELT_KITS: '', GONG_ACCESS_KEY: '' };
    const { code, stdout, stderr } = await run(['check'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // What .env has holds.
    expect(stdout).toMatch(/^ok {4}semarize key/m);
    expect(stdout).toContain('A1B2C3D4');
  });
});
