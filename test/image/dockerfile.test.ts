// The rules that the images keep: those of Airbyte's platform, and our own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environmentOf, instructionsOf, readDockerfile, root } from './dockerfile.ts';

const stages = readDockerfile();
const images = [
  ['source', 'source-gong-semarize'],
  ['destination', 'destination-duckdb'],
] as const;

test.each(images)(
  '%s starts by its entry point, which the platform finds in a variable, by absolute paths',
  (name, bin) => {
    const instructions = instructionsOf(stages, name);
    const entry = instructions.findLast((instruction) => instruction.name === 'ENTRYPOINT')?.value ?? '';
    const words = JSON.parse(entry) as string[];
    expect(environmentOf(instructions)['AIRBYTE_ENTRYPOINT']).toBe(words.join(' '));
    expect(words).toEqual(['node', `/airbyte/gong-elt/dist/bin/${bin}.js`]);
  },
);

test.each(images)('%s is not run by root, and holds no build tools', (name) => {
  const instructions = instructionsOf(stages, name);
  expect(instructions.findLast((instruction) => instruction.name === 'USER')?.value).toBe('airbyte');
  const copied = instructions.filter(({ name: word }) => word === 'COPY').map(({ value }) => value);
  expect(copied.length).toBeGreaterThan(3);
  for (const value of copied) expect(value).toMatch(/^--from=build /);
});

test('everything starts from one line of Node with long support, and has a shell, which the platform starts everything with', () => {
  const bases = stages.map(({ base }) => base).filter((base) => !stages.some(({ name }) => name === base));
  expect(bases.length).toBeGreaterThan(1);
  // What is built for one Node is run by the same.
  expect(new Set(bases).size).toBe(1);
  const [, line] = /^node:(\d+)-bookworm-slim$/.exec(bases[0] ?? '') ?? [];
  // Even numbers get long support.
  expect(Number(line) % 2, bases[0]).toBe(0);
});

test('nothing is fetched by ADD, and nothing secret is named', () => {
  const all = stages.flatMap(({ instructions }) => instructions);
  expect(all.filter(({ name }) => name === 'ADD')).toEqual([]);
  for (const { value } of all) expect(value).not.toMatch(/(secret|token|password|access_key|api_key)/i);
});

test('what is copied in is there, and is let in by .dockerignore', () => {
  const allowed = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  expect(allowed[0]).toBe('*');
  const copied = stages
    .flatMap(({ instructions }) => instructions)
    .filter(({ name, value }) => name === 'COPY' && !value.startsWith('--from'))
    .flatMap(({ value }) => value.split(/\s+/).slice(0, -1));
  expect(copied.length).toBeGreaterThan(5);
  for (const path of copied) {
    const plain = path.replace(/^\.\//, '');
    expect(existsSync(join(root, plain)), plain).toBe(true);
    expect(allowed).toContain(`!${plain}`);
  }
});
