// gong-elt sandbox, as a process: what it prints works, and Ctrl-C ends it.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseSettings } from '../../src/core/settings.ts';
import { sourceConfigSchema } from '../../src/source/config.ts';
import { runGongElt } from '../support/run-node.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-sandbox-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs the command until `use` is done with what it printed, then sends Ctrl-C. */
function whileRunning(args: readonly string[], use: (stdout: string) => Promise<void>) {
  let used: Promise<void> | undefined;
  return runGongElt(['sandbox', '--port', '0', ...args], {
    cwd: folder,
    onOutput: (child, stdout) => {
      used ??= use(stdout).finally(() => child.kill('SIGINT'));
    },
  }).then(async (ended) => {
    await used;
    return ended;
  });
}

describe('gong-elt sandbox', () => {
  it('answers under the URL and the keys it prints, until Ctrl-C', async () => {
    let status = 0;
    const ended = await whileRunning(['--json', '--calls', '20'], async (stdout) => {
      const printed = JSON.parse(stdout) as Record<string, string>;
      const basic = Buffer.from(`${printed['gong_access_key']}:${printed['gong_access_key_secret']}`).toString(
        'base64',
      );
      const answer = await fetch(`${printed['url']}/v2/users`, { headers: { authorization: `Basic ${basic}` } });
      await answer.arrayBuffer();
      status = answer.status;
    });
    expect(status).toBe(200);
    expect(ended).toMatchObject({ code: null, signal: 'SIGINT' });
  });

  it('prints a gong-elt.yaml and a .env that our own parser takes', async () => {
    let settings: Record<string, unknown> = {};
    await whileRunning([], async (stdout) => {
      const [yaml = '', env = ''] = stdout.split('# .env\n');
      const keys = env
        .trim()
        .split('\n')
        .map((line) => line.split('='))
        .map(([name = '', value = '']) => [name.toLowerCase(), value] as const);
      const { destination, ...source } = parse(yaml) as Record<string, unknown>;
      expect(destination).toBe('warehouse.duckdb');
      settings = parseSettings(sourceConfigSchema, { ...source, ...Object.fromEntries(keys) });
    });
    expect(settings).toMatchObject({ kits: [{ code: 'A1B2C3D4' }, { code: '6AD3F0B6' }] });
  });

  it('writes the guide’s three files, with the keys for its owner only', async () => {
    await whileRunning(['--scenario', 'guide'], async () => {});
    const config = parse(await readFile(join(folder, 'guide/gong-elt.yaml'), 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({
      max_runs_per_sync: 400,
      destination: 'warehouse.duckdb',
      analytics: 'analytics.yaml',
    });
    const analytics = parse(await readFile(join(folder, 'guide/analytics.yaml'), 'utf8')) as { kits: unknown[] };
    expect(analytics.kits).toEqual([
      { code: 'A1B2C3D4', label: 'MEDDICC v2', purpose: 'framework', win_threshold: expect.any(Number) },
      { code: '6AD3F0B6', label: 'Custom SPICED', purpose: 'framework', win_threshold: expect.any(Number) },
    ]);
    expect((await stat(join(folder, 'guide/.env'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, 'guide/.env'), 'utf8')).toMatch(
      /^GONG_ACCESS_KEY=.+\nGONG_ACCESS_KEY_SECRET=.+\nSEMARIZE_API_KEY=smz_live_.+\n$/,
    );
  });

  it('says which port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await runGongElt(['sandbox', '--port', String(port)], { cwd: folder });
    server.close();
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: Port ${port} of 127.0.0.1 cannot be used (EADDRINUSE). → choose another one: gong-elt sandbox --port 0 takes any that is free\n`,
    });
  });

  it.each([
    [['--calls', 'many'], '--calls must be a whole number'],
    [['--seed', '1.5'], '--seed must be a whole number'],
    [['--calls', '9', '--scenario', 'guide'], 'The guide has 200 calls'],
    [['--scenario', 'gudie'], 'Argument: scenario'],
  ])('refuses %j', async (args, text) => {
    const { code, stderr } = await runGongElt(['sandbox', ...args], { cwd: folder });
    expect(stderr).toContain(text);
    expect(code).toBe(2);
  });
});
