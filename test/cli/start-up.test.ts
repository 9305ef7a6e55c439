// Hosts ask for specifications and catalogs all the time: nothing is loaded for them that is not needed.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { destinationBin, sourceBin } from '../hosts/airbyte/bins.ts';
import { tapBin, targetBin } from '../hosts/singer/bins.ts';
import { openFolder, writeJson } from '../support/folder.ts';
import { runNode } from '../support/run-node.ts';

async function packagesOf(args: readonly string[]): Promise<string[]> {
  const ended = await runNode(['--import', join(import.meta.dirname, 'loaded-packages.mjs'), ...args]);
  expect(ended.code, ended.stderr).toBe(0);
  return [...new Set(Array.from(ended.stderr.matchAll(/^loaded (.+)$/gm), ([, name]) => name ?? ''))].sort();
}

test('spec, about and the catalog of the tap load nothing but the schemas', async () => {
  for (const args of [
    [sourceBin, 'spec'],
    [destinationBin, 'spec'],
    [tapBin, '--discover'],
    [tapBin, '--about'],
    [targetBin, '--about'],
  ])
    expect(await packagesOf(args), args.join(' ')).toEqual(['zod']);
});

test('discover and the target’s settings load no DuckDB', async () => {
  const folder = await openFolder();
  const settings = { gong_access_key: 'key', gong_access_key_secret: 'secret', start_date: '2026-01-01' };
  const config = await writeJson(folder, 'config.json', settings);
  const packages = await packagesOf([sourceBin, 'discover', '--config', config]);
  expect(packages).toContain('zod');
  expect(packages.filter((name) => name.startsWith('@duckdb'))).toEqual([]);
});
