// The variables that our pages and helps name are those that are read.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingNames } from '../../src/settings/people-schema.ts';
import { variableOf } from '../../src/settings/variables.ts';

const root = join(import.meta.dirname, '../..');
const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.md'),
);
const pages = ['README.md', 'Dockerfile', ...docs.map((name) => join('docs', name))];

test('pages name no variable with our prefix that names no setting', () => {
  const known = settingNames.map(variableOf);
  const named = pages.flatMap((page) => readFileSync(join(root, page), 'utf8').match(/\bGONG_ELT_[A-Z_]+\b/g) ?? []);
  expect(named).toContain('GONG_ELT_START_DATE');
  for (const variable of named) expect(known).toContain(variable);
});
