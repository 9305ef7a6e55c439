// docs/features.md may say "works" only of what a test shows; links inside docs lead somewhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

interface Row {
  name: string;
  state: string;
  shownBy: string;
}

function readRows(): Row[] {
  const lines = readFileSync(join(root, 'docs', 'features.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '));
  return lines
    .slice(1)
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()))
    .filter(([name = '']) => !name.startsWith('**'))
    .map((cells) => ({ name: cells[0] ?? '', state: cells[3] ?? '', shownBy: (cells[4] ?? '').replaceAll('`', '') }));
}

test('every row has a state, and what works names a test that exists', () => {
  const rows = readRows();
  expect(rows.length).toBeGreaterThan(40);
  for (const { name, state, shownBy } of rows) {
    expect(['works', 'partly', 'not yet'], name).toContain(state);
    if (state === 'works') expect(existsSync(join(root, shownBy)), `${name}: ${shownBy}`).toBe(true);
    else expect(shownBy, name).toBe('');
  }
});

test('links between our pages lead somewhere', () => {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const pages = ['README.md', ...docs.map((name) => join('docs', name))];
  for (const page of pages) {
    const links = readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)\)/g);
    for (const [, target = ''] of links)
      expect(existsSync(join(root, dirname(page), target)), `${page} → ${target}`).toBe(true);
  }
});
