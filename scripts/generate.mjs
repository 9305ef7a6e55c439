// spec.json, schemas/*.json and meltano/*.yml from the zod schemas in dist/. A test compares them with the files that are checked in.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedFiles } from './generated-files.mjs';

const root = join(import.meta.dirname, '..');
for (const folder of ['schemas', 'meltano']) mkdirSync(join(root, folder), { recursive: true });
for (const [path, text] of await generatedFiles()) {
  writeFileSync(join(root, path), text);
  console.error(`wrote ${path}`);
}
