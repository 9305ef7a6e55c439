// The rules that the images keep: those of Airbyte's platform, and our own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { environmentOf, imageNames, instructionsOf, lastOf, readDockerfile, root } from './dockerfile.ts';

const stages = readDockerfile();
const connectors = [
  ['source', 'source-gong-semarize'],
  ['destination', 'destination-duckdb'],
] as const;

test.each(connectors)(
  '%s starts by its entry point, which the platform finds in a variable, by absolute paths',
  (name, bin) => {
    const instructions = instructionsOf(stages, name);
    const words = JSON.parse(lastOf(instructions, 'ENTRYPOINT')) as string[];
    expect(environmentOf(instructions)['AIRBYTE_ENTRYPOINT']).toBe(words.join(' '));
    expect(words).toEqual(['node', `/airbyte/gong-elt/dist/bin/${bin}.js`]);
  },
);

test.each(connectors)('%s is run by a user of its own', (name) => {
  expect(lastOf(instructionsOf(stages, name), 'USER')).toBe('airbyte');
});

test('cli starts gong-elt in a volume, as a user whom Kubernetes knows not to be root', () => {
  const instructions = instructionsOf(stages, 'cli');
  expect(JSON.parse(lastOf(instructions, 'ENTRYPOINT'))).toEqual(['gong-elt']);
  expect([lastOf(instructions, 'WORKDIR'), lastOf(instructions, 'VOLUME')]).toEqual(['/data', '/data']);
  expect(lastOf(instructions, 'USER')).toBe('1000:1000');
  // What a step does to a volume after it was declared is lost.
  const names = instructions.map((instruction) => instruction.name);
  expect(names.lastIndexOf('RUN')).toBeLessThan(names.indexOf('VOLUME'));
});

test.each(imageNames)(
  '%s is made by root but not run by it, holds no build tools, and is asked for no health',
  (name) => {
    const instructions = instructionsOf(stages, name);
    let user = 'root';
    for (const { name: word, value } of instructions) {
      if (word === 'USER') user = value;
      if (word === 'RUN') expect(user, value).toBe('root');
    }
    expect(user).not.toMatch(/^(root|0)\b/);
    const copied = instructions.filter(({ name: word }) => word === 'COPY').map(({ value }) => value);
    expect(copied.length).toBeGreaterThan(3);
    for (const value of copied) expect(value).toMatch(/^--from=build /);
    // Nobody listens in it.
    expect(lastOf(instructions, 'HEALTHCHECK')).toBe('');
  },
);

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
