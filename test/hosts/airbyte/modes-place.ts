// A file or a lake that destination-duckdb writes to, with catalogs and messages as hosts write them.
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import type { StoredPlaceIn } from '../../contracts/stored-place.ts';
import { openFolder, writeJson } from '../../support/folder.ts';
import type { RunOptions } from '../../support/run-node.ts';
import { errorsOf, payloadsOf, runDestination } from './bins.ts';

const properties = { id: { type: 'string' }, n: { type: ['null', 'integer'] } };

/** A stream of the catalog: by default appended, without a key. */
export function stream(name: string, extra: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return {
    stream: {
      name,
      json_schema: { type: 'object', properties: { ...properties, ...more } },
      supported_sync_modes: ['full_refresh', 'incremental'],
    },
    sync_mode: 'full_refresh',
    destination_sync_mode: 'append',
    primary_key: [],
    cursor_field: ['n'],
    ...extra,
  };
}
export const dedup = { destination_sync_mode: 'append_dedup', primary_key: [['id']] };
export const overwrite = { destination_sync_mode: 'overwrite' };
export const generation = (id: number, minimum = id) => ({
  generation_id: id,
  minimum_generation_id: minimum,
  sync_id: 7,
});

export const record = (id: string, n = 1, name = 'calls', more: JsonObject = {}) =>
  JSON.stringify({ type: 'RECORD', record: { stream: name, data: { id, n, ...more }, emitted_at: 1_760_000_000_000 } });
export const state = (content: JsonValue, name = 'calls') =>
  JSON.stringify({
    type: 'STATE',
    state: { id: 3, type: 'STREAM', stream: { stream_descriptor: { name }, stream_state: content } },
  });
export const status = (word: string, name = 'calls') =>
  JSON.stringify({
    type: 'TRACE',
    trace: { type: 'STREAM_STATUS', emitted_at: 1, stream_status: { stream_descriptor: { name }, status: word } },
  });
export const traceError = (name?: string) =>
  JSON.stringify({
    type: 'TRACE',
    trace: {
      type: 'ERROR',
      emitted_at: 1,
      error: { message: 'x', ...(name === undefined ? {} : { stream_descriptor: { name } }) },
    },
  });
export const complete = status('COMPLETE');

export interface Written {
  readonly code: number | null;
  /** The states that came back, each as its content. */
  readonly states: readonly JsonValue[];
  readonly counts: readonly JsonValue[];
  readonly errors: readonly string[];
  readonly logs: readonly string[];
}

export async function openModesPlace(placeIn: StoredPlaceIn, config: JsonObject = {}) {
  const folder = await openFolder();
  const stored = placeIn(folder);
  const configPath = await writeJson(folder, 'config.json', { path: stored.path, ...config });
  return {
    folder,
    config: configPath,
    /** @param options.cut the input ends without the newline of its last line */
    async write(
      streams: readonly JsonObject[],
      lines: readonly string[],
      { cut = false, ...options }: RunOptions & { cut?: boolean } = {},
    ): Promise<Written> {
      const catalog = await writeJson(folder, 'catalog.json', { streams: [...streams] });
      const input = lines.map((line) => `${line}\n`).join('');
      const ended = await runDestination(['write', '--config', configPath, '--catalog', catalog], {
        input: cut ? input.slice(0, -2) : input,
        ...options,
      });
      // A state goes back as it came, so not each one is what the protocol asks for.
      const messages = ended.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as JsonObject);
      const states = payloadsOf(messages, 'STATE');
      return {
        code: ended.code,
        states: states.map(({ stream: own }) => (own as JsonObject)['stream_state'] ?? null),
        counts: states.map(({ destinationStats }) => (destinationStats as JsonObject)['recordCount'] ?? null),
        errors: errorsOf(messages).map(({ message }) => String(message)),
        logs: payloadsOf(messages, 'LOG').map(({ message }) => String(message)),
      };
    },
    rows: stored.read,
    /** `id` of every row, in order. */
    async ids(table = 'calls'): Promise<string[]> {
      return (await stored.read(`SELECT id FROM "${table}" ORDER BY id, n`)).map(({ id }) => String(id));
    },
    tables: stored.tables,
  };
}

export type ModesPlace = Awaited<ReturnType<typeof openModesPlace>>;
