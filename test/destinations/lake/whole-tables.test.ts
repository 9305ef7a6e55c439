// What changes a whole table of a lake is one entry of its log: what stands in it, which files it writes, and what becomes of it when
// others are at work or a step fails.
import { execFileSync } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConfiguredStream } from '../../../src/core/catalog.ts';
import type { Destination, Refresh, TableAction } from '../../../src/core/destination.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { createBatchMaker, instant, integer, streamOf, text } from '../../contracts/batches.ts';
import { createLake, type Lake } from './lake.ts';

const calls = streamOf('calls', { id: text, n: integer }, { mode: 'append' });
const started = streamOf(
  'calls',
  { id: text, started_at: instant, seen: { ...instant, airbyte_type: 'timestamp_without_timezone' } },
  { mode: 'append' },
);
const refresh: Refresh = { key: 'load x' };
const swap: TableAction = { kind: 'swap', configured: calls, refresh };

interface Sent {
  readonly rows?: readonly JsonObject[];
  readonly stream?: ConfiguredStream;
  readonly refresh?: Refresh | undefined;
  readonly actions?: readonly TableAction[];
}

let batches = 0;

function send(destination: Destination, { rows = [], stream = calls, refresh: given, actions = [] }: Sent) {
  const batch = createBatchMaker(destination).make(
    `b${++batches}`,
    rows.map((row) => ({ stream, row })),
  );
  return destination.commit({ ...batch, streams: batch.streams.map((each) => ({ ...each, refresh: given })), actions });
}

/** @param failsAt a crash point at which it fails */
async function load(lake: Lake, sent: Sent, connection = 'sync', failsAt?: string) {
  const crashPoint = (reached: string) => {
    if (reached === failsAt) throw new Error('a planned failure');
  };
  const destination = lake.open({ connection, crashPoint });
  return await send(destination, sent).finally(() => destination.close());
}

const ids = async (lake: Lake) => (await lake.read('SELECT id FROM calls ORDER BY id')).map(({ id }) => id);

/** A lake of which each of `old` came in a file of its own. */
async function lakeWith(old: readonly JsonObject[], stream = calls): Promise<Lake> {
  const lake = await createLake();
  for (const row of old) await load(lake, { rows: [row], stream });
  return lake;
}

/** The member of the configuration of the newest metadata. */
async function marked(lake: Lake, name: string) {
  const all = (await lake.entries('calls')).flat().flatMap(({ metaData }) => metaData ?? []);
  return all.at(-1)?.configuration?.[name];
}

/** As another program would change the metadata of the table. */
async function changeMetaData(lake: Lake, change: (metaData: JsonObject) => JsonObject): Promise<void> {
  const entries = await lake.entries('calls');
  const newest = entries
    .flat()
    .flatMap(({ metaData }) => metaData ?? [])
    .at(-1);
  const name = `${String(entries.length).padStart(20, '0')}.json`;
  const metaData = change(newest as unknown as JsonObject);
  await writeFile(join(lake.root, 'calls/_delta_log', name), `${JSON.stringify({ metaData })}\n`);
}

const addColumn = (name: string) => (metaData: JsonObject) => {
  const schema = JSON.parse(String(metaData['schemaString'])) as { fields: JsonObject[] };
  schema.fields.push({ name, type: 'string', nullable: true, metadata: {} });
  return { ...metaData, schemaString: JSON.stringify(schema) };
};

describe('a swap', () => {
  test('is one entry with the new schema, without the old files, with the new ones, and of our transaction', async () => {
    const lake = await lakeWith([{ id: 'old 1' }, { id: 'old 2' }]);
    const old = await lake.live('calls');
    const [, first] = [old, (await lake.entries('calls')).flat().find(({ metaData }) => metaData)?.metaData];
    await load(lake, { rows: [{ id: 'new', started_at: '2026-03-04T00:00:00Z' }], stream: started, refresh });
    expect([await ids(lake), await lake.tables()]).toEqual([
      ['old 1', 'old 2'],
      ['calls', 'calls beside'],
    ]);
    const [counts] = await load(lake, { actions: [{ ...swap, configured: started }] });
    expect(counts).toMatchObject({ stream: 'calls', removed: 2 });
    const entry = (await lake.entries('calls')).at(-1) ?? [];
    const of = <Kind extends keyof (typeof entry)[number]>(kind: Kind) => entry.flatMap((action) => action[kind] ?? []);
    expect(
      of('remove')
        .map(({ path, dataChange }) => [path, dataChange])
        .sort(),
    ).toEqual(old.map((path) => [path, true]));
    expect(of('add')).toMatchObject([
      { path: expect.stringMatching(/^month=2026-03\/[0-9a-f-]+\.parquet$/), dataChange: true },
    ]);
    expect(of('metaData')).toMatchObject([
      { id: first?.id, createdTime: first?.createdTime, partitionColumns: ['month'] },
    ]);
    expect(of('protocol')).toMatchObject([{ minReaderVersion: 3 }]);
    expect([of('txn'), of('commitInfo')]).toMatchObject([
      [{ appId: 'sync', version: 4 }],
      [{ gongEltBatch: expect.any(String) }],
    ]);
    expect(await lake.read('SELECT id, month(started_at)::INTEGER AS month FROM calls')).toEqual([
      { id: 'new', month: 3 },
    ]);
    expect(await lake.tables()).toEqual(['calls']);
    // Earlier versions can still be read.
    for (const path of old) expect((await stat(join(lake.root, 'calls', path))).isFile()).toBe(true);
  });

  test('takes what was compacted and checkpointed beside the table as well', async () => {
    const lake = await lakeWith([{ id: 'old' }]);
    const destination = lake.open();
    for (let n = 0; n < 12; n++) await send(destination, { rows: [{ id: `new ${n}`, n }], refresh });
    await send(destination, { actions: [swap] });
    await destination.close();
    expect(await lake.read('SELECT count(*)::INTEGER AS n, sum(n)::INTEGER AS sum FROM calls')).toEqual([
      { n: 12, sum: 66 },
    ]);
    const entry = (await lake.entries('calls')).find((actions) =>
      actions.some(({ metaData }) => metaData?.configuration?.['gong_elt.taken']),
    );
    expect(entry?.flatMap(({ add }) => add?.dataChange ?? [])).not.toContain(false);
  });

  test.each([
    ['with columns of their own', 0],
    ['in the columns that it had', 1],
  ])('lost to somebody who appends meanwhile, %s, removes their rows too, and counts them', async (_, before) => {
    const lake = await lakeWith([{ id: 'old' }]);
    const child = join(import.meta.dirname, '../swap-child.mjs');
    const append = () => execFileSync(process.execPath, [child, 'lake', lake.root, 'old', '-', '0']);
    for (let n = 0; n < before; n++) append();
    let isFirst = true;
    const destination = lake.open({
      crashPoint(point) {
        if (point !== 'lake:before-swap' || !isFirst) return;
        isFirst = false;
        append();
      },
    });
    await send(destination, { rows: [{ id: 'new' }], refresh });
    const [counts] = await send(destination, { actions: [swap] });
    expect([await ids(lake), counts?.removed]).toEqual([['new'], before + 2]);
  });

  test.each(['lake:before-swap', 'lake:before-entry', 'lake:after-entry', 'lake:after-swap', 'lake:before-state'])(
    'that fails at %s is finished by the same batch, sent again',
    async (point) => {
      const lake = await lakeWith([{ id: 'old' }]);
      let isArmed = false;
      const destination = lake.open({
        crashPoint(reached) {
          if (isArmed && reached === point) throw new Error('a planned failure');
        },
      });
      await send(destination, { rows: [{ id: 'new' }], refresh });
      const batch = { id: 'the swap', streams: [], states: {}, actions: [swap] };
      isArmed = true;
      await expect(destination.commit(batch)).rejects.toThrow();
      isArmed = false;
      await destination.commit(batch);
      expect([await ids(lake), await lake.tables()]).toEqual([['new'], ['calls']]);
      expect((await lake.open().readState())?.seq).toBe(3);
    },
  );

  test.each(['lake:after-entry', 'lake:after-swap'])(
    'that fails at %s is over for a later load: what is left beside the table joins nothing',
    async (point) => {
      const lake = await lakeWith([{ id: 'old' }]);
      const given: Refresh = { key: 'generation 4', generation: 4 };
      const stream = { ...calls, generationId: 4 };
      await load(lake, { rows: [{ id: 'new' }], stream, refresh: given });
      await expect(
        load(lake, { actions: [{ kind: 'swap', configured: stream, refresh: given }] }, 'sync', point),
      ).rejects.toThrow();
      expect(await lake.tables()).toEqual(['calls', 'calls beside']);
      await load(lake, { rows: [{ id: 'later' }], stream });
      expect([await ids(lake), await lake.tables()]).toEqual([['later', 'new'], ['calls']]);
    },
  );

  test('of rows that another process took away is refused, and so are more of them', async () => {
    const lake = await lakeWith([{ id: 'old' }]);
    const destination = lake.open();
    await send(destination, { rows: [{ id: 'half' }], refresh });
    await load(lake, { rows: [{ id: 'theirs' }], refresh: { key: 'load y' } }, 'other');
    await expect(send(destination, { actions: [swap] })).rejects.toMatchObject({ area: 'busy' });
    await expect(send(destination, { rows: [{ id: 'whole' }], refresh })).rejects.toMatchObject({ area: 'busy' });
    expect(await ids(lake)).toEqual(['old']);
  });
});

describe('a column that somebody else added', () => {
  test.each([
    ['at once', []],
    [
      'also when the stream got columns of its own since',
      [streamOf('calls', { id: text, n: integer, more: text }, { mode: 'append' })],
    ],
  ])('keeps the table from being replaced, and is named before anything is loaded: %s', async (_, later) => {
    const lake = await lakeWith([{ id: 'old' }]);
    await changeMetaData(lake, addColumn('note'));
    for (const stream of later) await load(lake, { rows: [{ id: 'older' }], stream });
    const before = await ids(lake);
    await expect(load(lake, { rows: [{ id: 'new' }], refresh })).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('column note'),
    });
    expect([await ids(lake), await lake.tables()]).toEqual([before, ['calls']]);
  });

  test('is ours once the stream has it', async () => {
    const lake = await lakeWith([{ id: 'old' }]);
    await changeMetaData(lake, addColumn('note'));
    const stream = streamOf('calls', { id: text, note: text }, { mode: 'append' });
    await load(lake, { rows: [{ id: 'b', note: 'x' }], stream });
    await load(lake, { rows: [{ id: 'new' }], stream, refresh });
    await load(lake, { actions: [{ ...swap, configured: stream }] });
    expect(await ids(lake)).toEqual(['new']);
  });

  test('between the rows and the swap keeps the old rows', async () => {
    const lake = await lakeWith([{ id: 'old' }]);
    await load(lake, { rows: [{ id: 'new' }], refresh });
    await changeMetaData(lake, addColumn('note'));
    await expect(load(lake, { actions: [swap] })).rejects.toMatchObject({ area: 'destination' });
    expect(await ids(lake)).toEqual(['old']);
  });
});

describe('the generation of a table', () => {
  const counted = (n: number) => ({ ...calls, generationId: n, minimumGenerationId: n });
  const generation = (n: number): Refresh => ({ key: `generation ${n}`, generation: n });

  test('is written with its rows, and with a swap', async () => {
    const lake = await createLake();
    await load(lake, { rows: [{ id: 'a' }], stream: counted(4), refresh: generation(4) });
    expect([await ids(lake), await marked(lake, 'gong_elt.generation')]).toEqual([['a'], '4']);
    await load(lake, { rows: [{ id: 'b' }], stream: counted(5), refresh: generation(5) });
    expect([await ids(lake), await marked(lake, 'gong_elt.generation')]).toEqual([['a'], '4']);
    await load(lake, { actions: [{ kind: 'swap', configured: counted(5), refresh: generation(5) }] });
    expect([await ids(lake), await marked(lake, 'gong_elt.generation')]).toEqual([['b'], '5']);
    await expect(load(lake, { rows: [{ id: 'c' }], stream: counted(4), refresh: generation(4) })).rejects.toMatchObject(
      {
        area: 'config',
        message: expect.stringContaining('generation 5'),
      },
    );
  });

  test('is asked of the rows when the metadata lost it', async () => {
    const lake = await createLake();
    const withColumn = (n: number) => ({
      ...counted(n),
      stream: {
        ...calls.stream,
        jsonSchema: { type: 'object', properties: { id: text, _airbyte_generation_id: integer } },
      },
    });
    await load(lake, { rows: [{ id: 'a', _airbyte_generation_id: 4 }], stream: withColumn(4), refresh: generation(4) });
    await changeMetaData(lake, (metaData) => {
      const { 'gong_elt.generation': _, ...configuration } = metaData['configuration'] as JsonObject;
      return { ...metaData, configuration };
    });
    await load(lake, { rows: [{ id: 'b', _airbyte_generation_id: 4 }], stream: withColumn(4), refresh: generation(4) });
    expect([await ids(lake), await lake.tables()]).toEqual([['a', 'b'], ['calls']]);
  });
});

test('rows of a refresh that was given up join the table once, although what they came from could not be removed', async () => {
  const lake = await lakeWith([{ id: 'old' }]);
  const given: Refresh = { key: 'generation 4', generation: 4 };
  await load(lake, { rows: [{ id: 'kept' }], refresh: given });
  await expect(load(lake, { rows: [{ id: 'later' }] }, 'sync', 'lake:after-entry')).rejects.toThrow();
  expect([await ids(lake), await lake.tables()]).toEqual([
    ['kept', 'old'],
    ['calls', 'calls beside'],
  ]);
  await load(lake, { rows: [{ id: 'later' }] });
  expect([await ids(lake), await lake.tables()]).toEqual([['kept', 'later', 'old'], ['calls']]);
});

describe('rows of older versions', () => {
  const versioned = { ...streamOf('deals', { id: text }), isVersioned: true };
  const retire = (version: string, isHard: boolean): TableAction => ({
    kind: 'retire',
    configured: versioned,
    version,
    isHard,
  });
  async function lakeOfVersions(): Promise<Lake> {
    const lake = await createLake();
    const destination = lake.open();
    // Files of their own: a month each.
    for (const [version, at] of [
      [1, '2026-01-01T00:00:00Z'],
      [2, '2026-02-01T00:00:00Z'],
      [1, '2026-03-01T00:00:00Z'],
      [2, '2026-03-02T00:00:00Z'],
    ] as const) {
      const stream = {
        ...versioned,
        stream: { ...versioned.stream, jsonSchema: { type: 'object', properties: { id: text, started_at: instant } } },
      };
      const row = { id: `${version} of ${at}`, started_at: at };
      const batch = createBatchMaker(destination).make(`b${++batches}`, [{ stream, row, meta: { version } }]);
      await destination.commit(batch);
    }
    await destination.close();
    return lake;
  }
  const rowsOf = (lake: Lake) => lake.read('SELECT id FROM deals ORDER BY id');

  test.each([true, false])(
    'go or are marked in the files that hold them, and in no other (hard: %s)',
    async (isHard) => {
      const lake = await lakeOfVersions();
      const before = await lake.live('deals');
      const [counts] = await load(lake, { actions: [retire('2', isHard)] });
      expect(counts?.removed).toBe(2);
      const after = await lake.live('deals');
      const kept = before.filter((path) => after.includes(path));
      expect(kept).toEqual([expect.stringContaining('month=2026-02')]);
      expect(after.map((path) => path.slice(0, 13))).toEqual([
        ...(isHard ? [] : ['month=2026-01']),
        'month=2026-02',
        'month=2026-03',
      ]);
      if (isHard)
        expect(await rowsOf(lake)).toEqual([{ id: '2 of 2026-02-01T00:00:00Z' }, { id: '2 of 2026-03-02T00:00:00Z' }]);
      else
        expect(
          await lake.read(
            `SELECT count(*)::INTEGER AS n, count(DISTINCT _sdc_deleted_at)::INTEGER AS times FROM deals WHERE (_sdc_deleted_at IS NOT NULL) = (_sdc_table_version = 1)`,
          ),
        ).toEqual([{ n: 4, times: 1 }]);
      // Once more: there is nothing left to do, and no entry says so.
      const entries = (await lake.entries('deals')).length;
      expect((await load(lake, { actions: [retire('2', isHard)] }))[0]?.removed).toBeUndefined();
      expect((await lake.entries('deals')).length).toBe(entries);
    },
  );

  test('go in the commit that brings rows, and the rows are not brought again when it is sent again', async () => {
    const lake = await createLake();
    const stream = { ...streamOf('deals', { id: text }, { mode: 'append' }), isVersioned: true };
    let failsAt = 'lake:before-state';
    const destination = lake.open({
      crashPoint(reached) {
        if (reached === failsAt) throw new Error('a planned failure');
      },
    });
    const batch = {
      ...createBatchMaker(destination).make('both', [
        { stream, row: { id: 'a' }, meta: { version: 1 } },
        { stream, row: { id: 'b' }, meta: { version: 2 } },
      ]),
      actions: [{ ...retire('2', true), configured: stream }],
    };
    await expect(destination.commit(batch)).rejects.toThrow();
    failsAt = '';
    await destination.commit(batch);
    expect(await rowsOf(lake)).toEqual([{ id: 'b' }]);
  });

  test('are all, in a table that knows no versions, and it gets the columns', async () => {
    const lake = await createLake();
    await load(lake, { rows: [{ id: 'a' }, { id: 'b' }], stream: { ...versioned, isVersioned: false } });
    expect((await load(lake, { actions: [retire('1', false)] }))[0]?.removed).toBe(2);
    expect(
      await lake.read(
        'SELECT id FROM deals WHERE _sdc_table_version IS NULL AND _sdc_deleted_at IS NOT NULL ORDER BY id',
      ),
    ).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect((await load(lake, { actions: [retire('1', true)] }))[0]?.removed).toBe(2);
    expect([await rowsOf(lake), await lake.live('deals')]).toEqual([[], []]);
  });
});
