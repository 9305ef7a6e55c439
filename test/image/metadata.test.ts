// The metadata of the images speak of this version.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from './dockerfile.ts';

const read = (name: string) => parse(readFileSync(join(root, 'connectors', name, 'metadata.yaml'), 'utf8')).data;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

test.each(['source-gong-semarize', 'destination-duckdb'])('%s is tagged with the version of the package', (name) => {
  expect(read(name)).toMatchObject({
    dockerRepository: `gong-elt/${name}`,
    dockerImageTag: version,
    connectorType: name.split('-')[0],
    documentationUrl: JSON.parse(
      readFileSync(join(root, name.startsWith('source') ? 'spec.json' : 'schemas/destination.json'), 'utf8'),
    ).documentationUrl,
  });
});

test('the two are two definitions', () => {
  const ids = ['source-gong-semarize', 'destination-duckdb'].map((name) => read(name).definitionId);
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});
