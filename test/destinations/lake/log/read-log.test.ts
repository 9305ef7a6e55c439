// Logs that others wrote: checkpoints in several parts, gaps, members that we do not know.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { actionsOf, retentionMs, writeCheckpoint } from '../../../../src/destinations/lake/log/checkpoint.ts';
import { readSnapshot, type TablePlace } from '../../../../src/destinations/lake/log/read-log.ts';
import { completed, emptyDraft, replay } from '../../../../src/destinations/lake/log/snapshot.ts';
import { openInMemory } from '../../../../src/duckdb/connection.ts';
import type { Session } from '../../../../src/duckdb/session.ts';
import { openFileFolder } from '../../../../src/store/file-folder.ts';

const protocol = { minReaderVersion: 1, minWriterVersion: 2 };
const metaData = {
  id: 'x',
  format: { provider: 'parquet', options: {} },
  schemaString: '{"type":"struct","fields":[]}',
  partitionColumns: [],
  configuration: { 'delta.x': 'y' },
};
const add = (path: string) => ({
  path,
  partitionValues: { month: '2026-01' },
  size: 5,
  modificationTime: 7,
  dataChange: true,
});
const remove = (path: string, deletionTimestamp: number) => ({ path, deletionTimestamp, dataChange: true });

async function withTable(use: (session: Session, table: TablePlace, log: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'gong-elt-log-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const log = join(root, 't/_delta_log');
  await mkdir(log, { recursive: true });
  const database = await openInMemory({ folders: [root] });
  await database
    .exclusive((session) => use(session, { store: openFileFolder(root), folder: 't' }, log))
    .finally(() => database.close());
}

const entryPath = (log: string, version: number) => join(log, `${String(version).padStart(20, '0')}.json`);
const lines = (...actions: object[]) => actions.map((action) => `${JSON.stringify(action)}\n`).join('');

test('a table is what its entries say, one after the other', async () => {
  await withTable(async (session, table, log) => {
    expect(await readSnapshot(session, table)).toBeUndefined();
    await writeFile(
      entryPath(log, 0),
      lines({ commitInfo: { any: 'thing' } }, { protocol }, { metaData }, { add: add('a') }),
    );
    const first = await readSnapshot(session, table);
    await writeFile(
      entryPath(log, 1),
      lines({ remove: remove('a', 9) }, { add: add('b') }, { txn: { appId: 'x', version: 3 } }, { cdc: {} }),
    );
    await writeFile(entryPath(log, 2), lines({ add: { ...add('c'), tags: { x: 'y' } } }));
    for (const known of [undefined, first]) {
      const snapshot = await readSnapshot(session, table, known);
      expect([...(snapshot?.files.keys() ?? [])]).toEqual(['b', 'c']);
      expect([...(snapshot?.tombstones.keys() ?? [])]).toEqual(['a']);
      expect([snapshot?.version, snapshot?.txns.get('x')?.version]).toEqual([2, 3]);
    }
    expect([...(first?.files.keys() ?? [])]).toEqual(['a']);
  });
});

test('a checkpoint says the same as the entries before it, also when it is in several parts', async () => {
  await withTable(async (session, table, log) => {
    const actions = [
      { protocol },
      { metaData },
      { txn: { appId: 'x', version: 3 } },
      { add: add('a') },
      { add: add('b') },
      { remove: remove('c', 9) },
    ];
    const snapshot = completed(replay(emptyDraft, [{ version: 12, actions }]));
    if (snapshot === undefined) throw new Error('no snapshot');
    await writeCheckpoint(session, table, snapshot, 'tmp', 10);
    const read = await readSnapshot(session, table);
    expect(read).toMatchObject({ version: 12, checkpoint: 12, protocol, metaData });
    expect([...(read?.files.values() ?? [])]).toMatchObject(
      [add('a'), add('b')].map((file) => ({ ...file, dataChange: false })),
    );
    expect(read?.tombstones.get('c')?.deletionTimestamp).toBe(9);
    expect(read?.txns.get('x')?.version).toBe(3);
    const forReaders = await readSnapshot(session, table, undefined, false);
    expect(forReaders).toEqual({ ...read, tombstones: new Map() });

    const name = (part: number) => join(log, `00000000000000000012.checkpoint.000000000${part}.0000000002.parquet`);
    const whole = join(log, '00000000000000000012.checkpoint.parquet');
    for (const [part, rest] of [
      [1, 'LIMIT 3'],
      [2, 'OFFSET 3'],
    ] as const)
      await session.run(`COPY (SELECT * FROM read_parquet('${whole}') ${rest}) TO '${name(part)}'`);
    await rm(whole);
    expect(await readSnapshot(session, table)).toEqual(read);
    await writeFile(join(log, '_last_checkpoint'), '{"version":12,"size":6,"parts":2}');
    expect(await readSnapshot(session, table)).toEqual(read);
    await rm(name(2));
    await expect(readSnapshot(session, table)).rejects.toMatchObject({ area: 'destination' });
  });
});

test('a log whose beginning is gone, and that has no checkpoint, is damaged', async () => {
  await withTable(async (session, table, log) => {
    await writeFile(entryPath(log, 3), lines({ protocol }, { metaData }));
    await expect(readSnapshot(session, table)).rejects.toMatchObject({
      area: 'destination',
      message: expect.stringContaining('t/_delta_log'),
    });
  });
});

test('a checkpoint keeps tombstones as long as their files stay', () => {
  const now = 100 * retentionMs;
  const actions = [
    { protocol },
    { metaData },
    { remove: remove('old', now - retentionMs) },
    { remove: remove('new', now - retentionMs + 1) },
  ];
  const snapshot = completed(replay(emptyDraft, [{ version: 0, actions }]));
  const kept = snapshot && actionsOf(snapshot, now).flatMap((action) => action.remove?.path ?? []);
  expect(kept).toEqual(['new']);
});

test('a checkpoint is for its owner only', async () => {
  await withTable(async (session, table, log) => {
    const snapshot = completed(replay(emptyDraft, [{ version: 9, actions: [{ protocol }, { metaData }] }]));
    if (snapshot === undefined) throw new Error('no snapshot');
    await writeCheckpoint(session, table, snapshot, 'tmp', 10);
    expect(JSON.parse(await readFile(join(log, '_last_checkpoint'), 'utf8'))).toEqual({ version: 9, size: 2 });
  });
});
