// A DuckDB file that the target writes to, and messages as taps write them.
import type { JsonObject } from '../../../src/core/json.ts';
import type { StoredPlaceIn } from '../../contracts/stored-place.ts';
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

export async function openModesPlace(placeIn: StoredPlaceIn, settings: JsonObject = {}) {
  const folder = await openFolder();
  const stored = placeIn(folder);
  const config = await writeJson(folder, 'config.json', { path: stored.path, ...settings });
  return {
    folder,
    config,
    rows: stored.read,
    load: (messages: readonly JsonObject[], options: RunOptions = {}) =>
      runTarget(['--config', config], { input: toInput(messages), cwd: folder, ...options }),
    ids: async (condition = 'true') =>
      (await stored.read(`SELECT id FROM deals WHERE ${condition} ORDER BY id`)).map(({ id }) => String(id)),
    tables: stored.tables,
  };
}
