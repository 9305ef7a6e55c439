// gong-elt check, as a process, against a sandbox whose ledger says what was asked.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runGongElt } from '../support/run-node.ts';
import type { SandboxFolder } from './sandbox-folder.ts';
import { openSandboxFolder } from './sandbox-folder.ts';

let place: SandboxFolder;
beforeEach(async () => {
  place = await openSandboxFolder();
});
afterEach(() => place.close());

const check = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  runGongElt(['check', ...args], { cwd: place.folder, env });

describe('gong-elt check', () => {
  it('goes through every right with at most six requests to Gong, and buys nothing', async () => {
    const { code, stdout, stderr } = await check();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of [
      /^ok {4}node {12}\d/m,
      /^ok {4}gong key {8}accepted by 127\.0\.0\.1/m,
      /^ok {4}gong calls/m,
      /^ok {4}gong transcript/m,
      /^ok {4}semarize key {4}accepted/m,
      /^ok {4}kit A1B2C3D4/m,
      /^ok {4}destination {5}w\.duckdb writable/m,
      /^0 failures, 0 warnings +exit 0$/m,
    ])
      expect(stdout).toMatch(line);
    const { ledger } = place.sandbox;
    expect(ledger.posts).toBe(0);
    expect(ledger.requests.filter(({ service }) => service === 'gong').length).toBeLessThanOrEqual(6);
  });

  it.each([
    [
      'a wrong key',
      { GONG_ACCESS_KEY: 'wrong-access-key' },
      3,
      /^FAIL {2}gong calls {6}Gong answered 401.*\n {6}→ .*GONG_BASE_URL/m,
    ],
    [
      'a wrong key of Semarize',
      { SEMARIZE_API_KEY: 'smz_live_wrong' },
      3,
      /^FAIL {2}semarize key {4}Semarize answered 401/m,
    ],
    [
      'an unknown kit',
      { GONG_ELT_KITS: '[{"code":"ZZZZZZZZ"}]' },
      2,
      /^FAIL {2}kit ZZZZZZZZ {4}Semarize knows no such kit/m,
    ],
    [
      'a folder that is not there',
      { GONG_ELT_DESTINATION: 'none/w.duckdb' },
      7,
      /^FAIL {2}destination {5}the folder of none\/w\.duckdb does not exist/m,
    ],
  ])('names %s and the next step, with its exit code', async (_, env, code, text) => {
    const ended = await check([], env);
    expect(ended.stdout).toMatch(text);
    expect(ended.stdout).toMatch(new RegExp(`^1 failure, .* exit ${code}$`, 'm'));
    expect(ended.code).toBe(code);
  });

  it('names the scope that is missing', async () => {
    place.sandbox.settings.scopes = ['api:calls:read:basic', 'api:calls:read:extensive', 'api:users:read'];
    const { code, stdout } = await check();
    expect(stdout).toMatch(/^FAIL {2}gong transcript.*\n {6}→ .*scope/m);
    expect(code).toBe(3);
  });

  it('names who holds the destination', async () => {
    const instance = await DuckDBInstance.create(join(place.folder, 'w.duckdb'));
    const { code, stdout } = await check();
    instance.closeSync();
    expect(stdout).toContain(`w.duckdb is open in another program (PID ${process.pid})`);
    expect(code).toBe(8);
  });

  it('lets the first failing group decide the exit code', async () => {
    const { code, stdout } = await check(['--to', 'none/w.duckdb'], { GONG_ACCESS_KEY: 'wrong-access-key' });
    expect(stdout).toContain('2 failures');
    expect(code).toBe(3);
  });

  it('gives scripts the same rows with their next steps', async () => {
    const { code, stdout } = await check(['--json'], { SEMARIZE_API_KEY: 'smz_test_wrong' });
    const answer = JSON.parse(stdout) as {
      rows: { level: string; name: string; next_step?: string }[];
      exit_code: number;
    };
    expect(answer.exit_code).toBe(code);
    expect(answer.rows.find(({ level }) => level === 'fail')).toMatchObject({
      name: 'semarize key',
      next_step: expect.stringContaining('SEMARIZE_API_KEY'),
    });
  });

  it('announces a test key', async () => {
    const { code, stdout, stderr } = await check([], { SEMARIZE_API_KEY: place.sandbox.semarizeKeys.test });
    expect(stderr).toContain('test key');
    expect(stdout).toMatch(/^warn {2}semarize key/m);
    expect(code).toBe(0);
  });

  it('leaves no file behind', async () => {
    await mkdir(join(place.folder, 'empty'));
    await check(['--to', 'empty/w.duckdb']);
    const { readdir } = await import('node:fs/promises');
    expect(await readdir(join(place.folder, 'empty'))).toEqual([]);
  });
});

describe('a configuration that check cannot use', () => {
  it('is told whole, with nothing asked of anybody', async () => {
    await place.configure({ lookback_hours: 'soon', nonsense: 1 });
    const { code, stdout, stderr } = await check([], { GONG_BASE_URL: 'https://api.gong.io.evil.example' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const text of [
      'lookback_hours (gong-elt.yaml) must be a number',
      'nonsense (gong-elt.yaml) is not a known setting',
      'gong_base_url (GONG_BASE_URL in the environment) must be at api.gong.io',
      'read: gong-elt.yaml, .env',
    ])
      expect(stderr).toContain(text);
    expect(place.sandbox.ledger.requests).toEqual([]);
  });

  it('includes an environment that takes any certificate', async () => {
    const { code, stderr } = await check([], { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    expect(stderr).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0');
    expect(code).toBe(2);
    expect(place.sandbox.ledger.requests).toEqual([]);
  });
});

describe('U3 the settings of the marts', () => {
  const wrong = { kits: [{ code: 'A1B2C3D4', win_treshold: 61 }], bricks: [{ brick_key: 'x', role: 'scores' }] };
  const mistakes = [
    'kits[0].win_treshold (analytics.yaml) is not a known setting. Did you mean "win_threshold"?',
    'bricks[0].role (analytics.yaml) must be one of "score", "signal", "risk_flag"',
  ];

  it('are read by check: a mistake fails, with file and path', async () => {
    await place.configure({ analytics: 'analytics.yaml' });
    await writeFile(join(place.folder, 'analytics.yaml'), JSON.stringify(wrong));
    const { code, stdout } = await check();
    expect(code).toBe(2);
    expect(stdout).toMatch(/^FAIL {2}analytics/m);
    for (const text of mistakes) expect(stdout).toContain(text);
    await writeFile(join(place.folder, 'analytics.yaml'), JSON.stringify({ kits: [{ code: 'A1B2C3D4' }] }));
    expect((await check()).stdout).toMatch(/^ok {4}analytics {7}analytics\.yaml is in order$/m);
  });

  it.each(['plan', 'sync'])('are read by %s before anything is asked of anybody', async (command) => {
    await place.configure({ analytics: 'analytics.yaml' });
    await writeFile(join(place.folder, 'analytics.yaml'), JSON.stringify(wrong));
    const { code, stderr } = await runGongElt([command], { cwd: place.folder });
    expect(code).toBe(2);
    for (const text of mistakes) expect(stderr).toContain(text);
    expect(place.sandbox.ledger.requests).toEqual([]);
    await place.configure({ analytics: 'none.yaml' });
    expect((await runGongElt([command], { cwd: place.folder })).stderr).toContain('There is no file none.yaml');
  });
});
