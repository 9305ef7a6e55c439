// The walls between the rooms of src/: who may import whom, and which packages. A new import that crosses a wall fails here.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

const src = resolve(import.meta.dirname, '..', 'src');

/** By room: rooms of ours it may import, and packages. */
const walls: Record<string, { ours: string[]; packages: string[] }> = {
  core: { ours: [], packages: ['zod'] },
  protocol: { ours: ['core'], packages: [] },
  http: { ours: ['core'], packages: ['undici', 'zod'] },
  gong: { ours: ['http', 'core'], packages: ['zod'] },
  semarize: { ours: ['http', 'core'], packages: ['zod'] },
  ledger: { ours: ['core'], packages: ['zod'] },
  source: { ours: ['gong', 'semarize', 'ledger', 'core'], packages: ['zod'] },
  duckdb: { ours: ['core'], packages: ['@duckdb/node-api'] },
  load: { ours: ['core', 'duckdb', 'protocol/lines', 'protocol/full-parse'], packages: [] },
  'destinations/duckdb': { ours: ['core', 'load', 'duckdb'], packages: ['zod'] },
  'destinations/parquet': { ours: ['core', 'load', 'duckdb'], packages: ['zod'] },
  analytics: { ours: ['duckdb', 'core'], packages: ['zod'] },
  sandbox: { ours: ['core'], packages: [] },
  cli: {
    ours: [
      'core',
      'protocol',
      'http',
      'gong',
      'semarize',
      'ledger',
      'source',
      'duckdb',
      'load',
      'destinations/duckdb',
      'destinations/parquet',
      'analytics',
      'sandbox',
    ],
    packages: ['yargs', 'yaml', 'zod'],
  },
  bin: { ours: ['cli'], packages: [] },
};

interface Import {
  file: string;
  target: string;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

function roomOf(path: string): string {
  const [first = '', second = ''] = path.split(sep);
  return first === 'destinations' ? `${first}/${second}` : first;
}

/** Static and dynamic imports, types included. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const forms = /^(?:import|export)\b[^;'"`]*\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...text.matchAll(forms)].map((match) => ({ file, target: match[1] ?? match[2] ?? match[3] ?? '' }));
}

const imports = files.flatMap(importsOf);

describe('rooms', () => {
  test('every room of src has walls here, and every wall has a room', () => {
    const rooms = new Set(files.map(roomOf));
    expect([...rooms].sort()).toEqual(Object.keys(walls).sort());
  });

  test.each(Object.keys(walls))('%s imports only what it may', (room) => {
    const wall = walls[room];
    const wrong = imports
      .filter(({ file }) => roomOf(file) === room)
      .filter(({ file, target }) => {
        if (target.startsWith('node:')) return false;
        if (!target.startsWith('.'))
          return !wall?.packages.some((name) => target === name || target.startsWith(`${name}/`));
        const path = relative(src, resolve(src, file, '..', target));
        if (roomOf(path) === room) return false;
        return !wall?.ours.some((ours) => roomOf(path) === ours || path.startsWith(`${ours}.`));
      });
    expect(wrong).toEqual([]);
  });

  test('vendors never meet, and nothing imports cli but bin', () => {
    const crossings = imports
      .filter(({ target }) => target.startsWith('.'))
      .map(({ file, target }) => [roomOf(file), roomOf(relative(src, resolve(src, file, '..', target)))])
      .filter(
        ([from, to]) =>
          (to === 'cli' && from !== 'cli' && from !== 'bin') ||
          (from === 'gong' && to === 'semarize') ||
          (from === 'semarize' && to === 'gong'),
      );
    expect(crossings).toEqual([]);
  });
});

describe('habits', () => {
  const sources = files.map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }));
  const outside = (rooms: string[]) => sources.filter(({ file }) => !rooms.includes(roomOf(file)));

  test('process and console are used in cli and bin only', () => {
    const wrong = outside(['cli', 'bin']).filter(({ text }) =>
      /(?<![\w.'"`])(process|console)\.[a-z]/.test(withoutComments(text)),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  test('nothing calls process.exit: output that is still on its way would be lost', () => {
    expect(sources.filter(({ text }) => /process\.exit\(/.test(text)).map(({ file }) => file)).toEqual([]);
  });

  test('DuckDB is opened in one place, through its cache', () => {
    const openers = sources.filter(({ text }) => /DuckDBInstance\.(create|fromCache)\(/.test(text));
    expect(openers.map(({ file }) => file)).toEqual([join('duckdb', 'connection.ts')]);
    expect(openers.filter(({ text }) => /DuckDBInstance\.create\(/.test(text))).toEqual([]);
  });

  test('no SQL of ours uses what DuckDB cannot replay or what hides bad lines', () => {
    const banned = /ignore_errors|SET DEFAULT|ADD COLUMN [^`'"]*DEFAULT/i;
    expect(sources.filter(({ text }) => banned.test(withoutComments(text))).map(({ file }) => file)).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/ \/\/ .*$/gm, '');
}
