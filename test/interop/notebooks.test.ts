// The snippets of docs/tools.md for Python and for DuckDB's shell, run as they stand there, on the file of the demo.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeBlocks } from '../docs/page-blocks.ts';
import { runGongElt } from '../support/run-node.ts';
import { programOf, versionOf } from './environment.ts';
import { run } from './run.ts';
import { noteVerified } from './verified.ts';

let folder: string;
let place: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gong-elt-notebooks-'));
  place = join(folder, 'demo');
  const { code, stderr } = await runGongElt(['demo'], { cwd: folder });
  expect(code, stderr).toBe(0);
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

test('pandas keeps the ids, from the file and from a CSV', async () => {
  await writeFile(join(place, 'snippet.py'), codeBlocks('tools.md', 'pandas', 'python')[0]);
  const { code, stdout, stderr } = await run(programOf('notebooks', 'python'), ['snippet.py'], { cwd: place });
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('A1B2C3D4');
  noteVerified('pandas', versionOf('notebooks', 'pandas'), 'the snippet of docs/tools.md: ids stay text');
});

test('marimo runs the notebook', async () => {
  await writeFile(join(place, 'notebook.py'), codeBlocks('tools.md', 'marimo', 'python')[0]);
  const { code, stderr } = await run(programOf('notebooks', 'python'), ['notebook.py'], { cwd: place });
  expect(code, stderr).toBe(0);
  const checked = await run(programOf('notebooks', 'marimo'), ['check', 'notebook.py'], { cwd: place });
  expect(checked.code, checked.stdout + checked.stderr).toBe(0);
  noteVerified('marimo', versionOf('notebooks', 'marimo'), 'the notebook of docs/tools.md');
});

test('DuckDB’s shell opens the file read-only', async () => {
  const [block] = codeBlocks('tools.md', 'DuckDB’s own shell and page', 'sh');
  const [line = ''] = block.split('\n');
  const command = line.replace(/^duckdb /, `"${programOf('notebooks', 'duckdb')}" `);
  const { code, stdout, stderr } = await run('sh', ['-c', command], { cwd: place });
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('MEDDICC');
  noteVerified('duckdb', versionOf('notebooks', 'duckdb-cli'), 'the shell’s line of docs/tools.md');
});
