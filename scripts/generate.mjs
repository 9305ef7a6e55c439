// spec.json, schemas/*.json and meltano/*.yml from the zod schemas in dist/, dbt/models from the SQL of the marts. A test compares them with the files that are checked in.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles, generatedFolders } from './generated-files.mjs';

const root = join(import.meta.dirname, '..');
// A view that is gone takes its model along.
for (const folder of generatedFolders) rmSync(join(root, folder), { recursive: true, force: true });
for (const [path, text] of await generatedFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.error(`wrote ${path}`);
}
