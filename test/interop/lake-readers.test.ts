// Programs of others read the lake, and must see what the DuckDB file holds: after the table was made, changed, given columns,
// checkpointed, compacted, vacuumed, and after delta-rs itself changed it between two loads.
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ConfiguredStream } from '../../src/core/catalog.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Refresh, TableAction } from '../../src/core/destination.ts';
import type { JsonObject } from '../../src/core/json.ts';
import {
  createBatchMaker,
  day,
  flag,
  instant,
  integer,
  number,
  type StagedRow,
  streamOf,
  text,
} from '../contracts/batches.ts';
import { createWarehouse, type Warehouse } from '../destinations/duckdb/warehouse.ts';
import { createLake, type Lake } from '../destinations/lake/lake.ts';
import { programOf, versionOf } from './environment.ts';
import { run } from './run.ts';
import { askSpark, prepareSpark, runSpark } from './spark.ts';
import { noteVerified } from './verified.ts';

const properties = {
  id: text,
  updated: integer,
  title: text,
  started_at: instant,
  big: integer,
  x: number,
  ok: flag,
  on: day,
  price: { type: ['null', 'number'], 'x-decimal': { precision: 20, scale: 6 } },
  open: { type: 'object' },
  turns: {
    type: 'array',
    'x-columns': 'closed',
    items: {
      type: 'object',
      properties: { 'who "is"': text, n: integer, tags: { type: 'array', items: text }, at: instant },
    },
  },
  month: text,
  'a b': text,
  'x;y{}=.,%': text,
  Ünit: text,
  ünit: text,
};
const calls = streamOf('calls', properties);

function call(n: number, updated: number, more: JsonObject = {}): JsonObject {
  return {
    id: String(n),
    updated,
    title: `Grüße, «${n}» 😀`,
    started_at: n % 7 === 0 ? null : `2026-0${1 + (n % 3)}-15T10:00:0${n % 10}.123456+02:00`,
    big: n % 2 === 0 ? '12345678901234567890123456789012' : n,
    x: n / 3,
    ok: n % 2 === 0,
    on: `2026-03-${String(1 + (n % 28)).padStart(2, '0')}`,
    price: `${n}.000001`,
    open: n % 5 === 0 ? null : { n, 'k"': [null, 'x'] },
    turns: n % 4 === 0 ? null : [{ 'who "is"': 'a', n, tags: ['t', null], at: '2026-01-01T00:00:00Z' }, null],
    month: `own ${n}`,
    'a b': 'spaced',
    'x;y{}=.,%': 'odd',
    Ünit: 'upper',
    ünit: 'lower',
    ...more,
  };
}

/** What the lake and the file are called by readers of Delta tables, and the file's value in the words of read_lake.py. */
const columns: readonly (readonly [field: string, sql: string])[] = [
  ['id', 'id'],
  ['updated', 'updated::VARCHAR'],
  ['title', 'title'],
  ['started_at', `strftime(started_at, '%Y-%m-%dT%H:%M:%S.%fZ')`],
  ['big', 'big::VARCHAR'],
  ['x', 'x'],
  ['ok', 'ok'],
  ['on', '"on"::VARCHAR'],
  ['price', 'price::VARCHAR'],
  ['open', 'open::VARCHAR'],
  [
    'turns',
    `list_transform(turns, lambda t: CASE WHEN t IS NOT NULL THEN {'who__is_': t."who ""is""", 'n': t.n::VARCHAR, 'tags': t.tags, 'at': strftime(t."at", '%Y-%m-%dT%H:%M:%S.%fZ')} END)`,
  ],
  ['month', 'month'],
  ['a_b', '"a b"'],
  ['x_y______', '"x;y{}=.,%"'],
  ['Ünit', '"Ünit"'],
  ['ünit_2', '"ünit"'],
];
const added: readonly (readonly [string, string])[] = [
  ['language', 'language'],
  ['seen', `strftime(seen, '%Y-%m-%dT%H:%M:%S.%f')`],
];

interface Pair {
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  commit(stream: ConfiguredStream, rows: readonly JsonObject[], refresh?: Refresh): Promise<void>;
  act(action: TableAction): Promise<void>;
}

async function createPair(): Promise<Pair> {
  const lake = await createLake();
  const warehouse = await createWarehouse();
  let batches = 0;
  async function send(rows: readonly StagedRow[], refresh?: Refresh, actions: readonly TableAction[] = []) {
    // The time stands in rows that are marked as deleted.
    const at = Date.now();
    const clock = { ...systemClock, now: () => at };
    for (const destination of [lake.open({ clock }), warehouse.open({ clock })]) {
      const batch = createBatchMaker(destination).make(`b${batches}`, rows, { calls: { batches } });
      await destination.commit({ ...batch, streams: batch.streams.map((each) => ({ ...each, refresh })), actions });
      await destination.close();
    }
    batches += 1;
  }
  return {
    lake,
    warehouse,
    commit: (stream, rows, refresh) =>
      send(
        rows.map((row): StagedRow => ({ stream, row, meta: { version: row['updated'] ?? null } })),
        refresh,
      ),
    act: (action) => send([], undefined, [action]),
  };
}

const programs = [
  ['delta-rs', 'deltalake'],
  ['polars', 'polars'],
  ['duckdb', 'duckdb_extension_delta'],
] as const;

interface Read {
  readonly types: JsonObject;
  readonly rows: JsonObject[];
}

async function readBy(reader: string, lake: Lake, ...version: string[]): Promise<Read> {
  const table = join(lake.root, 'calls');
  if (reader === 'spark') {
    const { code, stdout, stderr } = await runSpark('read_lake.py', [reader, table]);
    expect(code, stderr.slice(-3000)).toBe(0);
    return JSON.parse(stdout) as Read;
  }
  const python = programOf('lake-readers', 'python');
  const { code, stdout, stderr } = await run(python, [
    join(import.meta.dirname, 'read_lake.py'),
    reader,
    table,
    ...version,
  ]);
  expect([code, stderr.includes('Traceback')], stderr).toEqual([0, false]);
  return JSON.parse(stdout) as Read;
}

async function changeBy(lake: Lake, what: string): Promise<void> {
  const python = programOf('lake-readers', 'python');
  const { code, stderr } = await run(python, [
    join(import.meta.dirname, 'change_lake.py'),
    join(lake.root, 'calls'),
    what,
  ]);
  expect(code, stderr).toBe(0);
}

async function expectSame(
  { lake, warehouse }: Pair,
  wanted: typeof columns,
  readers: readonly string[],
): Promise<void> {
  const members = wanted.map(([field, sql]) => `'${field.replaceAll("'", "''")}': ${sql}`);
  const rows = await warehouse.read(`SELECT to_json({${members.join(', ')}})::VARCHAR AS row FROM calls ORDER BY id`);
  const held = rows.map(({ row }) => JSON.parse(String(row)) as JsonObject);
  for (const reader of readers) {
    const read = await readBy(reader, lake);
    const byId = [...read.rows].sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
    expect(
      byId.map((row) => pick(row, wanted)),
      reader,
    ).toEqual(held);
  }
  // And ours, by the names of the stream.
  expect(await lake.read('SELECT * FROM calls ORDER BY id')).toEqual(
    await warehouse.read('SELECT * FROM calls ORDER BY id'),
  );
  const typesOf = 'SELECT column_name, column_type FROM (DESCRIBE calls)';
  expect(await lake.read(typesOf)).toEqual(await warehouse.read(typesOf));
}

function pick(row: JsonObject, wanted: typeof columns): JsonObject {
  return Object.fromEntries(wanted.map(([field]) => [field, row[field] ?? null]));
}

/** So that everything in the lake looks as old as that. */
async function age(lake: Lake, ms: number): Promise<void> {
  const then = new Date(Date.now() - ms);
  for (const name of await readdir(lake.root, { recursive: true })) await utimes(join(lake.root, name), then, then);
}

const dayMs = 24 * 3_600_000;

describe('readers of Delta tables', () => {
  beforeAll(prepareSpark, 300_000);

  const readers = programs.map(([reader]) => reader);

  test('see the rows, keys, types and nested values of the DuckDB file', { timeout: 300_000 }, async () => {
    const pair = await createPair();
    const { lake, commit } = pair;
    await commit(
      calls,
      Array.from({ length: 40 }, (_, n) => call(n, 1)),
    );
    await expectSame(pair, columns, readers);
    await commit(
      calls,
      Array.from({ length: 20 }, (_, n) => call(n + 30, 2, { title: 'second' })),
    );
    await expectSame(pair, columns, readers);
    const wider = streamOf('calls', {
      ...properties,
      language: text,
      seen: { ...instant, airbyte_type: 'timestamp_without_timezone' },
    });
    await commit(wider, [
      call(3, 3, { language: 'deu', seen: '2026-05-05T05:05:05.5' }),
      call(100, 1, { language: 'eng' }),
    ]);
    const all = [...columns, ...added];
    await expectSame(pair, all, readers);
    for (let n = 0; n < 10; n++) await commit(wider, [call(200 + n, 1, { language: 'fra' }), call(n, 10 + n)]);
    const log = await readdir(join(lake.root, 'calls/_delta_log'));
    expect(log.filter((name) => name.endsWith('.checkpoint.parquet'))).toHaveLength(1);
    await expectSame(pair, all, readers);
    await age(lake, 40 * dayMs);
    const late = lake.open({
      clock: { now: () => Date.now() + 40 * dayMs, monotonic: () => 0, sleep: async () => {} },
    });
    await late.preflight();
    await late.close();
    expect(await readdir(join(lake.root, 'calls/_delta_log'))).not.toContain('00000000000000000000.json');
    await expectSame(pair, all, [...readers, 'spark']);
    const { types } = await readBy('delta-rs', lake);
    expect(types).toMatchObject({
      id: 'string',
      updated: 'long',
      started_at: 'timestamp',
      big: 'decimal(38,0)',
      x: 'double',
      ok: 'boolean',
      on: 'date',
      price: 'decimal(20,6)',
      open: 'string',
      turns: { type: 'array' },
      seen: 'timestamp_ntz',
      month_2: 'string',
    });
    noteVerified('spark', versionOf('spark', 'pyspark'), 'the lake after create, upsert, columns, checkpoint, vacuum');
    for (const [reader, distribution] of programs)
      noteVerified(
        reader,
        versionOf('lake-readers', distribution),
        'the lake after create, upsert, columns, checkpoint, vacuum',
      );
  });

  test('see the new rows and columns after a swap, and the old ones in the versions before it', {
    timeout: 300_000,
  }, async () => {
    const pair = await createPair();
    const { lake, commit, act } = pair;
    const refresh = { key: 'load x' };
    const one = streamOf('calls', { id: text, updated: integer, title: integer, x: number });
    const plain = (n: number) => ({ id: String(n), updated: n, title: n, x: n / 3 });
    await commit(one, [plain(1), plain(2)]);
    // A column of another type, others that are new, and one that is gone; split by month, and with times without a zone.
    const { x: _, ...rest } = properties;
    const two = streamOf('calls', { ...rest, seen: { ...instant, airbyte_type: 'timestamp_without_timezone' } });
    const ofTwo = [...columns.filter(([field]) => field !== 'x'), ...added.slice(1)];
    for (const n of [2, 3, 4]) await commit(two, [call(n, 1, { seen: '2026-05-05T05:05:05.5' })], refresh);
    const old = await readBy('delta-rs', lake);
    expect(old.rows.map(({ id }) => id).sort()).toEqual(['1', '2']);
    await act({ kind: 'swap', configured: two, refresh });
    await expectSame(pair, ofTwo, readers);
    const { types } = await readBy('delta-rs', lake);
    expect(Object.keys(types)).not.toContain('x');
    expect(types).toMatchObject({ title: 'string', seen: 'timestamp_ntz' });
    expect(await readBy('delta-rs', lake, '0')).toEqual(old);
    // The table goes on as any other, and rows of older versions go by files.
    const versioned = { ...two, isVersioned: true };
    await commit(versioned, [call(5, 7), call(6, 8)]);
    await act({ kind: 'retire', configured: versioned, version: '8', isHard: false });
    await expectSame(pair, ofTwo.slice(0, 4), readers);
    await act({ kind: 'retire', configured: versioned, version: '8', isHard: true });
    await expectSame(pair, ofTwo.slice(0, 4), readers);
    expect((await readBy('delta-rs', lake)).rows.map(({ id }) => id)).toEqual(['6']);
    await changeBy(lake, 'compact');
    await changeBy(lake, 'vacuum');
    await commit(versioned, [call(7, 9)]);
    await expectSame(pair, ofTwo.slice(0, 4), readers);
    for (const [reader, distribution] of programs)
      noteVerified(
        reader,
        versionOf('lake-readers', distribution),
        'the lake after a swap and after rows were deleted',
      );
  });

  test('may change a table between two loads: nothing is lost, and the next load goes on', {
    timeout: 300_000,
  }, async () => {
    const pair = await createPair();
    const { lake, warehouse, commit } = pair;
    const plain = streamOf('calls', { id: text, updated: integer, title: text, started_at: instant });
    const row = (n: number, updated: number) => ({
      id: String(n),
      updated,
      title: `t${updated}`,
      started_at: `2026-0${1 + (n % 3)}-01T00:00:00Z`,
    });
    const wanted = columns.slice(0, 4);
    for (let n = 0; n < 6; n++) await commit(plain, [row(n, 1), row(n + 10, 1)]);
    await changeBy(lake, 'merge');
    await warehouse.change(`UPDATE calls SET title = 'changed by delta-rs' WHERE id = '1'`);
    await expectSame(pair, wanted, readers);
    await commit(plain, [row(2, 2), row(30, 1)]);
    await changeBy(lake, 'compact');
    await commit(plain, [row(3, 2), row(31, 1)]);
    await changeBy(lake, 'checkpoint');
    await changeBy(lake, 'vacuum');
    await commit(plain, [row(5, 2), row(32, 1)]);
    const table = `delta.\`${join(lake.root, 'calls')}\``;
    await askSpark(`OPTIMIZE ${table}`, `DELETE FROM ${table} WHERE id = '10'`);
    await warehouse.change(`DELETE FROM calls WHERE id = '10'`);
    await commit(plain, [row(1, 2), row(4, 2)]);
    await expectSame(pair, wanted, readers);
    expect(await lake.open().readState()).toMatchObject({ seq: 10 });
    noteVerified('spark', versionOf('spark', 'pyspark'), 'OPTIMIZE and DELETE between two loads');
    noteVerified(
      'delta-rs',
      versionOf('lake-readers', 'deltalake'),
      'merge, compact, checkpoint and vacuum between two loads',
    );
  });
});
