// What a commit to a lake says in its logs, where its state is, and what becomes of a commit that broke off between the two.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createBatchMaker, streamOf, text } from '../../contracts/batches.ts';
import { call, commit, event, failAt, idsIn, user } from './calls.ts';
import { createLake, type Lake } from './lake.ts';

const stateFolder = '_gong_elt/state/sync';
const january = '2026-01-01T00:00:00Z';

describe('an entry', () => {
  test('makes the table, names its files with size and statistics, and the connection with the number of its state', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', '2026-01-01T00:00:00.1234Z'), call('2', '2026-01-03T00:00:00.0001Z', 9)]);
    const [actions = []] = await lake.entries('calls');
    const [file = ''] = await lake.files();
    const { size } = await stat(join(lake.root, file));
    const adds = actions.flatMap(({ add }) => add ?? []);
    expect(adds).toMatchObject([
      { path: file.replace('calls/', ''), size, partitionValues: { month: '2026-01' }, dataChange: true },
    ]);
    expect(JSON.parse(String(adds[0]?.stats))).toEqual({
      numRecords: 2,
      minValues: { id: '1', updated: 1, started_at: '2026-01-01T00:00:00.123Z' },
      maxValues: { id: '2', updated: 9, started_at: '2026-01-03T00:00:00.001Z' },
      nullCount: { id: 0, updated: 0, started_at: 0 },
    });
    expect(actions).toEqual(
      expect.arrayContaining([
        { txn: { appId: 'sync', version: 1, lastUpdated: expect.any(Number) } },
        { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
        expect.objectContaining({ commitInfo: expect.objectContaining({ gongEltBatch: expect.any(String) }) }),
      ]),
    );
    const metaData = actions.find((action) => action.metaData)?.metaData;
    expect(metaData).toMatchObject({ name: 'calls', partitionColumns: ['month'], format: { provider: 'parquet' } });
    expect(
      JSON.parse(metaData?.schemaString ?? '').fields.map(({ name, type }: Record<string, string>) => [name, type]),
    ).toEqual([
      ['id', 'string'],
      ['updated', 'long'],
      ['started_at', 'timestamp'],
      ['month', 'string'],
    ]);
  });

  test('that adds a column writes no file anew but the one that rows join', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', january), call('2', null)]);
    const wider = streamOf('calls', {
      ...(call('1', null).stream.stream.jsonSchema['properties'] as object),
      language: text,
    });
    await commit(lake, 'b2', [{ stream: wider, row: { id: '3', updated: 1, language: 'deu' } }], 2);
    const last = (await lake.entries('calls')).at(-1) ?? [];
    expect(last.flatMap(({ remove }) => remove?.path.split('/')[0] ?? [])).toEqual(['month=unknown']);
    expect(await lake.read('SELECT id, language FROM calls ORDER BY id')).toEqual([
      { id: '1', language: null },
      { id: '2', language: null },
      { id: '3', language: 'deu' },
    ]);
  });
});

describe('the state', () => {
  test('is a file of its own, and the newest three stay', async () => {
    const lake = await createLake();
    for (let n = 1; n <= 5; n++) await commit(lake, `b${n}`, [], n);
    expect((await readdir(join(lake.root, stateFolder))).sort()).toEqual([
      '0000000003.json',
      '0000000004.json',
      '0000000005.json',
    ]);
    expect(JSON.parse(await readFile(join(lake.root, stateFolder, '0000000005.json'), 'utf8'))).toEqual({
      format: 1,
      connection: 'sync',
      seq: 5,
      batchId: expect.stringMatching(/^[0-9a-f]{32}$/),
      streams: { calls: { n: 5 } },
    });
  });

  test('and columns are given back under every name, __proto__ and constructor too', async () => {
    const lake = await createLake();
    const properties = Object.fromEntries(['id', '__proto__', 'constructor'].map((name) => [name, text]));
    const stream = streamOf('__proto__', properties);
    const row = JSON.parse('{"id":"1","__proto__":"kept","constructor":"kept too"}');
    const destination = lake.open({ connection: 'constructor' });
    const states = JSON.parse('{"__proto__":{"at":1},"toString":{"at":2}}');
    await destination.commit(createBatchMaker(destination).make('b1', [{ stream, row }], states));
    const saved = await lake.open({ connection: 'constructor' }).readState();
    expect(JSON.stringify(saved)).toBe('{"seq":1,"streams":{"__proto__":{"at":1},"toString":{"at":2}}}');
    expect(JSON.stringify(await lake.read('SELECT COLUMNS(*)::VARCHAR FROM "__proto__"'))).toContain('kept too');
    expect(await lake.read('SELECT "__proto__" AS own FROM "__proto__"')).toEqual([{ own: 'kept' }]);
    expect(await lake.open({ connection: 'toString' }).readState()).toBeUndefined();
  });

  test('of two connections whose names differ by case only are two', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [], 1, 'Sync');
    await commit(lake, 'b1', [], 2, 'sync');
    expect((await lake.open({ connection: 'Sync' }).readState())?.streams).toEqual({ calls: { n: 1 } });
    expect((await lake.open({ connection: 'sync' }).readState())?.streams).toEqual({ calls: { n: 2 } });
  });
});

describe('a batch that was stored, but not its state', () => {
  test.each(['lake:after-entry', 'lake:before-state'])(
    'broken off at %s is not stored again when it is sent again',
    async (point) => {
      const lake = await createLake();
      const rows = [event('1'), event('2'), user('u')];
      await failAt(lake, point, 'b1', rows);
      expect(await idsIn(lake, 'events')).toEqual(['1', '2']);
      expect(await lake.open().readState()).toBeUndefined();
      const [events] = await commit(lake, 'b1', rows, 99);
      expect(events).toMatchObject({ stream: 'events', staged: 2, written: 0, superseded: 2 });
      expect(await idsIn(lake, 'events')).toEqual(['1', '2']);
      expect(await idsIn(lake, 'users')).toEqual(['u']);
      expect(await lake.entries('events')).toHaveLength(1);
      expect((await lake.open().readState())?.seq).toBe(1);
    },
  );

  test('is absorbed by key when the source is read again and says something else', async () => {
    const lake = await createLake();
    await failAt(lake, 'lake:before-state', 'b1', [call('1', null, 1), call('2', null, 1)]);
    await commit(lake, 'b1 read again', [call('1', null, 2), call('2', null, 1), call('3', null, 1)]);
    expect(await lake.read('SELECT id, updated FROM calls ORDER BY id')).toEqual([
      { id: '1', updated: 2 },
      { id: '2', updated: 1 },
      { id: '3', updated: 1 },
    ]);
    expect((await lake.open().readState())?.seq).toBe(1);
  });

  test('is found behind what others did to the table since', async () => {
    const lake = await createLake();
    await failAt(lake, 'lake:before-state', 'b1', [event('1')]);
    for (let n = 1; n <= 12; n++) await commit(lake, `o${n}`, [event(`other ${n}`)], n, 'other');
    await commit(lake, 'b1', [event('1')], 99);
    expect((await idsIn(lake, 'events')).filter((id) => id === '1')).toEqual(['1']);
  });
});

test('the same lines upon another state are another batch: who loads a file twice means it', async () => {
  const lake = await createLake();
  await commit(lake, 'b1', [event('1')], 1);
  const [counts] = await commit(lake, 'b1', [event('1')], 1);
  expect(counts).toMatchObject({ staged: 1, written: 1 });
  expect(await idsIn(lake, 'events')).toEqual(['1', '1']);
});

describe('what is damaged stops everybody, and nothing is changed', () => {
  async function expectRefusal(lake: Lake, expected: object, reads = true) {
    const before = await readdir(lake.root, { recursive: true });
    const destination = lake.open();
    await expect(destination.preflight()).rejects.toMatchObject(expected);
    if (reads) await expect(lake.read('SELECT 1')).rejects.toMatchObject(expected);
    const batch = createBatchMaker(destination).make('b2', [call('2', null)]);
    await expect(destination.commit(batch)).rejects.toMatchObject(expected);
    await destination.close();
    expect(await readdir(lake.root, { recursive: true })).toEqual(before);
  }

  const refusal = { area: 'destination', message: expect.stringContaining('cannot be read') };

  test.each([
    ['that is damaged', '{"add":'],
    ['without what an action needs', '{"add":{"path":"x"}}'],
  ])('an entry %s', async (_, content) => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', null)]);
    await writeFile(join(lake.root, 'calls/_delta_log/00000000000000000001.json'), content);
    await expectRefusal(lake, refusal);
  });

  test.each([
    ['damaged', '{"format":1,'],
    ['of a newer version', '{"format":2}'],
  ])('a state that is %s', async (_, content) => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', null)]);
    await writeFile(join(lake.root, stateFolder, '0000000002.json'), content);
    const destination = lake.open();
    const expected = { area: 'destination', hint: expect.stringContaining('nothing was changed') };
    await expect(destination.readState()).rejects.toMatchObject(expected);
    await expect(destination.commit(createBatchMaker(destination).make('b2', [call('2', null)]))).rejects.toMatchObject(
      expected,
    );
    expect(await idsIn(lake)).toEqual(['1']);
  });

  test.each([
    [
      'deletion vectors',
      {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ['deletionVectors'],
        writerFeatures: ['deletionVectors'],
      },
      'deletionVectors',
    ],
    ['a reader version that is not there yet', { minReaderVersion: 4, minWriterVersion: 8 }, 'reader version 4'],
  ])('a table with %s is refused by name', async (_, protocol, named) => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', null)]);
    await writeFile(join(lake.root, 'calls/_delta_log/00000000000000000001.json'), `${JSON.stringify({ protocol })}\n`);
    await expectRefusal(lake, { area: 'destination', message: expect.stringMatching(new RegExp(`calls.*${named}`)) });
  });

  test('a table with column mapping is refused, too', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', null)]);
    const [actions = []] = await lake.entries('calls');
    const metaData = actions.find((action) => action.metaData)?.metaData;
    const mapped = { ...metaData, configuration: { ...metaData?.configuration, 'delta.columnMapping.mode': 'name' } };
    const protocol = { minReaderVersion: 2, minWriterVersion: 5 };
    const lines = [{ protocol }, { metaData: mapped }].map((action) => `${JSON.stringify(action)}\n`).join('');
    await writeFile(join(lake.root, 'calls/_delta_log/00000000000000000001.json'), lines);
    await expectRefusal(lake, { area: 'destination', message: expect.stringContaining('column mapping') });
  });

  test('a table with rules for writers only can still be read', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [call('1', null)]);
    const protocol = { minReaderVersion: 1, minWriterVersion: 4 };
    await writeFile(join(lake.root, 'calls/_delta_log/00000000000000000001.json'), `${JSON.stringify({ protocol })}\n`);
    await expectRefusal(lake, { area: 'destination', message: expect.stringContaining('writer version 4') }, false);
    expect(await idsIn(lake)).toEqual(['1']);
  });

  test('a Delta table of somebody else in the place of a stream', async () => {
    const lake = await createLake();
    await commit(lake, 'b1', [user('u')]);
    const [actions = []] = await lake.entries('users');
    const foreign = actions.map((action) =>
      action.metaData ? { metaData: { ...action.metaData, configuration: {} } } : action,
    );
    await writeFile(
      join(lake.root, 'users/_delta_log/00000000000000000000.json'),
      foreign.map((action) => `${JSON.stringify(action)}\n`).join(''),
    );
    await expect(commit(lake, 'b2', [user('v')], 2)).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('was not made by gong-elt'),
    });
    expect(await idsIn(lake, 'users')).toEqual(['u']);
  });
});
