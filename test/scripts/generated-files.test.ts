// What is checked in is what the schemas print.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';

const root = join(import.meta.dirname, '../..');
// A script: it prints from dist/.
const script: { generatedFiles(): Promise<Map<string, string>> } = await import(
  join(root, 'scripts/generated-files.mjs')
);
const files = await script.generatedFiles();

describe('files printed from schemas', () => {
  it.each([...files])('has %s as the schemas print it (npm run generate)', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });

  it.each(['schemas', 'dbt/models'])('has no file in %s that nothing prints', (folder) => {
    const found = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    expect(found.filter((name) => /\.\w+$/.test(name)).sort()).toEqual(
      [...files.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1))
        .sort(),
    );
  });

  it('offers no place for a key in a person’s file', () => {
    const form = JSON.parse(files.get('schemas/config.json') ?? '') as { properties: JsonObject; required: string[] };
    expect(Object.keys(form.properties).filter((name) => /key/.test(name))).toEqual([]);
    expect(form.required).toEqual(['start_date']);
    expect(Object.keys(form.properties)).toEqual(expect.arrayContaining(['destination', 'analytics', 'kits']));
  });
});
