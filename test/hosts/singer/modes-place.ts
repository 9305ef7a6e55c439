// A DuckDB file that the target writes to, and messages as taps write them.
import { join } from 'node:path';
import type { JsonObject } from '../../../src/core/json.ts';
import { openForReading } from '../../../src/duckdb/connection.ts';
import { openFolder, writeJson } from '../../support/folder.ts';
import type { RunOptions } from '../../support/run-node.ts';
import { runTarget, toInput } from './bins.ts';

export const schema = (more: JsonObject = {}, keys: readonly string[] = ['id'], stream = 'deals'): JsonObject => ({
  type: 'SCHEMA',
  stream,
  schema: { type: 'object', properties: { id: { type: 'string' }, amount: { type: ['null', 'integer'] }, ...more } },
  key_properties: [...keys],
});
/** @param version of the table; undefined: the record says none */
export const deal = (id: string, version?: number, more: JsonObject = {}, stream = 'deals'): JsonObject => ({
  type: 'RECORD',
  stream,
  record: { id, amount: 1, ...more },
  ...(version === undefined ? {} : { version }),
});
export const activate = (version: number, stream = 'deals', type = 'ACTIVATE_VERSION'): JsonObject => ({
  type,
  stream,
  version,
});
export const state = (n: number): JsonObject => ({ type: 'STATE', value: { n } });

export async function openModesPlace(settings: JsonObject = {}) {
  const folder = await openFolder();
  const path = join(folder, 'w.duckdb');
  const config = await writeJson(folder, 'config.json', { path, ...settings });
  async function rows(sql: string): Promise<JsonObject[]> {
    const database = await openForReading(path);
    return await database.exclusive((session) => session.rows(sql)).finally(() => database.close());
  }
  return {
    folder,
    path,
    config,
    rows,
    load: (messages: readonly JsonObject[], options: RunOptions = {}) =>
      runTarget(['--config', config], { input: toInput(messages), cwd: folder, ...options }),
    ids: async (condition = 'true') =>
      (await rows(`SELECT id FROM deals WHERE ${condition} ORDER BY id`)).map(({ id }) => String(id)),
    tables: async () =>
      (await rows("SELECT table_name FROM duckdb_tables() WHERE schema_name <> '_gong_elt' ORDER BY 1")).map((row) =>
        String(row['table_name']),
      ),
  };
}
