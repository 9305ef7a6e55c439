// The example project says nothing that the tap and the target do not know.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const folder = join(import.meta.dirname, '../../meltano');
const read = (path: string) => parse(readFileSync(join(folder, path), 'utf8'));
const names = (settings: { name: string }[]) => settings.map(({ name }) => name);

test.each([
  ['extractors', 'tap-gong-semarize'],
  ['loaders', 'target-duckdb-parquet'],
])('the example uses settings and capabilities that %s of ours have', (kind, name) => {
  const [plugin] = read('example/meltano.yml').plugins[kind];
  const definition = read(`${name}.yml`);
  expect(plugin).toMatchObject({ name, namespace: definition.namespace, capabilities: definition.capabilities });
  expect(names(definition.settings)).toEqual(expect.arrayContaining(names(plugin.settings)));
  expect(names(plugin.settings)).toEqual(expect.arrayContaining(Object.keys(plugin.config)));
});

test('the example’s variables are settings', () => {
  const known = names(read('tap-gong-semarize.yml').settings).map((name) => `TAP_GONG_SEMARIZE_${name.toUpperCase()}`);
  const text = readFileSync(join(folder, 'example/.env.example'), 'utf8');
  const variables = [...text.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(variables.length).toBeGreaterThan(3);
  expect(known).toEqual(expect.arrayContaining(variables));
});

test('the example installs this version', () => {
  const { version } = JSON.parse(readFileSync(join(folder, '../package.json'), 'utf8'));
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'example/package.json'), 'utf8'));
  expect(dependencies).toEqual({ 'gong-elt': `^${version}` });
});
