// Every column of every table and view says what it is, in the page as in the database.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('the data dictionary leaves no column of ours without its meaning', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/data-dictionary.md'), 'utf8');
  const results = page.indexOf('## Results of the analysis');
  const silent = page
    .split('\n')
    .filter((line) => /^\| `.*\|\s+\|$/.test(line))
    // Their comments come with the analysis.
    .filter((line) => page.indexOf(line) < results);
  expect(silent).toEqual([]);
  expect(page.match(/^### /gm)?.length).toBeGreaterThan(50);
});
