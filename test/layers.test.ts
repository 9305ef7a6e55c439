// The walls between the rooms of src/: who may import whom, and which packages. A new import that crosses a wall fails here.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

const src = resolve(import.meta.dirname, '..', 'src');

/** By room: rooms of ours it may import (`room/path` names one file or folder of a room), and packages. */
const walls: Record<string, { ours: string[]; packages: string[] }> = {
  core: { ours: [], packages: ['zod'] },
  jsonl: { ours: ['core'], packages: [] },
  store: { ours: ['core'], packages: [] },
  'store/bucket': { ours: ['core', 'http'], packages: ['aws4fetch', 'zod'] },
  'protocol/airbyte': { ours: ['core', 'jsonl', 'protocol'], packages: [] },
  'protocol/singer': { ours: ['core', 'jsonl', 'protocol'], packages: [] },
  protocol: { ours: ['core', 'jsonl'], packages: [] },
  http: { ours: ['core'], packages: ['undici', 'zod'] },
  gong: { ours: ['http', 'core'], packages: ['zod'] },
  semarize: { ours: ['http', 'core'], packages: ['zod'] },
  ledger: { ours: ['core', 'store'], packages: ['zod'] },
  source: { ours: ['gong', 'semarize', 'ledger', 'core'], packages: ['zod'] },
  duckdb: { ours: ['core'], packages: ['@duckdb/node-api'] },
  load: { ours: ['core', 'jsonl'], packages: [] },
  tables: { ours: ['core', 'duckdb', 'jsonl'], packages: [] },
  'destinations/duckdb': { ours: ['core', 'tables', 'duckdb', 'store'], packages: ['zod'] },
  'destinations/lake': { ours: ['core', 'tables', 'duckdb', 'store'], packages: ['zod'] },
  import: { ours: ['core', 'duckdb'], packages: [] },
  analytics: { ours: ['duckdb', 'core'], packages: ['zod'] },
  'analytics/statistics': { ours: ['analytics', 'duckdb', 'core'], packages: [] },
  // The packages are optional: loaded on demand.
  'analytics/report': { ours: ['analytics', 'duckdb', 'core'], packages: ['@observablehq/plot', 'linkedom'] },
  formats: { ours: ['core', 'duckdb', 'process/terminal-text'], packages: ['apache-arrow'] },
  pipeline: {
    ours: [
      'core',
      'jsonl',
      'store',
      'store/bucket',
      'protocol',
      'http',
      'gong',
      'semarize',
      'ledger',
      'source',
      'duckdb',
      'load',
      'tables',
      'destinations/duckdb',
      'destinations/lake',
      'analytics',
      'analytics/report',
      'analytics/statistics',
      'import',
      'formats',
    ],
    packages: [],
  },
  settings: { ours: ['core', 'source/config'], packages: ['yaml', 'zod'] },
  process: { ours: ['core', 'source/config'], packages: [] },
  'hosts/airbyte': {
    ours: ['pipeline', 'settings', 'process', 'protocol', 'protocol/airbyte', 'jsonl', 'core'],
    packages: ['zod'],
  },
  'hosts/singer': {
    ours: ['pipeline', 'settings', 'process', 'protocol', 'protocol/singer', 'jsonl', 'core'],
    packages: ['zod'],
  },
  sandbox: { ours: ['core'], packages: [] },
  cli: {
    ours: [
      'core',
      'jsonl',
      'protocol',
      'protocol/airbyte',
      'protocol/singer',
      'ledger',
      'source',
      'duckdb',
      'destinations/lake',
      'analytics',
      'analytics/statistics',
      'analytics/report',
      'formats',
      'pipeline',
      'settings',
      'process',
      'sandbox',
    ],
    packages: ['yargs', 'yaml', 'zod'],
  },
  bin: { ours: ['cli', 'hosts/airbyte', 'hosts/singer', 'process'], packages: [] },
};

interface Import {
  file: string;
  target: string;
}

/** Rooms that are folders of rooms: what lies in one of them knows nothing of the other. */
const nested = new Set(['analytics', 'destinations', 'hosts', 'protocol', 'store']);

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

function roomOf(path: string): string {
  const [first = '', second = ''] = path.split(sep);
  return nested.has(first) && !second.endsWith('.ts') ? `${first}/${second}` : first;
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
        return !wall?.ours.some((ours) => roomOf(path) === ours || path === `${ours}.ts`);
      });
    expect(wrong).toEqual([]);
  });

  test.each([
    [
      'hosts',
      {
        // A full refresh that was interrupted goes on; Singer has none.
        airbyte: ['full-refresh.ts'],
        // What it says of itself, and settings and metrics with names that Singer's hosts know.
        singer: ['about.ts', 'destination-settings.ts', 'meltano-definition.ts', 'record-counter.ts'],
      },
    ],
    // Schemas come in messages, records in files, and records belong to versions of a table.
    ['protocol', { airbyte: [], singer: ['batch.ts', 'schema.ts', 'versions.ts'] }],
  ])('the rooms of %s have files of the same names, but for what only one of them needs', (room, own) => {
    const shared = Object.entries(own).map(([name, files]) => {
      const found = readdirSync(join(src, room, name));
      expect(found).toEqual(expect.arrayContaining(files));
      return found.filter((file) => !files.includes(file)).sort();
    });
    expect(shared[0]).toEqual(shared[1]);
  });

  test('no file imports itself by way of others, types included', () => {
    const next = new Map(files.map((file) => [file, [] as string[]]));
    for (const { file, target } of imports)
      if (target.startsWith('.')) next.get(file)?.push(relative(src, resolve(src, file, '..', target)));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]) => {
      if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
      if (done.has(file)) return;
      done.add(file);
      for (const target of next.get(file) ?? []) visit(target, [...way, file]);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  test('no room but the sandbox holds more than 15 % of src, and cli at most 2,600 lines', () => {
    const lines = new Map<string, number>();
    for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(ts|sql)$/.test(file),
    )) {
      const room = roomOf(name);
      lines.set(room, (lines.get(room) ?? 0) + readFileSync(join(src, name), 'utf8').split('\n').length - 1);
    }
    const total = [...lines.values()].reduce((sum, count) => sum + count, 0);
    const large = [...lines].filter(([room, count]) => room !== 'sandbox' && count > 0.15 * total);
    expect(large).toEqual([]);
    expect(lines.get('cli')).toBeLessThanOrEqual(2600);
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

  test('process and console are used in the room process only', () => {
    const wrong = outside(['process']).filter(({ text }) =>
      /(?<![\w.'"`])(process|console)\.[a-z]/.test(withoutComments(text)),
    );
    expect(wrong.map(({ file }) => file)).toEqual([]);
  });

  test('secrets are learned in one place: whatever settings come from, they pass settings/secrets.ts', () => {
    const learners = sources.filter(({ text }) => /\blearn\(/.test(withoutComments(text)));
    expect(learners.map(({ file }) => file).sort()).toEqual([
      join('process', 'redaction.ts'),
      join('settings', 'secrets.ts'),
    ]);
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
