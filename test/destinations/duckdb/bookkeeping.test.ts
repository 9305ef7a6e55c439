// Our own tables in the file: the state row as the last word between two processes, the format, and whose table is whose.
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { StoredState } from '../../../src/core/fence.ts';
import {
  createBooks,
  findOwnedTable,
  findState,
  hasBooks,
  recordTable,
  writeState,
} from '../../../src/destinations/duckdb/bookkeeping.ts';
import { openForWriting } from '../../../src/duckdb/connection.ts';
import type { Session } from '../../../src/duckdb/session.ts';
import { createWarehouse } from './warehouse.ts';

async function withBooks<T>(use: (session: Session) => Promise<T>): Promise<T> {
  const { folder, path } = await createWarehouse();
  const database = await openForWriting(path, { spillFolder: join(folder, 'spill') });
  onTestFinished(() => database.close());
  return await database.exclusive(async (session) => {
    await createBooks(session);
    return await use(session);
  });
}

const state = (seq: number, batchId = `b${seq}`): StoredState => ({ seq, batchId, streams: { calls: { n: seq } } });
const now = Date.UTC(2026, 0, 1);

describe('the state row', () => {
  test('moves by one from the state before, and from no other', async () => {
    await withBooks(async (session) => {
      const write = (next: StoredState, connection = 'sync') => writeState(session, connection, next, now);
      expect(await write(state(2))).toBe(false);
      expect(await findState(session, 'sync')).toBeUndefined();
      expect(await write(state(1))).toBe(true);
      expect(await write(state(1, 'of another process'))).toBe(false);
      expect(await write(state(3))).toBe(false);
      expect(await findState(session, 'sync')).toEqual(state(1));
      expect(await write(state(2))).toBe(true);
      expect(await write(state(2, 'of another process'))).toBe(false);
      expect(await findState(session, 'sync')).toEqual(state(2));
    });
  });

  test('is one per connection', async () => {
    await withBooks(async (session) => {
      expect(await writeState(session, 'one', state(1), now)).toBe(true);
      expect(await writeState(session, 'two', state(1), now)).toBe(true);
      expect(await writeState(session, 'one', state(2), now)).toBe(true);
      expect(await findState(session, 'two')).toEqual(state(1));
    });
  });
});

test.each([
  [1, true],
  [2, 'newer version'],
])('a file of format %i is %s', async (version, expected) => {
  await withBooks(async (session) => {
    await session.run('UPDATE _gong_elt.format SET version = $1', [version]);
    expect(await hasBooks(session, 'shown').catch((error: Error) => error.message)).toEqual(
      expected === true ? true : expect.stringContaining(String(expected)),
    );
  });
});

test('a table is found by namespace, stream and schema, all three', async () => {
  await withBooks(async (session) => {
    const owned = (table: string, schema = 'main') => ({ schema, table, columns: new Map([['Id', 'Id_2']]) });
    await recordTable(session, { name: 'calls' }, owned('none'));
    await recordTable(session, { name: 'calls', namespace: 'gong' }, owned('gong'));
    await recordTable(session, { name: 'calls' }, owned('other', 'other'));
    await recordTable(session, { name: 'users' }, owned('users'));
    await recordTable(session, { name: 'calls' }, owned('none, again'));
    const find = (name: string, schema: string, namespace?: string) =>
      findOwnedTable(session, { name, namespace }, schema);
    expect(await find('calls', 'main')).toEqual(owned('none, again'));
    expect(await find('calls', 'main', 'gong')).toEqual(owned('gong'));
    expect(await find('calls', 'other')).toEqual(owned('other', 'other'));
    expect(await find('calls', 'other', 'gong')).toBeUndefined();
    expect(await find('users', 'other')).toBeUndefined();
  });
});
